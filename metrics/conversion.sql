-- rates
-- All rates of the currencies, oldest first, with the day from which they hold.
select r.currency, r.day, r.rate
from metrics_rate r
where r.workspace_id = %(workspace)s::int and r.currency = any(%(currencies)s::text[])
order by r.currency, r.at

-- first_days
-- Currencies that have a rate, and from which day on.
select r.currency, min(r.day) from metrics_rate r where r.workspace_id = %(workspace)s::int group by r.currency
