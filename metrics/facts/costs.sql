-- lines_since +
-- Lines of the given SKUs sold from the given moments on that have no cost of their own.
select l.order_id, l.channel_id, l.line, l.sku, l.occurred_at, l.day, l.quantity, l.price, l.discount, l.currency,
    l.name, l.category, l.brand, l.own_cost, l.unit_cost, l.cost_currency, l.cost_day
from unnest(%(skus)s::text[], %(since)s::timestamptz[]) as d(sku, since)
join metrics_order_line l on l.workspace_id = %(workspace)s::int and l.sku = d.sku and l.occurred_at >= d.since
where l.own_cost is null
