-- together
-- Waits until nobody has the lock alone, then holds it with others until the transaction ends.
select pg_advisory_xact_lock_shared(%(lock)s::int, %(workspace)s::int)

-- alone
-- Waits until nobody has the lock, then holds it alone until the transaction ends.
select pg_advisory_xact_lock(%(lock)s::int, %(workspace)s::int)

-- name_orders +
-- A lock row for every order number that has none; the numbers come sorted.
insert into metrics_order_ref (workspace_id, order_id)
select %(workspace)s::int, d.order_id from unnest(%(orders)s::text[]) with ordinality as d(order_id, n)
order by d.n
on conflict do nothing

-- lock_orders +
-- Locks order numbers in key order.
select 1
from metrics_order_ref r
where r.workspace_id = %(workspace)s::int and r.order_id = any(%(orders)s::text[])
order by r.order_id
for update

-- customers +
-- Everybody who may be, or come to be, the customer of these orders.
select distinct m.sighting_id
from metrics_order_message m
where m.workspace_id = %(workspace)s::int and m.order_id = any(%(orders)s::text[])
    and m.kind in ('order_completed', 'order_updated') and m.sighting_id is not null

-- name_facts
-- A lock row for every answer or ticket that has none; they come sorted.
insert into metrics_fact_ref (workspace_id, kind, channel_id, key)
select %(workspace)s::int, d.kind, d.channel, d.key
from unnest(%(kinds)s::text[], %(channels)s::int[], %(keys)s::text[]) with ordinality as d(kind, channel, key, n)
order by d.n
on conflict do nothing

-- lock_facts +
-- Locks answers and tickets in key order.
select 1
from unnest(%(kinds)s::text[], %(channels)s::int[], %(keys)s::text[]) as d(kind, channel, key)
join metrics_fact_ref r on r.workspace_id = %(workspace)s::int and r.kind = d.kind and r.channel_id = d.channel
    and r.key = d.key
order by r.kind, r.channel_id, r.key
for update of r

-- people +
-- Everybody who may be, or come to be, the person of these answers and tickets.
select distinct m.sighting_id
from unnest(%(kinds)s::text[], %(channels)s::int[], %(keys)s::text[]) as d(kind, channel, key)
join metrics_fact_message m on m.workspace_id = %(workspace)s::int and m.kind = d.kind
    and m.channel_id = d.channel and m.key = d.key
where m.sighting_id is not null
