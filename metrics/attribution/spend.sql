-- spend
-- Spend records with days in a period: what, on which channel, for which campaign.
select s.channel_id, s.campaign, s.currency, s.rate_day, s.first, s.last, s.amount
from metrics_spend s
where s.workspace_id = %(workspace)s::int and s.first <= %(last)s::date and s.last >= %(first)s::date
