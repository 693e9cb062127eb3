-- due
-- Destinations with something that may go out now: whoever waited longest first.
select d.id from channels_destination d
where d.enabled and d.deleted_at is null and coalesce(d.held_until, '-infinity') <= now()
    and exists (
        select from channels_delivery y
        where y.destination_id = d.id and y.state in ('waiting', 'failed', 'sending') and y.next_try <= now()
    )
order by d.served_at nulls first, d.id

-- turn
-- A destination has its turn; one with a pace is left alone for so long.
update channels_destination d
set served_at = clock_timestamp(),
    held_until = case when %(seconds)s::float8 > 0 then now() + make_interval(secs => %(seconds)s::float8)
                      else d.held_until end
where d.id = %(destination)s::bigint and d.enabled and coalesce(d.held_until, '-infinity') <= now()

-- claim
-- Some that are due, from now on this worker's until the lease is over; one that a dead worker had among them.
with next as (
    select y.id from channels_delivery y
    where y.destination_id = %(destination)s::bigint and y.state in ('waiting', 'failed', 'sending')
        and y.next_try <= now()
    order by y.next_try, y.id
    limit %(most)s::int
    for update skip locked
)
update channels_delivery y
set state = 'sending', tries = y.tries + 1, next_try = now() + make_interval(secs => %(lease)s::float8)
from next
where y.id = next.id
returning y.id, y.key, y.cause, y.name, y.at, y.event_id, y.profile, y.tries

-- done
-- What came of them, where this worker still has them.
update channels_delivery y
set state = n.state, reason = n.reason, params = n.params::jsonb, status = n.status, answer = n.answer,
    tries = y.tries - n.back,
    next_try = case when n.seconds >= 0 then now() + make_interval(secs => n.seconds) else y.next_try end,
    ended_at = case when n.state in ('sent', 'dead', 'held', 'refused') then now() end
from unnest(%(ids)s::bigint[], %(tries)s::int[], %(states)s::text[], %(reasons)s::text[], %(params)s::text[],
            %(statuses)s::int[], %(answers)s::text[], %(seconds)s::float8[], %(backs)s::int[])
    as n(id, tries, state, reason, params, status, answer, seconds, back)
where y.id = n.id and y.state = 'sending' and y.tries = n.tries

-- held
-- Its server is left alone for a time: longer with each trouble.
update channels_destination d
set held_until = greatest(coalesce(d.held_until, now()), now() + make_interval(secs => %(seconds)s::float8)),
    troubles = d.troubles + 1, trouble = %(trouble)s::jsonb
where d.id = %(destination)s::bigint

-- well
-- It works.
update channels_destination d set troubles = 0, trouble = null
where d.id = %(destination)s::bigint and (d.troubles > 0 or d.trouble is not null)

-- sent_to
-- How many people were sent of late, by the ids they had then; what is under way counts.
select y.profile, count(*)::int
from channels_delivery y
where y.workspace_id = %(workspace)s::bigint and y.profile = any(%(profiles)s::uuid[])
    and y.destination_id = %(destination)s::bigint and y.id <> all(%(ids)s::bigint[])
    and (y.state = 'sending'
        or y.state = 'sent' and y.ended_at > now() - make_interval(hours => %(hours)s::int))
group by y.profile
