-- people
-- The profiles that sightings belong to.
select asked.id, o.profile_id
from unnest(%(sightings)s::bigint[]) as asked(id)
cross join lateral (
    select o.profile_id from profiles_owner o
    where o.workspace_id = %(workspace)s::int and o.sighting_id = asked.id
    offset 0
) o
