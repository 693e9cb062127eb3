-- again +
-- Profile, flag and first sight of identifiers, read under the locks.
select id, profile_id, shared, first_seen
from profiles_identifier
where workspace_id = %(workspace)s::int and id = any(%(ids)s::bigint[])

-- owners_again +
-- Profile and flag of owners, read under the locks.
select id, profile_id, shared
from profiles_identifier
where workspace_id = %(workspace)s::int and id = any(%(ids)s::bigint[])

-- write_sightings +
-- Sightings in key order: new ones, and the earliest evidence of known ones. Yields key (hex), id, owner, whether new.
insert into profiles_sighting as s (workspace_id, id, key, ids, owner, first_t, first_m, first_e)
select %(workspace)s::int, nextval('profiles_sighting_id'), t.key, t.ids::bigint[], t.owner, t.first_t, t.first_m, t.first_e
from (
    select *
    from unnest(
        %(keys)s::uuid[], %(ids)s::text[], %(owners)s::bigint[],
        %(times)s::timestamptz[], %(messages)s::text[], %(events)s::uuid[]
    ) as given(key, ids, owner, first_t, first_m, first_e)
    order by key
) t
on conflict (workspace_id, key) do update
set (first_t, first_m, first_e) = (
    select one.first_t, one.first_m, one.first_e
    from (values (s.first_t, s.first_m, s.first_e), (excluded.first_t, excluded.first_m, excluded.first_e))
        as one(first_t, first_m, first_e)
    order by one.first_t, one.first_m collate "C", one.first_e
    limit 1
)
returning replace(s.key::text, '-', ''), s.id, s.owner, s.xmax = 0

-- first_seen +
-- Identifiers that were seen earlier than we knew.
update profiles_identifier i
set first_seen = t.first_seen
from unnest(%(ids)s::bigint[], %(times)s::timestamptz[]) as t(id, first_seen)
where i.workspace_id = %(workspace)s::int and i.id = t.id and t.first_seen < i.first_seen

-- write_edges +
-- Edges in order, with their earliest evidence. Yields those that are new, earlier or newly centred.
insert into profiles_edge as e (workspace_id, a, b, first_t, first_m, first_e, centred)
select %(workspace)s::int, t.*
from (
    select *
    from unnest(
        %(a)s::bigint[], %(b)s::bigint[], %(times)s::timestamptz[], %(messages)s::text[], %(events)s::uuid[],
        %(centred)s::boolean[]
    ) as given(a, b, first_t, first_m, first_e, centred)
    order by a, b
) t
on conflict (workspace_id, a, b) do update
set first_t = least(e.first_t, excluded.first_t),
    first_m = case
        when (excluded.first_t, excluded.first_m, excluded.first_e) < (e.first_t, e.first_m, e.first_e)
        then excluded.first_m else e.first_m end,
    first_e = case
        when (excluded.first_t, excluded.first_m, excluded.first_e) < (e.first_t, e.first_m, e.first_e)
        then excluded.first_e else e.first_e end,
    centred = e.centred or excluded.centred
where (excluded.first_t, excluded.first_m, excluded.first_e) < (e.first_t, e.first_m, e.first_e)
    or (excluded.centred and not e.centred)
returning e.a, e.b

-- write_manual
-- Edges of class 0 out of aliases. Yields those that are new or earlier.
insert into profiles_manual as m (workspace_id, a, b, by_hand, first_t, first_m, first_e)
select %(workspace)s::int, t.a, t.b, false, t.first_t, t.first_m, t.first_e
from unnest(%(a)s::bigint[], %(b)s::bigint[], %(times)s::timestamptz[], %(messages)s::text[], %(events)s::uuid[])
    as t(a, b, first_t, first_m, first_e)
on conflict (workspace_id, a, b, by_hand) do update
set first_t = excluded.first_t, first_m = excluded.first_m, first_e = excluded.first_e
where (excluded.first_t, excluded.first_m, excluded.first_e) < (m.first_t, m.first_m, m.first_e)
returning m.a, m.b

-- centres +
-- With how many centres of each kind (in one namespace) these identifiers stand.
select e.b, a.kind, count(*)
from profiles_edge e
join profiles_identifier a on a.workspace_id = e.workspace_id and a.id = e.a
where e.workspace_id = %(workspace)s::int and e.b = any(%(ids)s::bigint[]) and e.centred
group by e.b, a.kind, a.namespace

-- owned
-- The sightings that these identifiers own.
select id, owner, ids, first_t, first_m, first_e
from profiles_sighting
where workspace_id = %(workspace)s::int and owner = any(%(owners)s::bigint[])
order by id

-- members
-- Identifiers by id, as nodes.
select id, key, kind, namespace, value, first_seen, profile_id, shared
from profiles_identifier
where workspace_id = %(workspace)s::int and id = any(%(ids)s::bigint[])

-- flag_shared
-- Values that join nobody from now on; each is a profile of its own.
update profiles_identifier
set shared = true, profile_id = id
where workspace_id = %(workspace)s::int and id = any(%(ids)s::bigint[])

-- give
-- Sightings get other owners.
update profiles_sighting s
set owner = t.owner
from unnest(%(sightings)s::bigint[], %(owners)s::bigint[]) as t(id, owner)
where s.workspace_id = %(workspace)s::int and s.id = t.id
