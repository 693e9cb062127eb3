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

-- rhythm
-- Of connectors that are silent since a moment: on which of the 7 days before (`day`), and in which of the 8 weeks before
-- (`week`; 1: the one before) each sent in the same hours; and which of these weeks it can be told of (`known`).
with asked as (
    select a.workspace, a.connector, a.since, least(%(now)s::timestamptz, a.since + interval '24 hours') as day_until,
        least(%(now)s::timestamptz, a.since + interval '7 days') as week_until, first.minute as first
    from unnest(%(workspaces)s::bigint[], %(connectors)s::bigint[], %(sinces)s::timestamptz[])
        as a(workspace, connector, since)
    cross join lateral (
        select m.minute from channels_minute m
        where m.workspace_id = a.workspace and m.connector_id = a.connector
        order by m.minute
        limit 1
    ) first
)
select a.connector, a.since, 'day', k.back
from asked a
cross join generate_series(1, 7) as k(back)
where exists (
    select from channels_minute m
    where m.workspace_id = a.workspace and m.connector_id = a.connector
        and m.minute > a.since - make_interval(hours => 24 * k.back)
        and m.minute <= a.day_until - make_interval(hours => 24 * k.back)
)
union all
select a.connector, a.since, 'week', k.back
from asked a
cross join generate_series(1, 8) as k(back)
where exists (
    select from channels_minute m
    where m.workspace_id = a.workspace and m.connector_id = a.connector
        and m.minute > a.since - make_interval(hours => 168 * k.back)
        and m.minute <= a.week_until - make_interval(hours => 168 * k.back)
)
union all
select a.connector, a.since, 'known', k.back
from asked a
cross join generate_series(1, 8) as k(back)
where a.first <= a.since - make_interval(hours => 168 * k.back)
