-- orders
-- Orders of a period with what was refunded of them, and taken back, up to a day.
select o.order_id, o.channel_id, o.day, coalesce(o.store, ''), o.currency, o.total, coalesce(r.amount, 0),
    coalesce(b.quantity, 0)
from metrics_order o
left join (
    select f.order_id, f.channel_id, sum(f.amount) as amount from metrics_refund f
    where f.workspace_id = %(workspace)s::int and f.order_day between %(first)s::date and %(last)s::date
        and f.day <= %(until)s::date
    group by f.order_id, f.channel_id
) r on r.order_id = o.order_id and r.channel_id = o.channel_id
left join (
    select l.order_id, l.channel_id, sum(l.quantity) as quantity from metrics_return_line l
    where l.workspace_id = %(workspace)s::int and l.day between %(first)s::date and %(until)s::date
    group by l.order_id, l.channel_id
) b on b.order_id = o.order_id and b.channel_id = o.channel_id
where o.workspace_id = %(workspace)s::int and o.day between %(first)s::date and %(last)s::date
order by o.order_id, o.channel_id

-- margins
-- What lines with a price and a cost of a period's orders were sold for and cost, less what was taken back up to a day: as
-- the catalogue's margin has them, by the currencies and the days that convert them.
select x.order_id, x.channel_id, x.currency, x.day, x.cost_currency, x.cost_day,
    sum(x.worth - coalesce(round(x.worth * x.back / nullif(x.quantity, 0), 4), 0)) as revenue,
    sum((x.quantity - x.back) * x.unit_cost) as cost
from (
    select l.order_id, l.channel_id, l.currency, l.day, l.cost_currency, l.cost_day, l.quantity, l.unit_cost,
        round(l.quantity * l.price - coalesce(l.discount, 0), 4) as worth, coalesce(b.quantity, 0) as back
    from metrics_order_line l
    left join (
        select r.order_id, r.channel_id, r.line, sum(r.quantity) as quantity from metrics_return_line r
        where r.workspace_id = %(workspace)s::int and r.day between %(first)s::date and %(until)s::date
        group by r.order_id, r.channel_id, r.line
    ) b on b.order_id = l.order_id and b.channel_id = l.channel_id and b.line = l.line
    where l.workspace_id = %(workspace)s::int and l.day between %(first)s::date and %(last)s::date
        and l.price is not null and l.unit_cost is not null
) x
group by x.order_id, x.channel_id, x.currency, x.day, x.cost_currency, x.cost_day

-- uncosted
-- Lines of a period without a cost: how many, on how many orders, and what they were sold for, by currency and day.
select l.currency, l.day, count(*), count(distinct (l.order_id, l.channel_id)),
    coalesce(sum(l.quantity * l.price - coalesce(l.discount, 0)), 0)
from metrics_order_line l
where l.workspace_id = %(workspace)s::int and l.day between %(first)s::date and %(last)s::date
    and l.unit_cost is null
group by l.currency, l.day

-- spend
-- What channels spent in a period, by the day and currency that convert it.
select r.channel_id, r.rate_day, r.currency, sum(r.amount)
from metrics_rollup r
where r.workspace_id = %(workspace)s::int and r.measure in ('spend_acquisition', 'spend_retention')
    and r.day between %(first)s::date and %(last)s::date
group by r.channel_id, r.rate_day, r.currency

-- services
-- What a channel did in a period for orders that another one sold: each order once a service and channel, with its worth.
select s.service, s.channel, o.currency, o.day, count(*), sum(o.total)
from (
    select distinct 'pickup' as service, p.service_channel_id as channel, p.order_id, p.channel_id as sold_by
    from metrics_shipment p
    where p.workspace_id = %(workspace)s::int and p.day between %(first)s::date and %(last)s::date
        and p.delivered_at is not null and p.service_channel_id <> p.channel_id
    union all
    select distinct 'return', r.service_channel_id, r.order_id, r.channel_id
    from metrics_return r
    where r.workspace_id = %(workspace)s::int and r.day between %(first)s::date and %(last)s::date
        and r.service_channel_id <> r.channel_id
    union all
    select distinct 'advice', t.channel_id, t.order_id, f.channel_id
    from metrics_ticket t
    join lateral (  -- a ticket names an order by its number alone: one that several channels have is nobody's
        select min(n.channel_id) as channel_id from metrics_order n
        where n.workspace_id = %(workspace)s::int and n.order_id = t.order_id
        having count(*) = 1
    ) f on f.channel_id <> t.channel_id
    where t.workspace_id = %(workspace)s::int and t.day between %(first)s::date and %(last)s::date
        and t.order_id is not null
) s
join metrics_order o on o.workspace_id = %(workspace)s::int and o.order_id = s.order_id and o.channel_id = s.sold_by
group by s.service, s.channel, o.currency, o.day
