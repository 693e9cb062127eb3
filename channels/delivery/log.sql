-- counts
-- Open deliveries of destinations by state, and those that ended in the last 24 hours.
select y.destination_id, y.state, count(*)::int
from channels_delivery y
where y.destination_id = any(%(destinations)s::bigint[]) and y.state in ('waiting', 'sending', 'failed')
group by 1, 2
union all
select y.destination_id, y.state, count(*)::int
from channels_delivery y
where y.destination_id = any(%(destinations)s::bigint[]) and y.state in ('sent', 'dead', 'held', 'refused')
    and y.ended_at > now() - interval '24 hours'
group by 1, 2

-- retry
-- One delivery waits again, and may be tried as often as at first.
update channels_delivery y
set state = 'waiting', tries = 0, reason = '', params = null, next_try = now(), ended_at = null
from channels_destination d
where y.workspace_id = %(workspace)s::bigint and y.id = %(id)s::bigint and y.state = any(%(states)s::text[])
    and d.id = y.destination_id and d.deleted_at is null

-- state
-- How a delivery stands.
select y.state from channels_delivery y where y.workspace_id = %(workspace)s::bigint and y.id = %(id)s::bigint

-- replay
-- All of a destination wait again.
update channels_delivery y
set state = 'waiting', tries = 0, reason = '', params = null, next_try = now(), ended_at = null
where y.destination_id = %(destination)s::bigint and y.state = any(%(states)s::text[])
    and (%(after)s::timestamptz is null or y.created_at >= %(after)s::timestamptz)
    and (%(before)s::timestamptz is null or y.created_at < %(before)s::timestamptz)

-- forget
-- What names a person goes; what has not gone out yet never does.
update channels_delivery y
set profile = null, event_id = null, answer = '', params = null,
    state = case when y.state in ('waiting', 'failed', 'sending') then 'refused' else y.state end,
    reason = case when y.state in ('waiting', 'failed', 'sending') then 'gone' else y.reason end,
    ended_at = coalesce(y.ended_at, now())
where y.workspace_id = %(workspace)s::bigint and y.profile = any(%(profiles)s::uuid[])
