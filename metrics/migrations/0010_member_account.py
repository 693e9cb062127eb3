"""Points and money on members' accounts."""

from django.db import migrations

from kernel import planner

ADD = """
create table metrics_member_account (
    workspace_id int not null,
    id uuid not null,
    channel_id int not null,
    sighting_id bigint,
    occurred_at timestamptz not null,
    day date not null,
    unit text not null,                    -- points, balance
    kind text not null,                    -- earned, spent, expired
    amount numeric not null,               -- below 0: it went out
    currency text not null,                -- '' of points
    reason text,                           -- as it was sent
    primary key (workspace_id, id)
);
create index metrics_member_account_sighting on metrics_member_account (workspace_id, sighting_id, occurred_at);
"""


def forget(apps, schema_editor):
    planner.plain_by_name(schema_editor.connection, "metrics_member_account")


class Migration(migrations.Migration):
    dependencies = [("metrics", "0009_payout")]
    operations = [
        migrations.RunSQL(ADD, "drop table metrics_member_account"),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
