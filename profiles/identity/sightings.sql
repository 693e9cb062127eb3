-- known_sightings +
-- Which of the batch's sightings we know, whose they are, and whether all that the batch brings of them is later.
select asked.n, s.id, s.owner, s.first_t < asked.first_t, i.profile_id, i.shared
from unnest(%(keys)s::uuid[], %(times)s::timestamptz[]) with ordinality as asked(key, first_t, n)
join profiles_sighting s on s.workspace_id = %(workspace)s::int and s.key = asked.key
join profiles_identifier i on i.workspace_id = %(workspace)s::int and i.id = s.owner

-- owners +
-- Whose these sightings are.
select s.id, s.owner, i.profile_id, i.shared
from profiles_sighting s
join profiles_identifier i on i.workspace_id = s.workspace_id and i.id = s.owner
where s.workspace_id = %(workspace)s::int and s.id = any(%(ids)s::bigint[])

-- known_identifiers +
-- Which of the batch's identifiers we know and whose they are (the profiles' lock rows come next, in id order).
select asked.n, i.id, i.profile_id, i.shared
from unnest(%(keys)s::uuid[]) with ordinality as asked(key, n)
join profiles_identifier i on i.workspace_id = %(workspace)s::int and i.key = asked.key

-- make_identifiers +
-- New identifiers in key order, each a profile of its own with a lock row; those made by others meanwhile are left out.
with made as (
    insert into profiles_identifier (workspace_id, id, key, kind, namespace, value, first_seen, profile_id)
    select %(workspace)s::int, t.id, t.key, t.kind, t.namespace, t.value, t.first_seen, t.id
    from (
        select nextval('profiles_identifier_id') as id, sorted.*
        from (
            select *
            from unnest(
                %(keys)s::uuid[], %(kinds)s::text[], %(namespaces)s::text[], %(values)s::text[],
                %(times)s::timestamptz[]
            ) as asked(key, kind, namespace, value, first_seen)
            order by key
        ) sorted
    ) t
    on conflict (workspace_id, key) do nothing
    returning id, key
), locks as (
    insert into profiles_profile (workspace_id, id)
    select %(workspace)s::int, id from made order by id
)
select id, key from made
