-- events
-- Events as they are stored; which ones and in what order the caller says.
select e.occurred_at, e.id, e.received_at, e.channel_id, e.connector_id, e.sighting_id, e.type, e.name,
       e.touchpoint, e.message_id, e.marks, e.data::text, e.surrounding_id, e.page_id
from profiles_event e

-- held
-- Every event of some sightings, oldest first, each with where it stands in the inbox.
select e.occurred_at, e.id, e.received_at, e.channel_id, e.connector_id, e.sighting_id, e.type, e.name,
       e.touchpoint, e.message_id, e.marks, e.data::text, e.surrounding_id, e.page_id, t.request, t.position
from (
    select e.* from profiles_event e
    where e.workspace_id = %(workspace)s::int and e.sighting_id = any(%(sightings)s::bigint[])
) e
left join lateral (
    select t.request, t.position from channels_taken t
    where t.workspace_id = %(workspace)s::int and t.id = e.id
    limit 1
) t on true
order by e.occurred_at, e.id

-- connectors
-- The workspace's connectors by id.
select connector_id, uuid from channels_source where workspace_id = %(workspace)s::int

-- connector_uuids
-- The connectors that a messageId may belong to.
select uuid from channels_source where workspace_id = %(workspace)s::int

-- people
-- Whose some sightings are now, and the identifiers seen in them, in the sighting's order.
select s.id, leader.key, i.kind, i.namespace, i.value
from unnest(%(sightings)s::bigint[]) as asked(id)
cross join lateral (
    select s.id, coalesce(s.ids, array[s.owner]) as ids, s.owner from profiles_sighting s
    where s.workspace_id = %(workspace)s::int and s.id = asked.id
    offset 0
) s
cross join lateral (
    select o.profile_id from profiles_identifier o
    where o.workspace_id = %(workspace)s::int and o.id = s.owner
    offset 0
) o
cross join lateral (
    select l.key from profiles_identifier l
    where l.workspace_id = %(workspace)s::int and l.id = o.profile_id
    offset 0
) leader
cross join unnest(s.ids) with ordinality as named(id, place)
cross join lateral (
    select i.kind, i.namespace, i.value from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = named.id
    offset 0
) i
order by s.id, named.place

-- naming
-- The sightings in which an identifier stands.
select s.id
from profiles_identifier i
join profiles_sighting s on s.workspace_id = %(workspace)s::int and (s.owner = i.id or s.ids @> array[i.id])
where i.workspace_id = %(workspace)s::int and i.key = any(%(keys)s::uuid[])

-- newest_day
-- The day down to which a profile's newest events (or contacts he made) reach, so many as are wanted; all of them before
-- a day.
select min(day) from (
    select day, sum(sum(n)) over (order by day desc) - sum(n) as later
    from (
        select day, case when %(active)s::bool then active else events end as n
        from profiles_activity
        where workspace_id = %(workspace)s::int and sighting_id = any(%(sightings)s::bigint[])
          and (%(before)s::date is null or day < %(before)s::date)
    ) a
    group by day
) d where later < %(wanted)s::int

-- touches
-- A profile's newest contacts with what a ribbon shows of them.
select e.occurred_at, e.id, e.channel_id, e.touchpoint, e.type, e.name, e.message_id,
       e.data #>> '{properties,total}', e.data #>> '{properties,currency}', e.data #>> '{properties,order_id}',
       json_strip_nulls(json_build_object(
           'name', e.data #> '{properties,name}', 'score', e.data #> '{properties,score}',
           'store', e.data #> '{properties,store}', 'campaign', e.data #> '{properties,campaign}',
           'query', e.data #> '{properties,query}', 'category', e.data #> '{properties,category}'))::text
from profiles_event e
where e.workspace_id = %(workspace)s::int and e.sighting_id = any(%(sightings)s::bigint[])
  and e.type = any(%(contacts)s::text[]) and not %(bot)s::text = any(string_to_array(e.marks, ','))
  and e.occurred_at >= %(since)s::timestamptz and e.occurred_at < %(before)s::timestamptz
order by e.occurred_at desc, e.id desc
limit %(wanted)s::int

-- met
-- Of a profile's newest events: how many of each name and kind of touchpoint.
select e.type, e.name, e.touchpoint, count(*)
from (
    select type, name, touchpoint from profiles_event
    where workspace_id = %(workspace)s::int and sighting_id = any(%(sightings)s::bigint[])
      and occurred_at >= %(since)s::timestamptz
    order by occurred_at desc
    limit %(limit)s::int
) e
group by e.type, e.name, e.touchpoint
order by 4 desc, 1, 2, 3

-- channels
-- How many events a profile has on each channel.
select a.channel_id, sum(a.events)::int
from profiles_activity a
where a.workspace_id = %(workspace)s::int and a.sighting_id = any(%(sightings)s::bigint[])
group by 1

-- times
-- When some messages happened that were taken.
select t.occurred_at
from unnest(%(ids)s::uuid[]) as asked(id)
cross join lateral (
    select t.occurred_at from channels_taken t
    where t.workspace_id = %(workspace)s::int and t.id = asked.id
    limit 1
) t

-- named
-- What some events are called and where they came from.
select e.id, e.type, e.name, e.channel_id, e.data #>> '{properties,order_id}'
from unnest(%(ids)s::uuid[]) as asked(id)
cross join lateral (
    select t.occurred_at from channels_taken t
    where t.workspace_id = %(workspace)s::int and t.id = asked.id
    limit 1
) t
cross join lateral (
    select e.* from profiles_event e
    where e.workspace_id = %(workspace)s::int and e.occurred_at = t.occurred_at and e.id = asked.id
    limit 1
) e
