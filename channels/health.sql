-- heard
-- A workspace's connectors: their channel, whether they are on, and the minute of their last message.
select c.id, c.channel_id, c.enabled, last.minute
from channels_connector c
left join lateral (
    select m.minute from channels_minute m
    where m.workspace_id = c.workspace_id and m.connector_id = c.id
    order by m.minute desc
    limit 1
) last on true
where c.workspace_id = %(workspace)s::bigint
order by c.id

-- usual
-- On which of the 7 days before (1: the day before) connectors sent in the hours in which they are silent now; of a
-- silence of more than a day, on which at all.
select a.connector, a.since, k.days
from unnest(%(connectors)s::bigint[], %(sinces)s::timestamptz[]) as a(connector, since)
cross join generate_series(1, 7) as k(days)
where exists (
    select from channels_minute m
    where m.workspace_id = %(workspace)s::bigint and m.connector_id = a.connector
        and m.minute > a.since - make_interval(hours => 24 * k.days)
        and m.minute <= least(%(now)s::timestamptz, a.since + interval '24 hours') - make_interval(hours => 24 * k.days)
)
