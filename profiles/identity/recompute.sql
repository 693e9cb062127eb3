-- nodes
-- All identifiers of a workspace.
select id, key, kind, namespace, value, first_seen, profile_id, shared
from profiles_identifier
where workspace_id = %(workspace)s::int

-- sightings
-- All sightings of a workspace with their earliest event.
select id, coalesce(ids, array[owner]), first_t, first_e
from profiles_sighting
where workspace_id = %(workspace)s::int

-- owners
-- Whose each sighting is.
select id, owner
from profiles_sighting
where workspace_id = %(workspace)s::int

-- manual
-- All edges of class 0.
select a, b, first_t, first_m, first_e
from profiles_manual
where workspace_id = %(workspace)s::int

-- cannot
-- All cannot-link pairs.
select a, b
from profiles_cannot
where workspace_id = %(workspace)s::int

-- write_identifiers
-- Profile, flag and first sight of identifiers, where they differ.
update profiles_identifier i
set profile_id = t.profile_id, shared = t.shared, first_seen = t.first_seen
from unnest(%(ids)s::bigint[], %(profiles)s::bigint[], %(flags)s::boolean[], %(times)s::timestamptz[])
    as t(id, profile_id, shared, first_seen)
where i.workspace_id = %(workspace)s::int and i.id = t.id
    and (i.profile_id, i.shared, i.first_seen) is distinct from (t.profile_id, t.shared, t.first_seen)

-- give
-- Sightings get other owners.
update profiles_sighting s
set owner = t.owner
from unnest(%(sightings)s::bigint[], %(owners)s::bigint[]) as t(id, owner)
where s.workspace_id = %(workspace)s::int and s.id = t.id

-- clear_edges
-- All edges but those of class 0 go; they follow from the sightings.
delete from profiles_edge
where workspace_id = %(workspace)s::int

-- nothing_waits
-- What waited is in the answer.
delete from profiles_waiting
where workspace_id = %(workspace)s::int

-- shrink
-- Sightings without their blocked members.
update profiles_sighting s
set ids = t.members::bigint[]
from unnest(%(ids)s::bigint[], %(members)s::text[]) as t(id, members)
where s.workspace_id = %(workspace)s::int and s.id = t.id

-- drop_manual
-- Edges of class 0 of blocked values go.
delete from profiles_manual
where workspace_id = %(workspace)s::int and (a = any(%(ids)s::bigint[]) or b = any(%(ids)s::bigint[]))
