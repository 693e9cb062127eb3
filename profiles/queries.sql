-- channels
-- The workspace's channels by id.
select channel_id, slug from channels_setting where workspace_id = %(workspace)s::int

-- namespaces
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

-- resolve
-- The profile an identifier's key now belongs to, and its public id.
select leader.id, leader.key
from profiles_identifier i
join profiles_identifier leader on leader.workspace_id = %(workspace)s::int and leader.id = i.profile_id
where i.workspace_id = %(workspace)s::int and i.key = %(key)s::uuid

-- identifiers
-- A profile's identifiers with when and where they were seen, the leader first, then as they came to light.
select i.key, i.kind, i.namespace, i.value, i.shared, coalesce(seen.first_at, i.first_seen),
       coalesce(seen.last_at, i.first_seen), seen.channel
from profiles_identifier i
left join (
    select named.id, min(a.first_at) as first_at, max(a.last_at) as last_at,
           (array_agg(a.channel_id order by a.first_at, a.channel_id))[1] as channel
    from profiles_identifier o
    join profiles_sighting s on s.workspace_id = %(workspace)s::int and s.owner = o.id
    join profiles_activity a on a.workspace_id = %(workspace)s::int and a.sighting_id = s.id
    cross join unnest(s.ids) as named(id)
    where o.workspace_id = %(workspace)s::int and o.profile_id = %(profile)s::bigint
    group by named.id
) seen on seen.id = i.id
where i.workspace_id = %(workspace)s::int and i.profile_id = %(profile)s::bigint
order by i.id <> i.profile_id, 6, i.key

-- summary
-- A profile's summary row.
select events, orders, revenue, first_seen, last_seen, channels, unconverted
from profiles_summary where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint

-- name
-- A profile's surviving name.
select name from profiles_summary where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint

-- sightings
-- The sightings a profile owns.
select s.id
from profiles_identifier i
join profiles_sighting s on s.workspace_id = %(workspace)s::int and s.owner = i.id
where i.workspace_id = %(workspace)s::int and i.profile_id = %(profile)s::bigint

-- known
-- Public id and name of profiles.
select s.profile_id, s.key, s.name
from profiles_summary s
where s.workspace_id = %(workspace)s::int and s.profile_id = any(%(profiles)s::bigint[])

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
