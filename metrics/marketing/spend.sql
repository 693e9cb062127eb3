-- spent
-- Spend records with days in a period.
select s.campaign, s.channel_id, s.medium, s.currency, s.rate_day, s.first, s.last, s.amount
from metrics_spend s
where s.workspace_id = %(workspace)s::int and s.first <= %(last)s::date and s.last >= %(first)s::date
order by s.campaign, s.first, s.key
