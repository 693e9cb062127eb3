-- named
-- Identifiers with the public id of their profile.
select i.id, i.key, i.kind, i.namespace, i.value, i.profile_id, l.key, i.shared
from profiles_identifier i
join profiles_identifier l on l.workspace_id = i.workspace_id and l.id = i.profile_id
where i.workspace_id = %(workspace)s::int and i.id = any(%(ids)s::bigint[])

-- find
-- Identifiers and their profiles by key.
select key, id, profile_id
from profiles_identifier
where workspace_id = %(workspace)s::int and key = any(%(keys)s::uuid[])

-- members
-- The identifiers of a profile.
select id
from profiles_identifier
where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint

-- identifiers
-- The identifiers of a profile with first and last sight and the channel of the earliest.
with mine as (
    select id, first_seen
    from profiles_identifier
    where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint
), owners as (
    select id from mine
    union
    select e.a from profiles_edge e join mine on mine.id = e.b where e.workspace_id = %(workspace)s::int
), holding as (
    select s.id as sighting_id, s.first_t, member.id
    from profiles_sighting s
    join owners on owners.id = s.owner
    cross join unnest(s.ids) as member(id)
    join mine on mine.id = member.id
    where s.workspace_id = %(workspace)s::int
)
select mine.id,
    coalesce(min(holding.first_t), mine.first_seen),
    coalesce(max(a.last_at), max(holding.first_t), mine.first_seen),
    (array_agg(a.channel_id order by a.first_at, a.channel_id) filter (where a.channel_id is not null))[1]
from mine
left join holding on holding.id = mine.id
left join profiles_activity a on a.workspace_id = %(workspace)s::int and a.sighting_id = holding.sighting_id
group by mine.id, mine.first_seen

-- edges
-- The edges inside a profile, by hand too.
with mine as materialized (
    select id
    from profiles_identifier
    where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint and not shared
)
select e.a, e.b, e.first_t, e.first_m, e.first_e, false
from profiles_edge e
join mine x on x.id = e.a
join mine y on y.id = e.b
where e.workspace_id = %(workspace)s::int
union all
select m.a, m.b, m.first_t, m.first_m, m.first_e, true
from profiles_manual m
join mine x on x.id = m.a
join mine y on y.id = m.b
where m.workspace_id = %(workspace)s::int
