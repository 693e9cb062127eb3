-- named
-- Identifiers with the public id of their profile.
select i.id, i.key, i.kind, i.namespace, i.value, i.profile_id, l.key, i.shared
from unnest(%(ids)s::bigint[]) as asked(id)
cross join lateral (
    select i.* from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = asked.id
    offset 0
) i
cross join lateral (
    select l.key from profiles_identifier l
    where l.workspace_id = %(workspace)s::int and l.id = i.profile_id
    offset 0
) l

-- find
-- Identifiers and their profiles by key.
select i.key, i.id, i.profile_id
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select i.key, i.id, i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = asked.key
    offset 0
) i

-- members
-- The identifiers of a profile.
select id
from profiles_identifier
where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint

-- identifiers
-- The identifiers of a profile with their first sight as far as it is kept.
select id, first_seen
from profiles_identifier
where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint

-- sights
-- When and where the identifiers of a profile were seen: first and last sight, the channel of the earliest. Only an
-- identifier's own sightings, and those of the ends of its edges, can hold it; `case` looks into a hash, whatever the
-- planner expects.
with mine as materialized (
    select id
    from profiles_identifier
    where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint
), owners as (
    select id from mine
    union
    select e.a
    from mine
    cross join lateral (
        select e.a from profiles_edge e
        where e.workspace_id = %(workspace)s::int and e.b = mine.id
        offset 0
    ) e
), holding as materialized (
    select s.id as sighting_id, s.first_t, member.id
    from owners
    cross join lateral (
        select s.id, s.first_t, coalesce(s.ids, array[s.owner]) as ids from profiles_sighting s
        where s.workspace_id = %(workspace)s::int and s.owner = owners.id
        offset 0
    ) s
    cross join unnest(s.ids) as member(id)
    where case when member.id in (select id from mine) then true else false end
)
select holding.id, min(holding.first_t), coalesce(max(a.last_at), max(holding.first_t)),
    (array_agg(a.channel_id order by a.first_at, a.channel_id) filter (where a.channel_id is not null))[1]
from holding
left join lateral (
    select a.channel_id, a.first_at, a.last_at from profiles_activity a
    where a.workspace_id = %(workspace)s::int and a.sighting_id = holding.sighting_id
    offset 0
) a on true
group by holding.id
