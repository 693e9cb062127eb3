-- waiting
-- How many requests of a workspace wait (up to a cap), and since when the oldest does.
select count(*), min(o.received_at)
from (
    select received_at from channels_inbox_open
    where workspace_id = %(workspace)s::bigint
    order by received_at limit %(cap)s::int
) o

-- open_rejects
-- How many rejects are open.
select count(*) from channels_reject where workspace_id = %(workspace)s::bigint and state = 'open'

-- reject_groups
-- Rejects of a state by reason, field, connector and the currency of what they are worth, where it is said.
select r.reason, r.field, r.connector_id, r.currency, count(*), min(r.received_at), max(r.received_at), sum(r.money)
from channels_reject r
where r.workspace_id = %(workspace)s::bigint and r.state = %(state)s::text
group by r.reason, r.field, r.connector_id, r.currency
order by count(*) desc, r.reason, r.field, r.connector_id

-- heard_of
-- Whether a channel has ever sent anything.
select exists (
    select from channels_connector c
    where c.channel_id = %(channel)s::bigint and exists (
        select from channels_minute m where m.workspace_id = %(workspace)s::bigint and m.connector_id = c.id
    )
)

-- flows
-- What came through each connector since a moment.
select m.connector_id, sum(m.received)::bigint, sum(m.stored)::bigint, sum(m.rejected)::bigint, sum(m.repeats)::bigint,
       sum(m.identified)::bigint, sum(m.lag_ms_sum)::float8 / nullif(sum(m.received), 0), max(m.lag_ms_max), max(m.minute)
from channels_minute m
where m.workspace_id = %(workspace)s::bigint and m.minute >= %(since)s::timestamptz
group by m.connector_id
order by m.connector_id

-- anything_came
-- Whether a workspace was ever sent anything, worked or waiting.
select exists (select from channels_minute m where m.workspace_id = %(workspace)s::bigint)
    or exists (select from channels_inbox_open o where o.workspace_id = %(workspace)s::bigint)

-- hours
-- Messages received by channel and hour since a moment.
select c.channel_id, date_trunc('hour', m.minute), sum(m.received)::bigint
from channels_minute m
join channels_connector c on c.id = m.connector_id
where m.workspace_id = %(workspace)s::bigint and m.minute >= %(since)s::timestamptz
group by c.channel_id, date_trunc('hour', m.minute)
order by c.channel_id, date_trunc('hour', m.minute)
