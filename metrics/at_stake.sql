-- usual_hours
-- What orders came to on channels in the 7 days up to a moment of each, by hour of the day and currency.
select a.channel, extract(hour from o.occurred_at at time zone %(zone)s::text)::int, o.currency, sum(o.total)
from unnest(%(channels)s::int[], %(sinces)s::timestamptz[]) as a(channel, since)
cross join lateral generate_series(0, 7) as back(days)
cross join lateral (
    select x.occurred_at, x.currency, x.total from metrics_order x
    where x.workspace_id = %(workspace)s::int and x.channel_id = a.channel
        and x.day = (a.since at time zone %(zone)s::text)::date - back.days
    offset 0
) o
where o.occurred_at > a.since - interval '7 days' and o.occurred_at <= a.since
group by 1, 2, 3
