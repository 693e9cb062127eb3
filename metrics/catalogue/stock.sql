-- stock_days
-- SKUs on channels that had a stock level in a period: on how many of its days, on how many of these nothing was there.
-- A level is the sum over locations of the newest count of each; a day has the one it closes with.
select s.sku as at, s.channel_id || '/' || s.sku as key, '' as money, null::date as rate_day, s.sku,
    coalesce(t.name, '') as name, s.channel_id, s.days, s.days_out
from (
    select l.sku, l.channel_id, sum(l.until - l.since) as days,
        coalesce(sum(l.until - l.since) filter (where l.level <= 0), 0) as days_out
    from (
        select c.sku, c.channel_id, c.day as since,
            coalesce(lead(c.day) over w, %(last)s::date + 1) as until, sum(c.change) over w as level
        from (
            select q.sku, q.channel_id, q.day, sum(q.change) as change
            from (
                select r.sku, r.channel_id, r.day,
                    r.quantity - coalesce(lag(r.quantity) over (
                        partition by r.channel_id, r.sku, r.location order by r.at), 0) as change
                from (
                    (  -- the newest count of each location before the period, as of its first day
                        select distinct on (b.channel_id, b.sku, b.location) b.channel_id, b.sku, b.location, b.at,
                            %(first)s::date as day, b.quantity
                        from metrics_stock b
                        where b.workspace_id = %(workspace)s::int and b.day < %(first)s::date
                            and (%(channel)s::int is null or b.channel_id = %(channel)s::int)
                        order by b.channel_id, b.sku, b.location, b.at desc
                    )
                    union all
                    select i.channel_id, i.sku, i.location, i.at, i.day, i.quantity
                    from metrics_stock i
                    where i.workspace_id = %(workspace)s::int and i.day between %(first)s::date and %(last)s::date
                        and (%(channel)s::int is null or i.channel_id = %(channel)s::int)
                ) r
            ) q
            group by q.sku, q.channel_id, q.day
        ) c
        window w as (partition by c.channel_id, c.sku order by c.day)
    ) l
    group by l.sku, l.channel_id
) s
left join metrics_product t on t.workspace_id = %(workspace)s::int and t.sku = s.sku

-- stock_levels
-- What was there of SKUs as a period ends, where anything was: the newest count of each location.
select h.sku as at, h.channel_id || '/' || h.sku || '/' || h.location as key, '' as money, null::date as rate_day, h.sku,
    coalesce(t.name, '') as name, h.channel_id, h.location, h.quantity, h.at as counted_at
from (
    select distinct on (r.channel_id, r.sku, r.location) r.channel_id, r.sku, r.location, r.quantity, r.at
    from metrics_stock r
    where r.workspace_id = %(workspace)s::int and r.day <= %(last)s::date
        and (%(channel)s::int is null or r.channel_id = %(channel)s::int)
    order by r.channel_id, r.sku, r.location, r.at desc
) h
left join metrics_product t on t.workspace_id = %(workspace)s::int and t.sku = h.sku
where h.quantity > 0

-- exposed
-- SKUs whose newest prices differ as a period ends, in one currency: how far, and how many were sold in the 30 days to it
-- (of one channel: on it). Money is converted by the day of the newest of these prices.
select g.sku as at, g.sku as key, g.currency as money, g.day as rate_day, g.sku, coalesce(t.name, '') as name, g.channels,
    g.prices, g.currency, g.spread, u.quantity, g.spread * u.quantity as exposed
from (
    select h.sku, array_agg(h.channel_id order by h.channel_id) as channels,
        array_agg(h.price order by h.channel_id) as prices, min(h.currency) as currency,
        max(h.price) - min(h.price) as spread, max(h.day) as day
    from (
        select distinct on (p.sku, p.channel_id) p.sku, p.channel_id, p.price, p.currency, p.day
        from metrics_price p
        where p.workspace_id = %(workspace)s::int and p.day <= %(last)s::date
        order by p.sku, p.channel_id, p.at desc
    ) h
    group by h.sku
    having count(*) > 1 and count(distinct h.currency) = 1 and max(h.price) > min(h.price)
        and (%(channel)s::int is null or bool_or(h.channel_id = %(channel)s::int))
) g
join (
    select l.sku, sum(l.quantity) as quantity
    from metrics_order_line l
    where l.workspace_id = %(workspace)s::int and l.day between %(last)s::date - 29 and %(last)s::date
        and (%(channel)s::int is null or l.channel_id = %(channel)s::int)
    group by l.sku
) u on u.sku = g.sku
left join metrics_product t on t.workspace_id = %(workspace)s::int and t.sku = g.sku
where u.quantity <> 0
