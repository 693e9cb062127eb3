-- tickets
-- The tickets about an order: of its own channel's order first, else of the only one with that number.
select t.channel_id, t.key, t.topic, t.occurred_at, t.opened_at, t.first_response_at, t.resolved_at, t.closed_at,
    t.reopened
from metrics_ticket t
where t.workspace_id = %(workspace)s::int and t.order_id = %(order)s::text
    and (t.channel_id = %(channel)s::int or not exists (
        select from metrics_order o
        where o.workspace_id = %(workspace)s::int and o.order_id = %(order)s::text and o.channel_id <> %(channel)s::int
    ))
order by t.occurred_at, t.key

-- answers
-- The answers about an order, the same.
select a.channel_id, a.key, a.occurred_at, a.score, a.scale, a.satisfied, a.about, a.text
from metrics_answer a
where a.workspace_id = %(workspace)s::int and a.order_id = %(order)s::text
    and (a.channel_id = %(channel)s::int or not exists (
        select from metrics_order o
        where o.workspace_id = %(workspace)s::int and o.order_id = %(order)s::text and o.channel_id <> %(channel)s::int
    ))
order by a.occurred_at, a.key
