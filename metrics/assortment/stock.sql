-- items
-- Every SKU on every channel with a stock level before a moment: its level, days it closed at 0 or below within the 30
-- that end with `last`, what it sold, what a piece costs and is sold for. Days before its first level are not known and
-- count nowhere. Levels are those of all locations together, as each day closes.
with base as (
    select distinct on (s.channel_id, s.sku, s.location) s.channel_id, s.sku, s.location, s.at, %(first)s::date as day,
        s.quantity
    from metrics_stock s
    where s.workspace_id = %(workspace)s::int and s.day < %(first)s::date
        and (%(channels)s::int[] is null or s.channel_id = any(%(channels)s::int[]))
        and (%(skus)s::text[] is null or s.sku = any(%(skus)s::text[]))
    order by s.channel_id, s.sku, s.location, s.at desc
),
told as (
    select * from base
    union all
    select s.channel_id, s.sku, s.location, s.at, s.day, s.quantity
    from metrics_stock s
    where s.workspace_id = %(workspace)s::int and s.day >= %(first)s::date and s.at < %(until)s::timestamptz
        and (%(channels)s::int[] is null or s.channel_id = any(%(channels)s::int[]))
        and (%(skus)s::text[] is null or s.sku = any(%(skus)s::text[]))
),
steps as (
    select t.channel_id, t.sku, t.day, t.at,
        t.quantity - lag(t.quantity, 1, 0::numeric) over (
            partition by t.channel_id, t.sku, t.location order by t.at) as step
    from told t
    where %(category)s::text is null or t.sku in (
        select p.sku from metrics_product p
        where p.workspace_id = %(workspace)s::int and p.category = %(category)s::text)
),
daily as (
    select s.channel_id, s.sku, s.day, sum(s.step) as step
    from steps s
    group by s.channel_id, s.sku, s.day
),
spans as materialized (
    select d.channel_id, d.sku, d.day as begins, sum(d.step) over item as level,
        lead(d.day, 1, %(last)s::date + 1) over item as ends
    from daily d
    window item as (partition by d.channel_id, d.sku order by d.day)
),
marked as (
    select s.*, s.level <= 0 and not coalesce(lag(s.level) over item <= 0, false) as begins_out
    from spans s
    window item as (partition by s.channel_id, s.sku order by s.begins)
),
items as (
    select m.channel_id, m.sku, sum(m.ends - m.begins)::int as days,
        coalesce(sum(m.ends - m.begins) filter (where m.level <= 0), 0)::int as days_out,
        count(*) filter (where m.begins_out)::int as stock_outs,
        sum(greatest(m.level, 0) * (m.ends - m.begins)) as piece_days,
        (array_agg(m.level order by m.begins desc))[1] as level
    from marked m
    group by m.channel_id, m.sku
),
sold as (
    select l.channel_id, l.sku, l.day, sum(l.quantity) as units
    from metrics_order_line l
    where l.workspace_id = %(workspace)s::int and l.occurred_at >= %(since)s::timestamptz
        and l.occurred_at < %(until)s::timestamptz
        and (%(skus)s::text[] is null or l.sku = any(%(skus)s::text[]))
    group by l.channel_id, l.sku, l.day
),
sums as (
    select s.channel_id, s.sku, sum(o.units) as units,
        coalesce(sum(o.units) filter (where s.level > 0), 0) as units_in,
        coalesce(sum(o.units * o.units) filter (where s.level > 0), 0) as squares
    from spans s
    join sold o on o.channel_id = s.channel_id and o.sku = s.sku and o.day >= s.begins and o.day < s.ends
    group by s.channel_id, s.sku
)
select i.channel_id, i.sku, i.level, i.days, i.days_out, i.stock_outs, i.piece_days, coalesce(u.units, 0) as units,
    coalesce(u.units_in, 0) as units_in, coalesce(u.squares, 0) as squares
from items i
left join sums u on u.channel_id = i.channel_id and u.sku = i.sku

-- worths
-- What a piece of some items costs and is sold for before a moment, each with its currency and day.
select asked.channel_id, asked.sku, c.unit_cost, c.currency, c.day, p.price, p.currency, p.day
from unnest(%(channels)s::int[], %(skus)s::text[]) as asked(channel_id, sku)
left join lateral (
    select c.unit_cost, c.currency, c.day
    from metrics_cost c
    where c.workspace_id = %(workspace)s::int and c.sku = asked.sku and c.channel_id in (asked.channel_id, 0)
        and c.at < %(until)s::timestamptz
    order by c.channel_id desc, c.at desc
    limit 1
) c on true
left join lateral (
    select p.price, p.currency, p.day
    from metrics_price p
    where p.workspace_id = %(workspace)s::int and p.sku = asked.sku and p.channel_id = asked.channel_id
        and p.at < %(until)s::timestamptz
    order by p.at desc
    limit 1
) p on true

-- oversold
-- Lines of orders of a period whose SKU was at 0 or below on their channel when they were ordered.
with items as (
    select distinct s.channel_id, s.sku
    from metrics_stock s
    where s.workspace_id = %(workspace)s::int and s.quantity <= 0 and s.at < %(until)s::timestamptz
        and (%(channels)s::int[] is null or s.channel_id = any(%(channels)s::int[]))
        and (%(skus)s::text[] is null or s.sku = any(%(skus)s::text[]))
        and (%(category)s::text is null or s.sku in (
            select p.sku from metrics_product p
            where p.workspace_id = %(workspace)s::int and p.category = %(category)s::text))
),
steps as (
    select s.channel_id, s.sku, s.at,
        s.quantity - lag(s.quantity, 1, 0::numeric) over (
            partition by s.channel_id, s.sku, s.location order by s.at) as step
    from metrics_stock s
    join items i on i.channel_id = s.channel_id and i.sku = s.sku
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
select l.occurred_at as at, l.order_id || '/' || l.channel_id || '/' || l.line as key, l.order_id, l.channel_id, l.sku,
    l.name, l.quantity, v.level, o.message_id, o.state
from levels v
join metrics_order_line l on l.workspace_id = %(workspace)s::int and l.sku = v.sku and l.channel_id = v.channel_id
    and l.occurred_at >= greatest(v.begins, %(since)s::timestamptz) and l.occurred_at < v.ends
join metrics_order o on o.workspace_id = %(workspace)s::int and o.order_id = l.order_id
    and o.channel_id = l.channel_id
where v.level <= 0 and v.ends > %(since)s::timestamptz

-- goods
-- What goods are called, and where they belong.
select t.sku, t.name, t.category from metrics_product t where t.workspace_id = %(workspace)s::int
