-- rates
-- What each currency is worth from the beginning of a day on: the newest rate of each day.
select distinct on (r.currency, r.day) r.currency, r.day, r.rate
from metrics_rate r
where r.workspace_id = %(workspace)s::int
order by r.currency, r.day, r.at desc
