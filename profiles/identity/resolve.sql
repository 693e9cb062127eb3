-- write_earlier
-- The earliest evidence of sightings that were known. Yields those whose evidence is of the same time and of another event.
with given as materialized (
    select * from unnest(%(ids)s::bigint[], %(times)s::timestamptz[], %(events)s::uuid[]) as given(id, first_t, first_e)
), written as (
    update profiles_sighting s
    set first_t = g.first_t, first_e = g.first_e
    from given g
    where s.workspace_id = %(workspace)s::int and s.id = g.id and g.first_t < s.first_t
)
select s.id, s.first_t, s.first_e
from given g
cross join lateral (
    select s.id, s.first_t, s.first_e from profiles_sighting s
    where s.workspace_id = %(workspace)s::int and s.id = g.id
    offset 0
) s
where s.first_t = g.first_t and s.first_e <> g.first_e

-- write_tied
-- The earliest evidence of sightings, where a message id had to say which it is.
update profiles_sighting s
set first_e = t.first_e
from unnest(%(ids)s::bigint[], %(events)s::uuid[]) as t(id, first_e)
where s.workspace_id = %(workspace)s::int and s.id = t.id

-- first_seen +
-- Identifiers that were seen earlier than we knew.
update profiles_identifier i
set first_seen = t.first_seen
from unnest(%(ids)s::bigint[], %(times)s::timestamptz[]) as t(id, first_seen)
where i.workspace_id = %(workspace)s::int and i.id = t.id and t.first_seen < i.first_seen

-- known_edges +
-- Of these edges those that are there, with their evidence. The first at or behind the place where each would stand: only
-- the key has this order, while by both ends alone the index of the weaker end, where a hub has all its own, costs as much.
select e.a, e.b, e.first_t, e.first_e, e.centred
from unnest(%(a)s::bigint[], %(b)s::bigint[]) as asked(a, b)
cross join lateral (
    select e.a, e.b, e.first_t, e.first_e, e.centred from profiles_edge e
    where e.workspace_id = %(workspace)s::int and (e.a, e.b) >= (asked.a, asked.b)
    order by e.a, e.b
    limit 1
) e
where e.a = asked.a and e.b = asked.b

-- change_edges +
-- Edges that are there get earlier evidence, or count for fan-out from now on. On conflict: they are found by their key.
insert into profiles_edge (workspace_id, a, b, first_t, first_e, centred)
select %(workspace)s::int, t.*
from unnest(
    %(a)s::bigint[], %(b)s::bigint[], %(times)s::timestamptz[], %(events)s::uuid[], %(centred)s::boolean[]
) as t(a, b, first_t, first_e, centred)
on conflict (workspace_id, a, b) do update
set first_t = excluded.first_t, first_e = excluded.first_e, centred = excluded.centred

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
select e.b, a.kind, a.namespace, count(*)
from profiles_edge e
join profiles_identifier a on a.workspace_id = e.workspace_id and a.id = e.a
where e.workspace_id = %(workspace)s::int and e.b = any(%(ids)s::bigint[]) and e.centred
group by e.b, a.kind, a.namespace

-- owned
-- The sightings that these identifiers own.
select s.id, s.owner, coalesce(s.ids, array[s.owner]), s.first_t, s.first_e
from unnest(%(owners)s::bigint[]) as asked(id)
cross join lateral (
    select s.* from profiles_sighting s
    where s.workspace_id = %(workspace)s::int and s.owner = asked.id
    offset 0
) s
order by s.id

-- flag_shared +
-- Values that join nobody from now on; each is a profile of its own.
update profiles_identifier
set shared = true, profile_id = id
where workspace_id = %(workspace)s::int and id = any(%(ids)s::bigint[])

-- give +
-- Sightings get other owners.
update profiles_sighting s
set owner = t.owner
from unnest(%(sightings)s::bigint[], %(owners)s::bigint[]) as t(id, owner)
where s.workspace_id = %(workspace)s::int and s.id = t.id
