-- conflicts
-- Refused edges: time, key, the two ends, evidence, whether of class 0. A page's conditions and order follow.
select c.first_t, c.key, c.a, c.b, c.first_m, c.first_e, c.manual
from (
    select e.first_t, x.key::text || y.key::text as key, e.a, e.b, e.first_m, e.first_e, false as manual
    from profiles_edge e
    join profiles_identifier x on x.workspace_id = e.workspace_id and x.id = e.a
    join profiles_identifier y on y.workspace_id = e.workspace_id and y.id = e.b
    where e.workspace_id = %(workspace)s::int and e.refused
    union all
    select m.first_t, x.key::text || y.key::text || '0', m.a, m.b, m.first_m, m.first_e, true
    from profiles_manual m
    join profiles_identifier x on x.workspace_id = m.workspace_id and x.id = m.a
    join profiles_identifier y on y.workspace_id = m.workspace_id and y.id = m.b
    where m.workspace_id = %(workspace)s::int
        and not x.shared and not y.shared and x.profile_id <> y.profile_id
) c

-- count
-- How many refused edges there are.
select (
    select count(*) from profiles_edge where workspace_id = %(workspace)s::int and refused
) + (
    select count(*)
    from profiles_manual m
    join profiles_identifier x on x.workspace_id = m.workspace_id and x.id = m.a
    join profiles_identifier y on y.workspace_id = m.workspace_id and y.id = m.b
    where m.workspace_id = %(workspace)s::int
        and not x.shared and not y.shared and x.profile_id <> y.profile_id
)

-- counts
-- How many values of each kind and namespace profiles hold.
select profile_id, kind, namespace, count(*)
from profiles_identifier
where workspace_id = %(workspace)s::int and profile_id = any(%(profiles)s::bigint[]) and not shared
group by profile_id, kind, namespace

-- apart
-- The pairs of these profiles that a cannot-link pair keeps apart.
select x.profile_id, y.profile_id
from profiles_cannot c
join profiles_identifier x on x.workspace_id = c.workspace_id and x.id = c.a
join profiles_identifier y on y.workspace_id = c.workspace_id and y.id = c.b
where c.workspace_id = %(workspace)s::int
    and x.profile_id = any(%(profiles)s::bigint[]) and y.profile_id = any(%(profiles)s::bigint[])

-- around
-- Edges between a profile and others that joined nobody: time, the end inside, the end outside, evidence, whether shared.
with mine as materialized (
    select id
    from profiles_identifier
    where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint
), near as (
    select e.first_t, e.a as inside, e.b as outside, e.first_m, e.first_e, e.refused
    from mine
    join profiles_edge e on e.workspace_id = %(workspace)s::int and e.a = mine.id
    union all
    select e.first_t, e.b, e.a, e.first_m, e.first_e, e.refused
    from mine
    join profiles_edge e on e.workspace_id = %(workspace)s::int and e.b = mine.id
)
select near.first_t, near.inside, near.outside, near.first_m, near.first_e, o.shared
from near
join profiles_identifier o on o.workspace_id = %(workspace)s::int and o.id = near.outside
where o.profile_id <> %(profile)s::bigint and (near.refused or o.shared)
order by near.first_t desc, near.inside, near.outside
limit %(limit)s::int

-- stands_with
-- With how many centres each value stands.
select asked.id, (
    select count(*)::int
    from profiles_edge e
    where e.workspace_id = %(workspace)s::int and e.b = asked.id and e.centred
)
from unnest(%(ids)s::bigint[]) as asked(id)
