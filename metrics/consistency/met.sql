-- oversold
-- Lines of orders of a time whose SKU had nothing left on their channel, all its locations together, when they came.
with steps as (
    select s.channel_id, s.sku, s.at,
        s.quantity - lag(s.quantity, 1, 0::numeric) over (
            partition by s.channel_id, s.sku, s.location order by s.at) as step
    from metrics_stock s
    where s.workspace_id = %(workspace)s::int and s.at < %(until)s::timestamptz
),
moments as (
    select s.channel_id, s.sku, s.at, sum(s.step) as step from steps s group by s.channel_id, s.sku, s.at
),
levels as (
    select m.channel_id, m.sku, m.at as begins, sum(m.step) over item as level,
        lead(m.at, 1, %(until)s::timestamptz) over item as ends
    from moments m
    window item as (partition by m.channel_id, m.sku order by m.at)
)
select distinct l.order_id, l.channel_id, l.sku
from levels v
join metrics_order_line l on l.workspace_id = %(workspace)s::int and l.sku = v.sku and l.channel_id = v.channel_id
    and l.occurred_at >= greatest(v.begins, %(since)s::timestamptz) and l.occurred_at < v.ends
where v.level <= 0 and v.ends > %(since)s::timestamptz
order by l.order_id, l.channel_id, l.sku
