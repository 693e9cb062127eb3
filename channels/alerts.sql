-- oldest
-- Since when the oldest open request waits: one look into the index for each connector.
select min(first.received_at)
from channels_connector c
cross join lateral (
    select o.received_at from channels_inbox_open o
    where o.workspace_id = c.workspace_id and o.connector_id = c.id
    order by o.received_at, o.request
    limit 1
) first

-- silent
-- Connectors (of one workspace, or all) that are on, have been heard of, and not since a time.
select c.workspace_id, c.id, ch.name || ' · ' || c.name, last.minute
from channels_connector c
join channels_channel ch on ch.id = c.channel_id
cross join lateral (
    select m.minute from channels_minute m
    where m.workspace_id = c.workspace_id and m.connector_id = c.id
    order by m.minute desc
    limit 1
) last
where (%(workspace)s::bigint is null or c.workspace_id = %(workspace)s::bigint) and c.enabled and last.minute < %(before)s::timestamptz
order by c.id

-- rejecting
-- Connectors (of one workspace, or all) with too many rejects since a time: their messages, their rejects.
select c.workspace_id, ch.name || ' · ' || c.name, sum(m.received)::bigint, sum(m.rejected)::bigint
from channels_connector c
join channels_channel ch on ch.id = c.channel_id
join channels_minute m on m.workspace_id = c.workspace_id and m.connector_id = c.id
    and m.minute >= %(since)s::timestamptz
where (%(workspace)s::bigint is null or c.workspace_id = %(workspace)s::bigint)
group by c.id, ch.name, c.name
having sum(m.rejected) >= %(least)s::bigint and sum(m.rejected) > %(share)s::float8 * sum(m.received)
order by c.id

-- failing
-- Connectors (of one workspace, or all) that are on and whose last tries to fetch all went wrong, with the latest trouble.
select c.workspace_id, ch.name || ' · ' || c.name, p.failure::text
from channels_pull p
join channels_connector c on c.id = p.connector_id
join channels_channel ch on ch.id = c.channel_id
where (%(workspace)s::bigint is null or c.workspace_id = %(workspace)s::bigint)
    and c.enabled and p.tries >= %(tries)s::int and p.failure is not null
order by c.id
