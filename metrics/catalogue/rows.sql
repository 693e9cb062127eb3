-- orders
-- Orders of a period.
select o.occurred_at as at, o.event_id as key, o.currency as money, o.day as rate_day, o.day,
    o.order_id, o.channel_id, o.occurred_at, o.currency, o.total, o.refunded, o.state, o.sighting_id, o.discount, o.tax,
    o.shipping, o.coupon, o.store, 'order' as what, o.total as moved
from metrics_order o
where o.workspace_id = %(workspace)s::int and o.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or o.channel_id = %(channel)s::int)

-- settled
-- Orders of a period whose messages say what their platforms make of the money.
select o.occurred_at as at, o.event_id as key, o.currency as money, o.day as rate_day, o.day,
    o.order_id, o.channel_id, o.occurred_at, o.currency, o.total, o.sighting_id,
    s.paid, s.merchant_discount, s.platform_discount, s.fees, s.payout
from metrics_order o
join metrics_settlement s on s.workspace_id = %(workspace)s::int and s.order_id = o.order_id
    and s.channel_id = o.channel_id
where o.workspace_id = %(workspace)s::int and o.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or o.channel_id = %(channel)s::int)

-- refunds
-- Refunds and cancellations of a period, on the order's channel, converted by the order's day.
select r.occurred_at as at, r.event_id as key, r.currency as money, r.order_day as rate_day, r.day,
    r.order_id, r.channel_id, r.service_channel_id, r.occurred_at, r.order_day, r.currency, r.amount as refund, r.reason,
    'refund' as what, r.amount as moved
from metrics_refund r
where r.workspace_id = %(workspace)s::int and r.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or r.channel_id = %(channel)s::int)

-- returns
-- Returns received in a period, on the order's channel.
select r.received_at as at, r.event_id as key, '' as money, r.day as rate_day, r.day,
    r.order_id, r.channel_id, r.service_channel_id, r.received_at, r.store
from metrics_return r
where r.workspace_id = %(workspace)s::int and r.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or r.channel_id = %(channel)s::int)

-- lines
-- Lines sold in a period, converted as their cost is.
select l.occurred_at as at, l.order_id || '/' || l.channel_id || '/' || l.line as key,
    l.cost_currency as money, l.cost_day as rate_day, l.day, l.quantity * l.unit_cost as cost,
    l.order_id, l.channel_id, l.line, l.sku, l.name, l.occurred_at, l.quantity, l.unit_cost, l.cost_currency, l.cost_day,
    'sold' as what
from metrics_order_line l
where l.workspace_id = %(workspace)s::int and l.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or l.channel_id = %(channel)s::int)

-- lines_back
-- Goods taken back in a period, at the cost they were sold at.
select b.occurred_at as at,
    b.order_id || '/' || b.channel_id || '/' || b.kind || '/' || b.service_channel_id || '/' || b.key || '/' || b.line as key,
    l.cost_currency as money, l.cost_day as rate_day, b.day, b.quantity * l.unit_cost as cost,
    b.order_id, b.channel_id, b.line, l.sku, l.name, b.occurred_at, b.quantity, l.unit_cost, l.cost_currency, l.cost_day,
    'back' as what
from metrics_return_line b
join metrics_order_line l on l.workspace_id = %(workspace)s::int and l.order_id = b.order_id
    and l.channel_id = b.channel_id and l.line = b.line
where b.workspace_id = %(workspace)s::int and b.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or b.channel_id = %(channel)s::int)

-- spend
-- Spend records that have days in a period; their share of it is counted by who reads them.
select s.at, s.key, s.currency as money, s.rate_day,
    s.channel_id, s.first, s.last, s.currency, s.amount as spent, s.campaign, s.medium, s.kind
from metrics_spend s
where s.workspace_id = %(workspace)s::int and s.first <= %(last)s::date and s.last >= %(first)s::date
    and (%(channel)s::int is null or s.channel_id = %(channel)s::int)

-- skus
-- SKUs with a price on two channels or more, in one currency, as the period ends; how far the prices lie apart.
select g.sku as at, g.sku as key, '' as money, null::date as rate_day, g.sku, coalesce(t.name, '') as name,
    g.channels, g.prices, g.currency, g.spread, g.spread = 0 as agreeing
from (
    select h.sku, array_agg(h.channel_id order by h.channel_id) as channels,
        array_agg(h.price order by h.channel_id) as prices, min(h.currency) as currency,
        max(h.price) - min(h.price) as spread
    from (
        select distinct on (p.sku, p.channel_id) p.sku, p.channel_id, p.price, p.currency
        from metrics_price p
        where p.workspace_id = %(workspace)s::int and p.day <= %(last)s::date
        order by p.sku, p.channel_id, p.at desc
    ) h
    group by h.sku
    having count(*) > 1 and count(distinct h.currency) = 1
        and (%(channel)s::int is null or bool_or(h.channel_id = %(channel)s::int))
) g
left join metrics_product t on t.workspace_id = %(workspace)s::int and t.sku = g.sku

-- active
-- Customers active from `since` on, with when and where: on one channel (`only`) or any; on so many channels at least,
-- `own` among them; `again`: both in the period and before it.
select o.profile_id as at, o.profile_id as key, '' as money, null::date as rate_day, o.profile_id,
    min(a.first_at) as first_at, max(a.last_at) as last_at, array_agg(distinct a.channel_id) as channels,
    sum(a.active) as events
from profiles_owner o
join profiles_activity a on a.workspace_id = %(workspace)s::int and a.sighting_id = o.sighting_id
    and a.active > 0 and a.day between %(since)s::date and %(last)s::date
    and (%(only)s::int is null or a.channel_id = %(only)s::int)
where o.workspace_id = %(workspace)s::int
    and (%(people)s::bigint[] is null or o.profile_id = any(%(people)s::bigint[]))
group by o.profile_id
having (%(least)s::int = 1 or count(distinct a.channel_id) >= %(least)s::int)
    and (%(own)s::int is null or bool_or(a.channel_id = %(own)s::int))
    and (not %(again)s::bool or bool_or(a.day >= %(first)s::date) and bool_or(a.day < %(first)s::date))

-- buyers
-- Customers with orders in a period: at least so many.
select o.profile_id as at, o.profile_id as key, '' as money, null::date as rate_day, o.profile_id,
    min(f.occurred_at) as first_at, max(f.occurred_at) as last_at, array_agg(distinct f.channel_id) as channels,
    count(*) as orders
from profiles_owner o
join metrics_order f on f.workspace_id = %(workspace)s::int and f.sighting_id = o.sighting_id
    and f.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or f.channel_id = %(channel)s::int)
where o.workspace_id = %(workspace)s::int
    and (%(people)s::bigint[] is null or o.profile_id = any(%(people)s::bigint[]))
group by o.profile_id
having count(*) >= %(least)s::int

-- new
-- Customers whose first order ever is in a period, with that order.
select b.profile_id as at, b.profile_id as key, '' as money, null::date as rate_day, b.profile_id,
    f.occurred_at, f.order_id, f.channel_id
from (
    select distinct o.profile_id
    from profiles_owner o
    join metrics_order f on f.workspace_id = %(workspace)s::int and f.sighting_id = o.sighting_id
        and f.day between %(first)s::date and %(last)s::date
        and (%(channel)s::int is null or f.channel_id = %(channel)s::int)
    where o.workspace_id = %(workspace)s::int
        and (%(people)s::bigint[] is null or o.profile_id = any(%(people)s::bigint[]))
) b
cross join lateral (  -- each one's first: among many orders of one customer no two are compared twice
    select e.occurred_at, e.order_id, e.channel_id, e.day
    from (
        select o.sighting_id from profiles_owner o
        where o.workspace_id = %(workspace)s::int and o.profile_id = b.profile_id
        offset 0
    ) o
    cross join lateral (
        select e.* from metrics_order e
        where e.workspace_id = %(workspace)s::int and e.sighting_id = o.sighting_id
        offset 0
    ) e
    order by e.occurred_at, e.message_id collate "C", e.order_id, e.channel_id
    limit 1
) f
where f.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or f.channel_id = %(channel)s::int)

-- answers
-- Who answered in a period, with the latest answer; an answer without a person is a customer of its own.
select max(g.occurred_at) as at, g.who as key, '' as money, null::date as rate_day, g.profile_id,
    max(g.occurred_at) as occurred_at,
    (array_agg(g.channel_id order by g.occurred_at desc, g.message_id collate "C" desc, g.key desc, g.channel_id desc))[1]
        as channel_id,
    (array_agg(g.score order by g.occurred_at desc, g.message_id collate "C" desc, g.key desc, g.channel_id desc))[1]
        as score,
    (array_agg(g.scale order by g.occurred_at desc, g.message_id collate "C" desc, g.key desc, g.channel_id desc))[1]
        as scale,
    (array_agg(g.satisfied order by g.occurred_at desc, g.message_id collate "C" desc, g.key desc, g.channel_id desc))[1]
        as satisfied,
    count(*) as answers
from (
    select w.occurred_at, w.message_id, w.key, w.channel_id, w.score, w.scale, w.satisfied, o.profile_id,
        coalesce(o.profile_id::text, w.channel_id || '/' || w.key) as who
    from metrics_answer w
    left join profiles_owner o on o.workspace_id = %(workspace)s::int and o.sighting_id = w.sighting_id
    where w.workspace_id = %(workspace)s::int and w.day between %(first)s::date and %(last)s::date
        and (%(channel)s::int is null or w.channel_id = %(channel)s::int)
) g
group by g.who, g.profile_id

-- margin_revenue
-- What lines with a price and a cost were sold for in a period, by the order's day, less goods taken back, by theirs: all
-- of it to four places, converted by the order's day. `counted`: not left out for the want of a rate for the other side.
select x.*, (
        x.cost_currency = %(home)s::text or exists (
            select from metrics_rate r where r.workspace_id = %(workspace)s::int and r.currency = x.cost_currency
                and r.day <= x.cost_day)
        or not (x.currency = %(home)s::text or exists (
            select from metrics_rate r where r.workspace_id = %(workspace)s::int and r.currency = x.currency
                and r.day <= x.rate_day))
    ) as counted
from (
    select l.occurred_at as at, 'sold/' || l.order_id || '/' || l.channel_id || '/' || l.line as key, l.currency as money,
        l.day as rate_day, l.day, l.order_id, l.channel_id, l.line, l.sku, l.name, l.occurred_at, l.quantity, l.currency,
        l.cost_currency, l.cost_day, 'sold' as what, round(l.quantity * l.price - coalesce(l.discount, 0), 4) as moved
    from metrics_order_line l
    where l.workspace_id = %(workspace)s::int and l.day between %(first)s::date and %(last)s::date
        and l.price is not null and l.unit_cost is not null
    union all
    select b.occurred_at,
        'back/' || b.order_id || '/' || b.channel_id || '/' || b.kind || '/' || b.service_channel_id || '/' || b.key || '/'
            || b.line,
        l.currency, l.day, b.day, b.order_id, b.channel_id, b.line, l.sku, l.name, b.occurred_at, b.quantity, l.currency,
        l.cost_currency, l.cost_day, 'back',
        -coalesce(round(round(l.quantity * l.price - coalesce(l.discount, 0), 4) * b.quantity / nullif(l.quantity, 0), 4), 0)
    from metrics_return_line b
    join metrics_order_line l on l.workspace_id = %(workspace)s::int and l.order_id = b.order_id
        and l.channel_id = b.channel_id and l.line = b.line
    where b.workspace_id = %(workspace)s::int and b.day between %(first)s::date and %(last)s::date
        and l.price is not null and l.unit_cost is not null
) x
where (%(channel)s::int is null or x.channel_id = %(channel)s::int)

-- margin_cost
-- What those lines cost, less what those taken back did, converted as their cost is. `counted`: as above.
select x.*, x.cost_currency as currency, (
        x.sold_in = %(home)s::text or exists (
            select from metrics_rate r where r.workspace_id = %(workspace)s::int and r.currency = x.sold_in
                and r.day <= x.sold_on)
        or not (x.cost_currency = %(home)s::text or exists (
            select from metrics_rate r where r.workspace_id = %(workspace)s::int and r.currency = x.cost_currency
                and r.day <= x.rate_day))
    ) as counted
from (
    select l.occurred_at as at, 'cost/' || l.order_id || '/' || l.channel_id || '/' || l.line as key,
        l.cost_currency as money, l.cost_day as rate_day, l.day, l.order_id, l.channel_id, l.line, l.sku, l.name,
        l.occurred_at, l.quantity, l.cost_currency, l.currency as sold_in, l.day as sold_on, 'cost' as what,
        l.quantity * l.unit_cost as moved
    from metrics_order_line l
    where l.workspace_id = %(workspace)s::int and l.day between %(first)s::date and %(last)s::date
        and l.price is not null and l.unit_cost is not null
    union all
    select b.occurred_at,
        'cost_back/' || b.order_id || '/' || b.channel_id || '/' || b.kind || '/' || b.service_channel_id || '/' || b.key
            || '/' || b.line,
        l.cost_currency, l.cost_day, b.day, b.order_id, b.channel_id, b.line, l.sku, l.name, b.occurred_at, b.quantity,
        l.cost_currency, l.currency, l.day, 'cost_back', -b.quantity * l.unit_cost
    from metrics_return_line b
    join metrics_order_line l on l.workspace_id = %(workspace)s::int and l.order_id = b.order_id
        and l.channel_id = b.channel_id and l.line = b.line
    where b.workspace_id = %(workspace)s::int and b.day between %(first)s::date and %(last)s::date
        and l.price is not null and l.unit_cost is not null
) x
where (%(channel)s::int is null or x.channel_id = %(channel)s::int)
