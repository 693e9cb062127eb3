"""Rows that change with every event change in place: no index over what changes, room on their pages.

A summary row holds the newest active days of its profile, so that counting need not read histories. A profile's last time is indexed by its day alone: all but the first event of a day then leave the indexes untouched.
"""

from django.db import migrations

ROOM = {
    "profiles_summary": 75,
    "profiles_activity": 80,
    "profiles_trait": 85,
}  # per cent of a page filled at first

# A profile's newest active days, as recent.py packs them.
RECENT = """
    update profiles_summary s set recent = found.recent[:6]
    from (
        select o.workspace_id, o.profile_id,
               array_agg(distinct (a.day - date '0001-01-01' + 1)::bigint << 32 | a.channel_id
                         order by (a.day - date '0001-01-01' + 1)::bigint << 32 | a.channel_id desc) as recent
        from profiles_activity a join profiles_owner o using (workspace_id, sighting_id)
        where a.active > 0
        group by 1, 2
    ) found
    where s.workspace_id = found.workspace_id and s.profile_id = found.profile_id
"""


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_tables")]
    operations = [
        migrations.RunSQL("drop index profiles_summary_seen"),
        migrations.RunSQL(
            "alter table profiles_summary add column last_day date not null"
            " generated always as ((last_seen at time zone 'UTC')::date) stored"
        ),
        migrations.RunSQL(
            "create index profiles_summary_day on profiles_summary (workspace_id, last_day desc)"
        ),
        migrations.RunSQL("alter table profiles_summary add column recent bigint[] not null default '{}'"),
        migrations.RunSQL(RECENT),
        *(
            migrations.RunSQL(f"alter table {table} set (fillfactor = {room})")
            for table, room in ROOM.items()
        ),
    ]
