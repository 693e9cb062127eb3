-- people
-- The profiles that sightings belong to.
select asked.id, o.profile_id
from unnest(%(sightings)s::bigint[]) as asked(id)
cross join lateral (
    select o.profile_id from profiles_owner o
    where o.workspace_id = %(workspace)s::int and o.sighting_id = asked.id
    offset 0
) o

-- buyers
-- The customers of orders, where they are known: order, channel, sighting.
select asked.order_id, asked.channel_id, o.sighting_id
from unnest(%(orders)s::text[], %(channels)s::int[]) as asked(order_id, channel_id)
cross join lateral (
    select o.sighting_id from metrics_order o
    where o.workspace_id = %(workspace)s::int and o.order_id = asked.order_id and o.channel_id = asked.channel_id
    offset 0
) o
where o.sighting_id is not null
