-- asking +
-- Which events somebody asks for: name, destination, channel, from when on.
select a.name, a.destination_id, d.uuid, a.channel_id::int, a.since
from channels_asked a
join channels_destination d on d.id = a.destination_id
where a.workspace_id = %(workspace)s::bigint

-- keep
-- Deliveries to be, each once.
insert into channels_delivery (workspace_id, destination_id, key, cause, name, at, event_id, profile)
select %(workspace)s::bigint, n.destination, n.key, n.cause, n.name, n.at, n.event, n.profile
from unnest(%(destinations)s::bigint[], %(keys)s::uuid[], %(causes)s::text[], %(names)s::text[],
            %(ats)s::timestamptz[], %(events)s::uuid[], %(profiles)s::uuid[])
    as n(destination, key, cause, name, at, event, profile)
on conflict (destination_id, key) do nothing

-- read_up_to
-- How far a destination has looked through the changes of segments.
update channels_destination d
set changes_read = %(after)s::bigint
where d.id = %(destination)s::bigint and d.changes_read = %(before)s::bigint
    and jsonb_array_length(d.segments) = %(segments)s::int
