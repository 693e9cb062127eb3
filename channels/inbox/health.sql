-- add +
-- Adds a batch's counts to its minutes.
insert into channels_minute as m (workspace_id, connector_id, minute, received, stored, rejected, repeats, identified,
                                  lag_ms_sum, lag_ms_max)
select %(workspace)s::bigint, t.connector, t.minute, t.received, t.stored, t.rejected, t.repeats, t.identified,
    t.lag_sum, t.lag_max
from unnest(%(connectors)s::bigint[], %(minutes)s::timestamptz[], %(received)s::int[], %(stored)s::int[],
            %(rejected)s::int[], %(repeats)s::int[], %(identified)s::int[], %(lag_sums)s::bigint[], %(lag_maxes)s::int[])
    as t(connector, minute, received, stored, rejected, repeats, identified, lag_sum, lag_max)
order by t.connector, t.minute
on conflict (workspace_id, connector_id, minute) do update set
    received = m.received + excluded.received,
    stored = m.stored + excluded.stored,
    rejected = m.rejected + excluded.rejected,
    repeats = m.repeats + excluded.repeats,
    identified = m.identified + excluded.identified,
    lag_ms_sum = m.lag_ms_sum + excluded.lag_ms_sum,
    lag_ms_max = greatest(m.lag_ms_max, excluded.lag_ms_max)

-- minutes
-- A connector's minutes since a time.
select minute, received, stored, rejected, repeats, identified, lag_ms_sum, lag_ms_max
from channels_minute
where workspace_id = %(workspace)s::bigint and connector_id = %(connector)s::bigint
    and minute >= %(since)s::timestamptz
order by minute

-- last_day
-- What each channel of every workspace brought in the last 24 hours.
select ch.workspace_id, ch.slug, sum(m.received)::bigint, sum(m.stored)::bigint, sum(m.rejected)::bigint,
    sum(m.repeats)::bigint
from channels_minute m
join channels_connector c on c.id = m.connector_id and c.workspace_id = m.workspace_id
join channels_channel ch on ch.id = c.channel_id
where m.minute >= now() - interval '24 hours'
group by ch.workspace_id, ch.slug
order by ch.workspace_id, ch.slug
