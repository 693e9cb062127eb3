-- active_days +
-- All days on which the profiles were active, with the sighting they stand on. Here and below sighting by sighting of
-- each profile: as long as the planner has not counted the tables it would read them whole, once for each profile.
select o.sighting_id, asked.profile, a.day, a.channel_id
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select o.sighting_id from profiles_owner o
    where o.workspace_id = %(workspace)s::int and o.profile_id = asked.profile
    offset 0
) o
cross join lateral (
    select a.day, a.channel_id from profiles_activity a
    where a.workspace_id = %(workspace)s::int and a.sighting_id = o.sighting_id and a.active > 0
    offset 0
) a

-- orders
-- All orders of the profiles, with the sighting they stand on.
select o.sighting_id, asked.profile, f.channel_id, f.order_id, f.occurred_at, f.message_id, f.day
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select o.sighting_id from profiles_owner o
    where o.workspace_id = %(workspace)s::int and o.profile_id = asked.profile
    offset 0
) o
cross join lateral (
    select f.* from metrics_order f
    where f.workspace_id = %(workspace)s::int and f.sighting_id = o.sighting_id
    offset 0
) f

-- orders_near +
-- The same from a moment on, and of each channel the two before it: what counts of orders that changed from there on can
-- touch (distinct_windows.py: a window of repeat has two ends, and a pair with the window before it three).
select n.sighting_id, n.profile, n.channel_id, n.order_id, n.occurred_at, n.message_id, n.day
from (
    select o.sighting_id, asked.profile, f.channel_id, f.order_id, f.occurred_at, f.message_id, f.day,
           f.occurred_at >= asked.since as changed,
           row_number() over (
               partition by asked.profile, f.channel_id, f.occurred_at >= asked.since
               order by f.occurred_at desc, f.message_id collate "C" desc, f.order_id collate "C" desc
           ) as back
    from unnest(%(profiles)s::bigint[], %(sinces)s::timestamptz[]) as asked(profile, since)
    cross join lateral (
        select o.sighting_id from profiles_owner o
        where o.workspace_id = %(workspace)s::int and o.profile_id = asked.profile
        offset 0
    ) o
    cross join lateral (
        select f.* from metrics_order f
        where f.workspace_id = %(workspace)s::int and f.sighting_id = o.sighting_id
        offset 0
    ) f
) n
where n.changed or n.back <= 2

-- answers +
-- All answers of the profiles, with the sighting they stand on.
select o.sighting_id, asked.profile, f.channel_id, f.key, f.occurred_at, f.message_id, f.day, f.satisfied
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select o.sighting_id from profiles_owner o
    where o.workspace_id = %(workspace)s::int and o.profile_id = asked.profile
    offset 0
) o
cross join lateral (
    select f.* from metrics_answer f
    where f.workspace_id = %(workspace)s::int and f.sighting_id = o.sighting_id
    offset 0
) f

-- answers_of_nobody
-- The answers that came without a person: each is a customer of its own.
select f.channel_id, f.key, f.occurred_at, f.message_id, f.day, f.satisfied
from metrics_answer f
where f.workspace_id = %(workspace)s::int and f.sighting_id is null

-- profiles_after
-- The next profiles that own anything, in id order: a rebuild works through them piece by piece.
select distinct o.profile_id
from profiles_owner o
where o.workspace_id = %(workspace)s::int and o.profile_id > %(after)s::bigint
order by o.profile_id
limit %(limit)s::int

-- add +
-- Adds differences to the spans in key order; yields the spans that came to 0.
with kept as (
    insert into metrics_span as s (workspace_id, measure, channel_id, first, last, n)
    select %(workspace)s::int, d.measure, d.channel, d.first, d.last, d.n
    from unnest(%(measures)s::text[], %(channels)s::int[], %(firsts)s::date[], %(lasts)s::date[], %(ns)s::bigint[])
        with ordinality as d(measure, channel, first, last, n, place)
    order by d.place
    on conflict (workspace_id, measure, channel_id, first, last) do update set n = s.n + excluded.n
    returning s.measure, s.channel_id, s.first, s.last, s.n
)
select measure, channel_id, first, last from kept where n = 0

-- drop_empty +
-- Takes away spans that came to 0; this transaction holds their rows already.
delete from metrics_span s
using unnest(%(measures)s::text[], %(channels)s::int[], %(firsts)s::date[], %(lasts)s::date[])
    as d(measure, channel, first, last)
where s.workspace_id = %(workspace)s::int and s.measure = d.measure and s.channel_id = d.channel
    and s.first = d.first and s.last = d.last and s.n = 0

-- drop_all
-- Takes away every span of the workspace, before a rebuild.
delete from metrics_span where workspace_id = %(workspace)s::int
