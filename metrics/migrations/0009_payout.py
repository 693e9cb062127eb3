"""The lines of platforms' bills: what is paid out for an order."""

from django.db import migrations

from kernel import planner

ADD = """
create table metrics_payout (
    workspace_id int not null,
    channel_id int not null,
    order_id text collate "C" not null,
    ref text collate "C" not null,         -- its own `id`; an order has one without
    at timestamptz not null,
    day date not null,
    amount numeric not null,               -- below 0: taken back
    currency text not null,
    fees numeric,
    id uuid not null,
    received_at timestamptz not null,
    request uuid not null,
    position int not null,
    primary key (workspace_id, channel_id, order_id, ref)
);
create index metrics_payout_newest on metrics_payout (workspace_id, at desc, id);
create index metrics_payout_day on metrics_payout (workspace_id, day, channel_id);
"""


def forget(apps, schema_editor):
    planner.plain_by_name(schema_editor.connection, "metrics_payout")


class Migration(migrations.Migration):
    dependencies = [("metrics", "0008_settlement")]
    operations = [
        migrations.RunSQL(ADD, "drop table metrics_payout"),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
