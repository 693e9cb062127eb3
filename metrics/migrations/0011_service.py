"""After-sales and payments: how often a ticket was opened again, who paid, what speaks of one order found by its number.

What is there already gets it here. Payments that speak of no order, which were no rows before, come by
`manage.py rebuild`, or as soon as anything speaks of their number again.
"""

from django.db import migrations

ADD = """
alter table metrics_ticket
    add column reopened int not null default 0,   -- how often it was opened again after it had been resolved
    add column closed_at timestamptz;             -- the resolution that stands; null: it is open
alter table metrics_payment add column sighting_id bigint;  -- who paid: the order's customer, else its own messages'
create index metrics_ticket_order on metrics_ticket (workspace_id, order_id) where order_id is not null;
create index metrics_answer_order on metrics_answer (workspace_id, order_id) where order_id is not null;
"""
TICKETS = """
update metrics_ticket t set reopened = d.reopened, closed_at = d.closed_at
from (
    select m.workspace_id, m.channel_id, m.key,
        count(*) filter (where m.again)::int as reopened,
        (array_agg(case when m.undone then null else m.occurred_at end
            order by m.occurred_at desc, m.message_id collate "C" desc, m.id desc)
            filter (where m.event_kind = 'ticket_resolved'))[1] as closed_at
    from (
        select x.*,
            x.event_kind = 'ticket_opened' and lag(x.event_kind) over told = 'ticket_resolved'
                and x.occurred_at > lag(x.occurred_at) over told as again,
            lead(x.event_kind) over told = 'ticket_opened' and lead(x.occurred_at) over told > x.occurred_at as undone
        from metrics_fact_message x
        where x.kind = 'ticket'
        window told as (
            partition by x.workspace_id, x.channel_id, x.key order by x.occurred_at, x.message_id collate "C", x.id
        )
    ) m
    group by m.workspace_id, m.channel_id, m.key
) d
where t.workspace_id = d.workspace_id and t.channel_id = d.channel_id and t.key = d.key
"""
PAYMENTS = """
update metrics_payment p set sighting_id = o.sighting_id
from metrics_order o
where o.workspace_id = p.workspace_id and o.order_id = p.order_id and o.channel_id = p.channel_id
    and o.sighting_id is not null
"""
DROP = """
drop index metrics_answer_order;
drop index metrics_ticket_order;
alter table metrics_payment drop column sighting_id;
alter table metrics_ticket drop column closed_at, drop column reopened;
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0010_member_account")]
    operations = [
        migrations.RunSQL(ADD, DROP),
        migrations.RunSQL(TICKETS, migrations.RunSQL.noop),
        migrations.RunSQL(PAYMENTS, migrations.RunSQL.noop),
    ]
