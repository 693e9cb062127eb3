-- keep_numbers
-- Order numbers and the sightings named in their purchases; yields nothing.
insert into profiles_number (workspace_id, number, sighting_id)
select %(workspace)s::int, n.number, n.sighting
from unnest(%(numbers)s::text[], %(sightings)s::bigint[]) as n(number, sighting)
on conflict do nothing

-- by_whole
-- The profiles that some identifiers, or an order number, point to.
select i.profile_id from profiles_identifier i
where i.workspace_id = %(workspace)s::int and i.key = any(%(keys)s::uuid[])
union
select i.profile_id
from profiles_number n
join profiles_sighting s on s.workspace_id = %(workspace)s::int and s.id = n.sighting_id
join profiles_identifier i on i.workspace_id = %(workspace)s::int and i.id = s.owner
where n.workspace_id = %(workspace)s::int and n.number = %(number)s::text
