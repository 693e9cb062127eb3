-- heads +
-- The leaders of profiles.
select i.id, i.key, i.kind, i.first_seen
from unnest(%(ids)s::bigint[]) as asked(id)
cross join lateral (
    select i.id, i.key, i.kind, i.first_seen
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = asked.id
    offset 0
) i

-- inside
-- The unshared identifiers of profiles.
select i.id, i.key, i.kind, i.namespace, i.value, i.first_seen, i.profile_id, i.shared
from unnest(%(ids)s::bigint[]) as asked(profile)
cross join lateral (
    select i.*
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.profile_id = asked.profile and not i.shared
    offset 0
) i

-- apart
-- The cannot-link pairs with both ends in these profiles.
select c.a, c.b
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select i.id
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.profile_id = asked.profile and not i.shared
    offset 0
) x
cross join lateral (
    select c.a, c.b
    from profiles_cannot c
    where c.workspace_id = %(workspace)s::int and c.a = x.id
    offset 0
) c
cross join lateral (
    select i.profile_id, i.shared
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = c.b
    offset 0
) y
where not y.shared and y.profile_id = any(%(profiles)s::bigint[])

-- neighbours
-- All profiles that an unvoided edge of these leads to.
with inside as materialized (
    select i.id
    from unnest(%(profiles)s::bigint[]) as asked(profile)
    cross join lateral (
        select i.id
        from profiles_identifier i
        where i.workspace_id = %(workspace)s::int and i.profile_id = asked.profile and not i.shared
        offset 0
    ) i
), ends as (
    select e.id
    from inside
    cross join lateral (
        select e.b as id from profiles_edge e where e.workspace_id = %(workspace)s::int and e.a = inside.id offset 0
    ) e
    union
    select e.id
    from inside
    cross join lateral (
        select e.a as id from profiles_edge e where e.workspace_id = %(workspace)s::int and e.b = inside.id offset 0
    ) e
    union
    select m.id
    from inside
    cross join lateral (
        select m.b as id from profiles_manual m where m.workspace_id = %(workspace)s::int and m.a = inside.id offset 0
    ) m
    union
    select m.id
    from inside
    cross join lateral (
        select m.a as id from profiles_manual m where m.workspace_id = %(workspace)s::int and m.b = inside.id offset 0
    ) m
)
select distinct i.profile_id
from ends
cross join lateral (
    select i.profile_id, i.shared
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = ends.id
    offset 0
) i
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

-- refused +
-- Bring the flag of the edges at these identifiers up to date: neither end shared, in different profiles, not waiting.
update profiles_edge e
set refused = not e.refused
from (
    select near.a, near.b
    from (
        select e.a, e.b, e.refused
        from unnest(%(ids)s::bigint[]) as asked(id)
        cross join lateral (
            select e.a, e.b, e.refused from profiles_edge e
            where e.workspace_id = %(workspace)s::int and e.a = asked.id
            offset 0
        ) e
        union
        select e.a, e.b, e.refused
        from unnest(%(ids)s::bigint[]) as asked(id)
        cross join lateral (
            select e.a, e.b, e.refused from profiles_edge e
            where e.workspace_id = %(workspace)s::int and e.b = asked.id
            offset 0
        ) e
    ) near
    cross join lateral (
        select i.profile_id, i.shared from profiles_identifier i
        where i.workspace_id = %(workspace)s::int and i.id = near.a
        offset 0
    ) x
    cross join lateral (
        select i.profile_id, i.shared from profiles_identifier i
        where i.workspace_id = %(workspace)s::int and i.id = near.b
        offset 0
    ) y
    where near.refused <> (
        not x.shared and not y.shared and x.profile_id <> y.profile_id
        and not exists (
            select from profiles_waiting w
            where w.workspace_id = %(workspace)s::int and w.a = near.a and w.b = near.b
        )
    )
) t
where e.workspace_id = %(workspace)s::int and e.a = t.a and e.b = t.b

-- owned +
-- The sightings of identifiers.
select s.id, asked.id
from unnest(%(ids)s::bigint[]) as asked(id)
cross join lateral (
    select s.id from profiles_sighting s
    where s.workspace_id = %(workspace)s::int and s.owner = asked.id
    offset 0
) s

-- profiles_of +
-- The profiles of identifiers.
select asked.id, i.profile_id
from unnest(%(ids)s::bigint[]) as asked(id)
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = asked.id
    offset 0
) i

-- ends
-- Identifiers by id, as nodes.
select i.id, i.key, i.kind, i.namespace, i.value, i.first_seen, i.profile_id, i.shared
from unnest(%(ids)s::bigint[]) as asked(id)
cross join lateral (
    select i.* from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = asked.id
    offset 0
) i

-- waiting
-- The edges that join nobody yet, and the identifiers (twice) whose profiles will be replayed.
select a, b
from profiles_waiting
where workspace_id = %(workspace)s::int

-- wait
-- These wait from now on.
insert into profiles_waiting (workspace_id, a, b)
select %(workspace)s::int, t.a, t.b
from unnest(%(a)s::bigint[], %(b)s::bigint[]) as t(a, b)
order by t.a, t.b
on conflict do nothing
