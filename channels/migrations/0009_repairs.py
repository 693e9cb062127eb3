"""What people changed in rejects stands beside them, and a reject stays as it was received. What it is worth is kept.

Rejects that were changed before have the change in `raw`: it becomes a repair, with who made it and when where the audit
log knows, and the message as received comes back out of its request, where that is still kept. No row goes.
"""

from django.db import migrations

from kernel import planner
from kernel.db import array, rows, run

STEP = 1_000  # rejects at a time
FIRST = "00000000-0000-0000-0000-000000000000"

TABLE = """
create table channels_repair (
    workspace_id bigint not null,
    reject_id uuid not null,
    number integer not null,
    at timestamptz not null default now(),
    actor text not null,
    fix jsonb,
    raw text,
    request uuid,
    primary key (workspace_id, reject_id, number)
);
alter table channels_repair alter column raw set statistics 0;
alter table channels_reject add column money numeric, add column currency text;
drop index channels_reject_open;
create index channels_reject_open on channels_reject (workspace_id, received_at desc, id)
    include (reason, field, connector_id, money, currency) where state = 'open';
"""
BACK = """
drop index channels_reject_open;
create index channels_reject_open on channels_reject (workspace_id, received_at desc, id)
    include (reason, connector_id) where state = 'open';
update channels_reject r set raw = p.raw
from (select distinct on (workspace_id, reject_id) workspace_id, reject_id, raw from channels_repair
      where raw is not null order by workspace_id, reject_id, number desc) p
where p.workspace_id = r.workspace_id and p.reject_id = r.id;
alter table channels_reject drop column money, drop column currency;
drop table channels_repair;
"""
# The last change of each reject that was changed by hand: older ones were written over.
CHANGED = """
select distinct on (r.workspace_id, r.id) r.workspace_id, r.id, r.received_at, r.request, r.position, r.raw, a.actor, a.at
from channels_reject r
join kernel_audit a on a.workspace_id = r.workspace_id and a.target = r.id::text and a.action = 'reject.mend'
order by r.workspace_id, r.id, a.at desc
"""
REQUEST = """
select door, body from channels_inbox
where workspace_id = %(workspace)s::bigint and received_at = %(received_at)s::timestamptz and request = %(request)s::uuid
"""
KEEP = """
with repair as (
    insert into channels_repair (workspace_id, reject_id, number, at, actor, raw)
    values (%(workspace)s::bigint, %(reject)s::uuid, 1, %(at)s::timestamptz, %(actor)s::text, %(changed)s::text)
)
update channels_reject set raw = %(received)s::text
where workspace_id = %(workspace)s::bigint and id = %(reject)s::uuid
"""
SOME = """
select id, raw from channels_reject where id > %(after)s::uuid order by id limit %(step)s::int
"""
WORTH = """
update channels_reject r set money = t.money, currency = t.currency
from unnest(%(ids)s::uuid[], %(money)s::numeric[], %(currencies)s::text[]) as t(id, money, currency)
where r.id = t.id
"""


def as_received(apps, schema_editor):
    from channels.mapping import decode

    db = schema_editor.connection
    for workspace, reject, received_at, request, position, changed, actor, at in rows(db, CHANGED):
        place = rows(db, REQUEST, workspace=workspace, received_at=received_at, request=request)
        items = decode.opened(*place[0]).items if place else []
        if not 0 <= position < len(items):
            continue
        received = items[position].decode("utf-8", "replace").replace("\x00", "")
        if received != changed:
            run(
                db,
                KEEP,
                workspace=workspace,
                reject=str(reject),
                received=received,
                changed=changed,
                actor=actor,
                at=at,
            )


def worth(apps, schema_editor):
    from channels.inbox import worth

    db, after = schema_editor.connection, FIRST
    while found := rows(db, SOME, after=after, step=STEP):
        after = str(found[-1][0])
        told = [(reject, *worth.of(raw)) for reject, raw in found]
        known = [one for one in told if one[1] is not None]
        ids, money, currencies = (array(one[place] for one in known) for place in range(3))
        run(db, WORTH, ids=ids, money=money, currencies=currencies)


def forget(apps, schema_editor):
    planner.without_workspaces(schema_editor.connection, "channels")


class Migration(migrations.Migration):
    dependencies = [("channels", "0008_reject_params"), ("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLE, BACK),
        migrations.RunPython(as_received, migrations.RunPython.noop),
        migrations.RunPython(worth, migrations.RunPython.noop),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
