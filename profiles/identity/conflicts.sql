-- conflicts
-- Refused edges: time, key, the two ends, evidence, whether of class 0. A page's conditions and order follow.
select c.first_t, c.key, c.a, c.b, c.first_m, c.first_e, c.manual
from (
    select e.first_t, x.key::text || y.key::text as key, e.a, e.b, '' as first_m, e.first_e, false as manual,
        least(x.profile_id, y.profile_id) as p, greatest(x.profile_id, y.profile_id) as q
    from profiles_edge e
    join profiles_identifier x on x.workspace_id = e.workspace_id and x.id = e.a
    join profiles_identifier y on y.workspace_id = e.workspace_id and y.id = e.b
    where e.workspace_id = %(workspace)s::int and e.refused
    union all
    select m.first_t, x.key::text || y.key::text || '0', m.a, m.b, m.first_m, m.first_e, true,
        least(x.profile_id, y.profile_id), greatest(x.profile_id, y.profile_id)
    from profiles_manual m
    join profiles_identifier x on x.workspace_id = m.workspace_id and x.id = m.a
    join profiles_identifier y on y.workspace_id = m.workspace_id and y.id = m.b
    where m.workspace_id = %(workspace)s::int
        and not x.shared and not y.shared and x.profile_id <> y.profile_id
        and not exists (
            select from profiles_waiting w where w.workspace_id = m.workspace_id and w.a = m.a and w.b = m.b
        )
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
        and not exists (
            select from profiles_waiting w where w.workspace_id = m.workspace_id and w.a = m.a and w.b = m.b
        )
)

-- around
-- Edges between a profile and others that joined nobody: time, the end inside, the end outside, evidence, whether shared.
with mine as materialized (
    select id
    from profiles_identifier
    where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint
), near as (
    select e.first_t, mine.id as inside, e.b as outside, e.first_e, e.refused
    from mine
    cross join lateral (
        select e.b, e.first_t, e.first_e, e.refused
        from profiles_edge e
        where e.workspace_id = %(workspace)s::int and e.a = mine.id
        offset 0
    ) e
    union all
    select e.first_t, mine.id, e.a, e.first_e, e.refused
    from mine
    cross join lateral (
        select e.a, e.first_t, e.first_e, e.refused
        from profiles_edge e
        where e.workspace_id = %(workspace)s::int and e.b = mine.id
        offset 0
    ) e
)
select near.first_t, near.inside, near.outside, near.first_e, o.shared
from near
cross join lateral (
    select i.profile_id, i.shared from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = near.outside
    offset 0
) o
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
