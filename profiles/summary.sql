-- sightings_of +
-- The sightings that some profiles own, and whose each is.
select s.id, asked.profile
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select i.id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.profile_id = asked.profile
    offset 0
) i
cross join lateral (
    select s.id from profiles_sighting s
    where s.workspace_id = %(workspace)s::int and s.owner = i.id
    offset 0
) s

-- profiles_of
-- The profiles that own some sightings.
select distinct o.profile_id
from unnest(%(sightings)s::bigint[]) as asked(id)
cross join lateral (
    select o.profile_id from profiles_owner o
    where o.workspace_id = %(workspace)s::int and o.sighting_id = asked.id
    offset 0
) o

-- add_events +
-- A batch's events on top of what profiles' rows say; yields the profiles that have a row.
update profiles_summary k set
    first_seen = least(k.first_seen, a.first_at),
    last_seen = greatest(k.last_seen, a.last_at),
    events = k.events + a.events,
    recent = coalesce(a.recent::bigint[], k.recent),
    channels = case when k.channels @> a.channels::int[] then k.channels
                    else array(select distinct unnest(k.channels || a.channels::int[]) order by 1) end
from unnest(%(profiles)s::bigint[], %(events)s::int[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[],
            %(channels)s::text[], %(recents)s::text[]) as a(profile, events, first_at, last_at, channels, recent)
where k.workspace_id = %(workspace)s::int and k.profile_id = a.profile
returning k.profile_id

-- add_profiles +
-- The rows of new profiles.
insert into profiles_summary (workspace_id, profile_id, key, channels, events, first_seen, last_seen, recent)
select %(workspace)s::int, a.profile, i.key, a.channels::int[], a.events, a.first_at, a.last_at,
       coalesce(a.recent::bigint[], '{}')
from unnest(%(profiles)s::bigint[], %(events)s::int[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[],
            %(channels)s::text[], %(recents)s::text[]) as a(profile, events, first_at, last_at, channels, recent)
join profiles_identifier i on i.workspace_id = %(workspace)s::int and i.id = a.profile
order by a.profile

-- rename +
-- Rows of profiles go to their new leaders, with the n-grams of their names.
with named as materialized (
    select t.old, t.new, t.key
    from unnest(%(olds)s::bigint[], %(news)s::bigint[], %(keys)s::uuid[]) as t(old, new, key)
), moved as (
    update profiles_summary s set profile_id = n.new, key = n.key
    from named n
    where s.workspace_id = %(workspace)s::int and s.profile_id = n.old
)
update profiles_gram g set profile_id = n.new
from named n
where g.workspace_id = %(workspace)s::int and g.profile_id = n.old

-- drop +
-- Removes the rows of profiles that own no event (any more).
with gone as (
    delete from profiles_summary s
    where s.workspace_id = %(workspace)s::int and s.profile_id = any(%(profiles)s::bigint[])
    returning s.profile_id
)
delete from profiles_gram g using gone
where g.workspace_id = %(workspace)s::int and g.profile_id = gone.profile_id

-- write_whole +
-- Counts profiles' rows anew from their activity; yields those that own an event. An identifier that was only named
-- beside others, and belongs to nobody's event, is no customer: it has no row.
insert into profiles_summary as kept
    (workspace_id, profile_id, key, channels, events, first_seen, last_seen, recent)
select %(workspace)s::int, leader.id, leader.key, t.channels, t.events, t.first_at, t.last_at,
       coalesce(t.recent[:%(most)s::int], '{}')
from unnest(%(profiles)s::bigint[]) as wanted(id)
cross join lateral (
    select i.id, i.key, i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = wanted.id
    offset 0
) leader
cross join lateral (
    select sum(a.events)::int as events, min(a.first_at) as first_at, max(a.last_at) as last_at,
           array_agg(distinct a.channel_id order by a.channel_id) as channels,
           -- packed as recent.py has it: the day's number, then the channel
           array_agg(distinct (a.day - date '0001-01-01' + 1)::bigint << 32 | a.channel_id
                     order by (a.day - date '0001-01-01' + 1)::bigint << 32 | a.channel_id desc)
               filter (where a.active > 0) as recent
    from profiles_identifier i
    cross join lateral (
        select s.id from profiles_sighting s
        where s.workspace_id = %(workspace)s::int and s.owner = i.id
        offset 0
    ) s
    cross join lateral (
        select a.* from profiles_activity a
        where a.workspace_id = %(workspace)s::int and a.sighting_id = s.id
        offset 0
    ) a
    where i.workspace_id = %(workspace)s::int and i.profile_id = wanted.id
) t
where leader.profile_id = leader.id and t.events > 0
order by leader.id
on conflict (profile_id) do update set
    key = excluded.key, channels = excluded.channels, events = excluded.events,
    first_seen = excluded.first_seen, last_seen = excluded.last_seen, recent = excluded.recent
returning profile_id

-- write_spent +
-- What profiles bought, as metrics says.
update profiles_summary p set
    orders = b.orders, revenue = b.revenue, unconverted = b.unconverted::jsonb,
    first_order_at = b.first_at, last_order_at = b.last_at
from unnest(%(profiles)s::bigint[], %(orders)s::int[], %(revenues)s::numeric[], %(unconverted)s::text[],
            %(firsts)s::timestamptz[], %(lasts)s::timestamptz[])
     as b(profile, orders, revenue, unconverted, first_at, last_at)
where p.workspace_id = %(workspace)s::int and p.profile_id = b.profile

-- write_names +
-- The surviving names of profiles and their n-grams.
with named as (
    update profiles_summary p set name = n.name
    from unnest(%(profiles)s::bigint[], %(names)s::text[], %(grams)s::text[]) as n(profile, name, grams)
    where p.workspace_id = %(workspace)s::int and p.profile_id = n.profile and p.name <> n.name
    returning n.profile, n.grams
)
insert into profiles_gram as kept (workspace_id, profile_id, grams)
select %(workspace)s::int, n.profile, n.grams::text[] from named n
order by n.profile
on conflict (workspace_id, profile_id) do update set grams = excluded.grams
