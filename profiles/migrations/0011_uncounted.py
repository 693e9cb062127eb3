"""Columns by which nothing is looked for are not counted: with tables that grow all day the server is at it all day, and
lists, texts and ids are the dearest to count. Existing counts stay and say nothing to anybody.
"""

from django.db import migrations

from profiles import partitions

UNCOUNTED = {
    "profiles_event": partitions.UNCOUNTED,
    "profiles_identifier": ("value",),
    "profiles_sighting": ("ids", "first_e"),
    "profiles_edge": ("first_e",),
    "profiles_activity": ("first_at", "last_at"),
    "profiles_summary": ("recent", "unconverted"),
    "profiles_trait": ("value", "first_event", "last_event"),
}


class Migration(migrations.Migration):
    dependencies = [("profiles", "0010_decided")]
    operations = [
        migrations.RunSQL(
            f"alter table {table} alter column {column} set statistics 0", migrations.RunSQL.noop
        )
        for table, columns in UNCOUNTED.items()
        for column in columns
    ]
