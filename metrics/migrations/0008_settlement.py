"""What a platform makes of an order's money: paid, discounts, fees, payout.

An order of which nothing of it is said has no row. Orders from before this migration, whose messages may have said it
all along, get theirs by `manage.py rebuild`.
"""

from django.db import migrations

from kernel import planner

ADD = """
create table metrics_settlement (
    workspace_id int not null,
    order_id text collate "C" not null,
    channel_id int not null,
    day date not null,                     -- the order's, as its currency
    currency text not null,
    paid numeric,                          -- by the customer
    merchant_discount numeric,
    platform_discount numeric,
    fees numeric,                          -- all of fee_kinds; null: not said
    fee_kinds text,                        -- JSON: a list of {"kind", "amount"}
    payout numeric,
    primary key (workspace_id, order_id, channel_id)
)
"""
DROP = "drop table metrics_settlement"


def forget(apps, schema_editor):
    planner.plain_by_name(schema_editor.connection, "metrics_settlement")


class Migration(migrations.Migration):
    dependencies = [("metrics", "0007_mirror_state")]
    operations = [migrations.RunSQL(ADD, DROP), migrations.RunPython(forget, migrations.RunPython.noop)]
