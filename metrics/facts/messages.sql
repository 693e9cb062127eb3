-- of_orders +
-- All messages about the given orders.
select m.order_id, m.id, m.message_id, m.occurred_at, m.kind, m.key, m.channel_id, m.order_channel_id,
    m.sighting_id, m.data
from metrics_order_message m
where m.workspace_id = %(workspace)s::int and m.order_id = any(%(orders)s::text[])

-- of_facts +
-- All messages of the given facts of one kind.
select m.channel_id, m.key, m.id, m.message_id, m.occurred_at, m.event_kind, m.key, m.channel_id,
    null::int as order_channel_id, m.sighting_id, m.data
from unnest(%(channels)s::int[], %(keys)s::text[]) as d(channel, key)
join metrics_fact_message m on m.workspace_id = %(workspace)s::int and m.kind = %(kind)s::text
    and m.channel_id = d.channel and m.key = d.key
