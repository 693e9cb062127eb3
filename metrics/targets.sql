-- targets
-- Targets that stand: of a metric or all, on any channel or one, that hold on some of the days; who said them.
select t.metric, t.channel_id, t.first, t.last, t.value, t.period, t.author, s.channel_id, t.received_at
from metrics_target t
left join channels_source s on s.workspace_id = t.workspace_id and s.connector_id = t.connector_id
where t.workspace_id = %(workspace)s::int and not t.removed
    and (%(metric)s::text is null or t.metric = %(metric)s::text)
    and (%(channel)s::int is null or t.channel_id = %(channel)s::int)
    and (%(last)s::date is null or t.first <= %(last)s::date)
    and (%(first)s::date is null or t.last is null or t.last >= %(first)s::date)
order by t.metric, t.first desc, t.channel_id
