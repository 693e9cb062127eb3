-- channels
-- The workspace's channels by id.
select channel_id, slug from channels_setting where workspace_id = %(workspace)s::int

-- namespaces +
-- The namespaces a kind of identifier is known in: from one to the next by the index, for its rows are many.
with recursive space as (
    (select i.namespace from profiles_identifier i
     where i.workspace_id = %(workspace)s::int and i.kind = %(kind)s::text and i.namespace <> ''
     order by i.namespace limit 1)
    union all
    select (select i.namespace from profiles_identifier i
            where i.workspace_id = %(workspace)s::int and i.kind = %(kind)s::text and i.namespace <> ''
              and i.namespace > s.namespace
            order by i.namespace limit 1)
    from space s where s.namespace is not null
)
select namespace from space where namespace is not null

-- has_identifier
-- The profiles that some identifiers point to.
select i.profile_id
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = asked.key
    offset 0
) i

-- resolve
-- The profile an identifier's key now belongs to, and its public id.
select leader.id, leader.key
from profiles_identifier i
join profiles_identifier leader on leader.workspace_id = %(workspace)s::int and leader.id = i.profile_id
where i.workspace_id = %(workspace)s::int and i.key = %(key)s::uuid

-- owners +
-- The profiles that some identifiers point to, but for those that many share.
select distinct i.profile_id, s.key
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = asked.key and not i.shared
    offset 0
) i
cross join lateral (
    select s.key from profiles_summary s
    where s.workspace_id = %(workspace)s::int and s.profile_id = i.profile_id
    offset 0
) s

-- identifiers
-- A profile's identifiers.
select i.id, i.key, i.kind, i.namespace, i.value, i.shared, i.first_seen
from profiles_identifier i
where i.workspace_id = %(workspace)s::int and i.profile_id = %(profile)s::bigint

-- sights
-- When and where the identifiers named in a profile's own sightings were seen.
select named.id, min(a.first_at), max(a.last_at), (array_agg(a.channel_id order by a.first_at, a.channel_id))[1]
from profiles_identifier o
cross join lateral (
    select s.id, coalesce(s.ids, array[s.owner]) as ids from profiles_sighting s
    where s.workspace_id = %(workspace)s::int and s.owner = o.id
    offset 0
) s
cross join lateral (
    select a.channel_id, a.first_at, a.last_at from profiles_activity a
    where a.workspace_id = %(workspace)s::int and a.sighting_id = s.id
    offset 0
) a
cross join unnest(s.ids) as named(id)
where o.workspace_id = %(workspace)s::int and o.profile_id = %(profile)s::bigint
group by named.id

-- summary
-- A profile's summary row.
select events, orders, revenue, first_seen, last_seen, channels, unconverted
from profiles_summary where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint

-- names +
-- The surviving names of the profiles that ids now belong to, "" where none is known.
select asked.key, coalesce(s.name, '')
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = asked.key
    offset 0
) leader
left join lateral (
    select s.name from profiles_summary s
    where s.workspace_id = %(workspace)s::int and s.profile_id = leader.profile_id
    offset 0
) s on true

-- sightings +
-- The sightings a profile owns.
select s.id
from profiles_identifier i
cross join lateral (
    select s.id from profiles_sighting s
    where s.workspace_id = %(workspace)s::int and s.owner = i.id
    offset 0
) s
where i.workspace_id = %(workspace)s::int and i.profile_id = %(profile)s::bigint

-- known
-- Public id and name of profiles.
select s.profile_id, s.key, s.name
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select s.profile_id, s.key, s.name from profiles_summary s
    where s.workspace_id = %(workspace)s::int and s.profile_id = asked.profile
    offset 0
) s

-- owners_of
-- Whose some identifiers are now, by number: a profile's is its leader's.
select i.profile_id
from unnest(%(ids)s::bigint[]) as asked(id)
join profiles_identifier i on i.workspace_id = %(workspace)s::int and i.id = asked.id

-- inhabited
-- The workspaces that have a profile.
select w.id
from unnest(%(workspaces)s::int[]) as w(id)
where exists (select from profiles_summary s where s.workspace_id = w.id)

-- walk_up
-- The profiles after one, by serial id.
select s.profile_id from profiles_summary s
where s.workspace_id = %(workspace)s::int and (%(at)s::bigint is null or s.profile_id > %(at)s::bigint)
order by s.profile_id
limit %(limit)s::int

-- walk_down
-- The profiles before one, by serial id.
select s.profile_id from profiles_summary s
where s.workspace_id = %(workspace)s::int and (%(at)s::bigint is null or s.profile_id < %(at)s::bigint)
order by s.profile_id desc
limit %(limit)s::int

-- segment
-- Whether there is a segment of that slug.
select from metrics_segment_named where workspace_id = %(workspace)s::int and slug = %(segment)s::text

-- in_segment
-- The profiles that are in a segment now: those who were joined since count as who they are.
select i.profile_id
from metrics_segment_held h
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = h.profile
    offset 0
) i
where h.workspace_id = %(workspace)s::int and h.slug = %(segment)s::text

-- segments_of
-- The segments that a profile is in, by any of the ids that lead to it.
select distinct h.slug
from profiles_identifier i
cross join lateral (
    select h.slug from metrics_segment_held h
    where h.workspace_id = %(workspace)s::int and h.profile = i.key
    offset 0
) h
where i.workspace_id = %(workspace)s::int and i.profile_id = %(profile)s::bigint
order by h.slug
