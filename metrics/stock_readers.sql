-- level_days
-- From each day of a period on, by channel: how many SKUs more have a level, and of how many more nothing is there.
select e.day, e.channel_id, sum(e.known), sum(e.out)
from (
    select c.day, c.channel_id, coalesce(lead(c.day) over w, %(last)s::date + 1) as until,
        sum(c.change) over w as level
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
                    order by b.channel_id, b.sku, b.location, b.at desc
                )
                union all
                select i.channel_id, i.sku, i.location, i.at, i.day, i.quantity
                from metrics_stock i
                where i.workspace_id = %(workspace)s::int and i.day between %(first)s::date and %(last)s::date
            ) r
        ) q
        group by q.sku, q.channel_id, q.day
    ) c
    window w as (partition by c.channel_id, c.sku order by c.day)
) s
cross join lateral (
    values (s.day, s.channel_id, 1, (s.level <= 0)::int), (s.until, s.channel_id, -1, -(s.level <= 0)::int)
) as e(day, channel_id, known, out)
where e.day <= %(last)s::date
group by e.day, e.channel_id

-- unit_changes
-- How many items more or less are there, by day and channel; all before the period on its first day. What is owed is none.
select q.day, q.channel_id, sum(q.change)
from (
    select r.channel_id, r.day,
        greatest(r.quantity, 0) - coalesce(greatest(lag(r.quantity) over (
            partition by r.channel_id, r.sku, r.location order by r.at), 0), 0) as change
    from (
        (  -- the newest count of each location before the period, as of its first day
            select distinct on (b.channel_id, b.sku, b.location) b.channel_id, b.sku, b.location, b.at,
                %(first)s::date as day, b.quantity
            from metrics_stock b
            where b.workspace_id = %(workspace)s::int and b.day < %(first)s::date
            order by b.channel_id, b.sku, b.location, b.at desc
        )
        union all
        select i.channel_id, i.sku, i.location, i.at, i.day, i.quantity
        from metrics_stock i
        where i.workspace_id = %(workspace)s::int and i.day between %(first)s::date and %(last)s::date
    ) r
) q
group by 1, 2
having sum(q.change) <> 0

-- sold
-- How many of some SKUs were ordered, by day and channel, the earliest first.
select l.day, l.channel_id, l.sku, sum(l.quantity)
from metrics_order_line l
where l.workspace_id = %(workspace)s::int and l.sku = any(%(skus)s::text[]) and l.day between %(first)s::date and %(last)s::date
group by l.day, l.channel_id, l.sku
order by l.day, l.channel_id, l.sku
