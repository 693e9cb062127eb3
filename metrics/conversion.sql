-- rates
-- All rates of the currencies, oldest first, with the day from which they hold.
select r.currency, r.day, r.rate
from metrics_rate r
where r.workspace_id = %(workspace)s::int and r.currency = any(%(currencies)s::text[])
order by r.currency, r.at
