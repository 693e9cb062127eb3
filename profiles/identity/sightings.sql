-- known_sightings +
-- Which of the batch's sightings we know, whose they are, and whether all that the batch brings of them is later.
select asked.n, s.id, s.owner, s.first_t < asked.first_t, i.profile_id
from unnest(%(keys)s::uuid[], %(times)s::timestamptz[]) with ordinality as asked(key, first_t, n)
join profiles_sighting s on s.workspace_id = %(workspace)s::int and s.key = asked.key
join profiles_identifier i on i.workspace_id = %(workspace)s::int and i.id = s.owner

-- owners +
-- Whose these sightings are.
select s.id, s.owner, i.profile_id
from profiles_sighting s
join profiles_identifier i on i.workspace_id = s.workspace_id and i.id = s.owner
where s.workspace_id = %(workspace)s::int and s.id = any(%(ids)s::bigint[])

-- known_identifiers +
-- Which of the batch's identifiers we know, whose they are, and since when.
select asked.n, i.id, i.profile_id, i.shared, i.first_seen
from unnest(%(keys)s::uuid[]) with ordinality as asked(key, n)
join profiles_identifier i on i.workspace_id = %(workspace)s::int and i.key = asked.key

-- new_identifiers +
-- Ids for identifiers never met.
select array_agg(nextval('profiles_identifier_id')) from generate_series(1, %(n)s::int)

-- new_sightings +
-- Ids for sightings never met.
select array_agg(nextval('profiles_sighting_id')) from generate_series(1, %(n)s::int)
