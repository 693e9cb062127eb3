-- sighting
-- The identifiers of a sighting and its owner.
select coalesce(ids, array[owner]), owner from profiles_sighting where workspace_id = %(workspace)s::int and id = %(sighting)s::bigint

-- edges
-- The edges for which an event is the earliest evidence; neither end outside the sighting.
select e.a, e.b, e.refused
from unnest(%(ids)s::bigint[]) as x(id)
cross join unnest(%(ids)s::bigint[]) as y(id)
cross join lateral (
    select e.a, e.b, e.refused from profiles_edge e
    where e.workspace_id = %(workspace)s::int and e.a = x.id and e.b = y.id and e.first_e = %(event)s::uuid
    offset 0
) e
order by e.a, e.b

-- values
-- The trait values whose first or latest evidence an event is.
select name, value, n, first_event, last_at from profiles_trait
where workspace_id = %(workspace)s::int and sighting_id = %(sighting)s::bigint
  and (first_event = %(event)s::uuid or last_event = %(event)s::uuid)
order by name, channel_id, hash
