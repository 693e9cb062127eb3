-- keep_numbers
-- Order numbers and the sightings named in their purchases; yields nothing.
insert into profiles_number (workspace_id, number, sighting_id)
select %(workspace)s::int, n.number, n.sighting
from unnest(%(numbers)s::text[], %(sightings)s::bigint[]) as n(number, sighting)
on conflict do nothing

-- by_whole
-- The profiles that some identifiers, or an order number, point to.
select i.profile_id
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = asked.key
    offset 0
) i
union
select i.profile_id
from profiles_number n
cross join lateral (
    select s.owner from profiles_sighting s
    where s.workspace_id = %(workspace)s::int and s.id = n.sighting_id
    offset 0
) s
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = s.owner
    offset 0
) i
where n.workspace_id = %(workspace)s::int and n.number = %(number)s::text

-- by_grams
-- The profiles whose name may hold a text.
select g.profile_id from profiles_gram g
where g.workspace_id = %(workspace)s::int and g.grams @> %(grams)s::text[]
