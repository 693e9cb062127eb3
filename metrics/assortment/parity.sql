-- states
-- Every SKU with a price before a moment, whose day is `day`: how far its prices lie apart, whether they agree. Prices are
-- worth what customers pay, after tax, by the rate of their own day; `bound` are those no rule lets differ. All is made
-- in the order in which the index yields prices: no SKU waits for another, nothing is put by.
with held as (
    (
        select distinct on (p.sku, p.channel_id) %(day)s::date as slot, p.sku, p.channel_id, p.price, p.currency,
            p.promotion, p.day
        from metrics_price p
        where p.workspace_id = %(workspace)s::int and p.at < %(until)s::timestamptz
            and (%(skus)s::text[] is null or p.sku = any(%(skus)s::text[]))
            and (%(category)s::text is null or p.sku in (
                select t.sku from metrics_product t
                where t.workspace_id = %(workspace)s::int and t.category = %(category)s::text))
        order by p.sku, p.channel_id, p.at desc
    )
    -- later days
),
worth as (
    select h.slot, h.sku, h.channel_id,
        h.price * coalesce(
            (%(factors)s::numeric[])[array_position(%(taxed)s::int[], h.channel_id)], 1
        ) * case
            when h.currency = %(home)s::text then 1
            else (
                select r.rate from metrics_rate r
                where r.workspace_id = %(workspace)s::int and r.currency = h.currency and r.day <= h.day
                order by r.at desc
                limit 1
            )
        end as worth,
        case when h.promotion <> '' then not exists (
            select from unnest(%(allowed)s::int[], %(untils)s::date[], %(promotions)s::text[])
                as m(channel_id, until, promotion)
            where m.channel_id = h.channel_id and m.until >= h.slot and m.promotion in ('', h.promotion)
        ) else true end as bound
    from held h
    order by h.sku, h.slot  -- sums are made as it comes; and what a price is worth is made once, not for each of them
),
ends as (
    select w.sku, w.slot, count(w.worth) as priced, count(*) - count(w.worth) as unrated,
        min(w.worth) filter (where w.bound) as low, max(w.worth) filter (where w.bound) as high,
        array_agg(w.worth) filter (where w.bound and w.worth is not null) as held_to,
        %(only)s::int[] is null or bool_or(w.channel_id = any(%(only)s::int[])) as there
    from worth w
    group by w.sku, w.slot
),
judged as (
    select e.slot, e.sku, e.priced, e.unrated,
        case when e.low <> e.high then (
            select o.worth from unnest(e.held_to) as o(worth)
            group by o.worth
            order by count(*) desc, o.worth
            limit 1
        ) else e.low end as usual,
        case when e.priced > 1 then coalesce(e.high - e.low, 0) else 0 end as spread
    from ends e
    where e.there
    offset 0
)
select j.slot, j.sku, j.priced, j.unrated, j.usual, j.spread, j.priced > 1 as compared,
    case when j.priced > 1 then coalesce(j.spread <= %(tolerance)s::numeric * j.usual, true) end as agree,
    case
        when j.priced < 2 then null
        when j.spread = 0 then 0
        when j.usual > 0 then round(j.spread / j.usual, 10)
        else 1
    end as gap
from judged j

-- later
-- The prices as they are held at the end of each day after `day` and up to `last` on which a price or a rule changes
-- something: for `states`, in the place it keeps for them.
select c.slot, c.sku, k.channel_id, n.price, n.currency, n.promotion, n.day
from (
    select p.sku, p.day as slot
    from metrics_price p
    where p.workspace_id = %(workspace)s::int and p.at >= %(until)s::timestamptz and p.at < %(end)s::timestamptz
    union
    select p.sku, m.until + 1
    from unnest(%(allowed)s::int[], %(untils)s::date[]) as m(channel_id, until)
    join metrics_price p on p.workspace_id = %(workspace)s::int and p.channel_id = m.channel_id
        and p.promotion <> '' and p.day <= m.until
    where m.until >= %(day)s::date and m.until < %(last)s::date
) c
cross join unnest(%(channels)s::int[]) as k(channel_id)
cross join lateral (
    select p.price, p.currency, p.promotion, p.day
    from metrics_price p
    where p.workspace_id = %(workspace)s::int and p.sku = c.sku and p.channel_id = k.channel_id
        and p.day <= c.slot
    order by p.at desc
    limit 1
) n
where c.slot > %(day)s::date
    and (%(skus)s::text[] is null or c.sku = any(%(skus)s::text[]))
    and (%(category)s::text is null or c.sku in (
        select t.sku from metrics_product t
        where t.workspace_id = %(workspace)s::int and t.category = %(category)s::text))

-- prices
-- The prices of some SKUs on each channel before a moment, with the tax and rate that make them comparable.
select h.sku, h.channel_id, h.price, h.currency, h.list_price, h.promotion, h.at, h.day
from unnest(%(skus)s::text[]) as asked(sku)
cross join unnest(%(channels)s::int[]) as k(channel_id)
cross join lateral (
    select p.sku, p.channel_id, p.price, p.currency, p.list_price, p.promotion, p.at, p.day
    from metrics_price p
    where p.workspace_id = %(workspace)s::int and p.sku = asked.sku and p.channel_id = k.channel_id
        and p.at < %(until)s::timestamptz
    order by p.at desc
    limit 1
) h

-- units
-- What was sold of some SKUs between two moments, by channel.
select l.sku, l.channel_id, sum(l.quantity)
from metrics_order_line l
where l.workspace_id = %(workspace)s::int and l.sku = any(%(skus)s::text[])
    and l.occurred_at >= %(since)s::timestamptz and l.occurred_at < %(until)s::timestamptz
group by l.sku, l.channel_id

-- named
-- What some SKUs are called, and where they belong.
select t.sku, t.name, t.category
from metrics_product t
where t.workspace_id = %(workspace)s::int and t.sku = any(%(skus)s::text[])

-- categories
-- The categories of goods.
select distinct t.category from metrics_product t where t.workspace_id = %(workspace)s::int and t.category <> '' order by 1

-- fresh
-- SKUs with a price that began between two moments.
select distinct p.sku
from metrics_price p
where p.workspace_id = %(workspace)s::int and p.at >= %(since)s::timestamptz and p.at < %(until)s::timestamptz

-- records
-- All prices of a SKU before a moment, oldest first.
select p.channel_id, p.price, p.currency, p.list_price, p.promotion, p.at, p.day
from metrics_price p
where p.workspace_id = %(workspace)s::int and p.sku = %(sku)s::text and p.at < %(until)s::timestamptz
order by p.at, p.channel_id
