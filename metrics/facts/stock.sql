-- where_kept +
-- The channels on which the given SKUs have stock records.
select distinct s.channel_id, s.sku
from metrics_stock s
where s.workspace_id = %(workspace)s::int and s.sku = any(%(skus)s::text[])

-- levels +
-- Stock levels of items from a day on, and of each location the last one before that day.
select s.channel_id, s.sku, s.location, s.at, s.day, s.quantity
from unnest(%(channels)s::int[], %(skus)s::text[], %(since)s::date[]) as d(channel, sku, since)
join metrics_stock s on s.workspace_id = %(workspace)s::int and s.sku = d.sku and s.channel_id = d.channel
    and s.day >= d.since
union all
select b.channel_id, b.sku, b.location, b.at, b.day, b.quantity
from unnest(%(channels)s::int[], %(skus)s::text[], %(since)s::date[]) as d(channel, sku, since)
cross join lateral (
    select distinct on (s.location) s.channel_id, s.sku, s.location, s.at, s.day, s.quantity
    from metrics_stock s
    where s.workspace_id = %(workspace)s::int and s.sku = d.sku and s.channel_id = d.channel and s.day < d.since
    order by s.location, s.at desc
) b
