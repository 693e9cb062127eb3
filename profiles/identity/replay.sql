-- counts +
-- How many values of each kind and namespace profiles hold.
select profile_id, kind, namespace, count(*)
from profiles_identifier
where workspace_id = %(workspace)s::int and profile_id = any(%(profiles)s::bigint[]) and not shared
group by profile_id, kind, namespace

-- profiles_apart +
-- The pairs of these profiles that a cannot-link pair keeps apart.
select x.profile_id, y.profile_id
from profiles_cannot c
join profiles_identifier x on x.workspace_id = c.workspace_id and x.id = c.a
join profiles_identifier y on y.workspace_id = c.workspace_id and y.id = c.b
where c.workspace_id = %(workspace)s::int
    and x.profile_id = any(%(profiles)s::bigint[]) and y.profile_id = any(%(profiles)s::bigint[])
    and not x.shared and not y.shared

-- heads +
-- The leaders of profiles.
select id, key, kind, first_seen
from profiles_identifier
where workspace_id = %(workspace)s::int and id = any(%(ids)s::bigint[])

-- inside
-- The unshared identifiers of profiles.
select id, key, kind, namespace, value, first_seen, profile_id, shared
from profiles_identifier
where workspace_id = %(workspace)s::int and profile_id = any(%(ids)s::bigint[]) and not shared

-- edges
-- The unvoided edges, by hand too, with both ends in these profiles.
with inside as materialized (
    select id
    from profiles_identifier
    where workspace_id = %(workspace)s::int and profile_id = any(%(profiles)s::bigint[]) and not shared
)
select e.a, e.b, e.first_t, e.first_m, e.first_e, false
from profiles_edge e
join inside x on x.id = e.a
join inside y on y.id = e.b
where e.workspace_id = %(workspace)s::int
union all
select m.a, m.b, m.first_t, m.first_m, m.first_e, true
from profiles_manual m
join inside x on x.id = m.a
join inside y on y.id = m.b
where m.workspace_id = %(workspace)s::int

-- apart
-- The cannot-link pairs with both ends in these profiles.
select c.a, c.b
from profiles_cannot c
join profiles_identifier x on x.workspace_id = c.workspace_id and x.id = c.a
join profiles_identifier y on y.workspace_id = c.workspace_id and y.id = c.b
where c.workspace_id = %(workspace)s::int
    and x.profile_id = any(%(profiles)s::bigint[]) and y.profile_id = any(%(profiles)s::bigint[])
    and not x.shared and not y.shared

-- neighbours
-- All profiles that an unvoided edge of these leads to.
with inside as materialized (
    select id
    from profiles_identifier
    where workspace_id = %(workspace)s::int and profile_id = any(%(profiles)s::bigint[]) and not shared
), ends as (
    select e.b as id from profiles_edge e join inside on inside.id = e.a where e.workspace_id = %(workspace)s::int
    union
    select e.a from profiles_edge e join inside on inside.id = e.b where e.workspace_id = %(workspace)s::int
    union
    select m.b from profiles_manual m join inside on inside.id = m.a where m.workspace_id = %(workspace)s::int
    union
    select m.a from profiles_manual m join inside on inside.id = m.b where m.workspace_id = %(workspace)s::int
)
select distinct i.profile_id
from ends
join profiles_identifier i on i.workspace_id = %(workspace)s::int and i.id = ends.id
where not i.shared

-- relabel_profiles +
-- All members of profiles go to another leader. Yields identifier, profile before, profile after.
update profiles_identifier i
set profile_id = t.new
from unnest(%(olds)s::bigint[], %(news)s::bigint[]) as t(old, new)
where i.workspace_id = %(workspace)s::int and i.profile_id = t.old and not i.shared
returning i.id, t.old, t.new

-- relabel +
-- Identifiers go to other profiles.
update profiles_identifier i
set profile_id = t.profile_id
from unnest(%(ids)s::bigint[], %(profiles)s::bigint[]) as t(id, profile_id)
where i.workspace_id = %(workspace)s::int and i.id = t.id and i.profile_id <> t.profile_id

-- refused
-- Bring the flag of the edges at these identifiers up to date: neither end shared, and in different profiles.
update profiles_edge e
set refused = not e.refused
from (
    select a, b from profiles_edge where workspace_id = %(workspace)s::int and a = any(%(ids)s::bigint[])
    union
    select a, b from profiles_edge where workspace_id = %(workspace)s::int and b = any(%(ids)s::bigint[])
) t
join profiles_identifier x on x.workspace_id = %(workspace)s::int and x.id = t.a
join profiles_identifier y on y.workspace_id = %(workspace)s::int and y.id = t.b
where e.workspace_id = %(workspace)s::int and e.a = t.a and e.b = t.b
    and e.refused <> (not x.shared and not y.shared and x.profile_id <> y.profile_id)

-- owned +
-- The sightings of identifiers.
select id, owner
from profiles_sighting
where workspace_id = %(workspace)s::int and owner = any(%(ids)s::bigint[])

-- profiles_of +
-- The profiles of identifiers.
select id, profile_id
from profiles_identifier
where workspace_id = %(workspace)s::int and id = any(%(ids)s::bigint[])
