-- known +
-- Which of these values are kept: key (hex), id.
select replace(s.key::text, '-', ''), s.id
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select s.key, s.id from profiles_surrounding s
    where s.workspace_id = %(workspace)s::int and s.key = asked.key
    limit 1
) s

-- next +
-- Ids for values never met.
select array_agg(nextval('profiles_surrounding_id')) from generate_series(1, %(n)s::int)

-- of
-- Values by id, as JSON.
select s.id, s.data::text
from unnest(%(ids)s::int[]) as asked(id)
cross join lateral (
    select s.id, s.data from profiles_surrounding s
    where s.workspace_id = %(workspace)s::int and s.id = asked.id
    limit 1
) s
