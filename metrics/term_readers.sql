-- sums
-- Measures of the roll-ups by slot, channel, currency and the day its rate is taken from (our own needs none).
select r.measure, width_bucket(r.day, %(starts)s::date[]) as slot, r.channel_id, r.currency,
    case when r.currency in ('', %(currency)s::text) then null else r.rate_day end as rate_day, sum(r.amount)
from metrics_rollup r
where r.workspace_id = %(workspace)s::int and r.measure = any(%(measures)s::text[])
    and r.day between %(first)s::date and %(last)s::date
group by 1, 2, 3, 4, 5

-- stock_changes
-- What the stock's worth changed by day; all before the period stands on its first day.
select greatest(r.day, %(first)s::date) as day, r.channel_id, r.currency,
    case when r.currency in ('', %(currency)s::text) then null else r.rate_day end as rate_day, sum(r.amount)
from metrics_rollup r
where r.workspace_id = %(workspace)s::int and r.measure = 'stock_value' and r.day <= %(last)s::date
group by 1, 2, 3, 4

-- customers
-- Distinct customers of a measure by slot and channel: the spans that lie inside.
select p.slot, found.channel_id, found.n
from unnest(%(firsts)s::date[], %(lasts)s::date[]) with ordinality as p(first, last, slot)
cross join lateral (  -- slot by slot, each a short walk in the index
    select s.channel_id, sum(s.n) as n
    from metrics_span s
    where s.workspace_id = %(workspace)s::int and s.measure = %(measure)s::text
        and s.channel_id = any(%(channels)s::int[]) and s.first between p.first and p.last and s.last <= p.last
    group by s.channel_id
) as found

-- prices
-- The newest price of each SKU and channel before the period and all inside it, oldest first.
select day, channel_id, sku, price, currency
from (
    (
        select distinct on (p.sku, p.channel_id) p.day, p.at, p.channel_id, p.sku, p.price, p.currency
        from metrics_price p
        where p.workspace_id = %(workspace)s::int and p.day < %(first)s::date
        order by p.sku, p.channel_id, p.at desc
    )
    union all
    select p.day, p.at, p.channel_id, p.sku, p.price, p.currency
    from metrics_price p
    where p.workspace_id = %(workspace)s::int and p.day between %(first)s::date and %(last)s::date
) as held
order by at, channel_id, sku

-- stances
-- By slot and channel (0: all): customers whose latest answer there is a promoter's, and those whose is a detractor's.
-- An answer without a person is a customer of its own.
select coalesce(g.slot, 0), coalesce(g.channel_id, 0), count(*) filter (where g.stance > 0),
    count(*) filter (where g.stance < 0)
from (
    select b.slot, b.channel_id, b.who,
        (array_agg(b.stance order by b.occurred_at desc, b.message_id collate "C" desc, b.key desc, b.of desc))[1]
            as stance
    from (
        select width_bucket(w.day, %(starts)s::date[]) as slot, w.channel_id, w.channel_id as of, w.occurred_at,
            w.message_id, w.key, coalesce(o.profile_id::text, w.channel_id || '/' || w.key) as who,
            case when w.score * 10 >= w.scale * 9 then 1 when w.score * 10 <= w.scale * 6 then -1 else 0 end as stance
        from metrics_answer w
        left join profiles_owner o on o.workspace_id = %(workspace)s::int and o.sighting_id = w.sighting_id
        where w.workspace_id = %(workspace)s::int and w.day between %(first)s::date and %(last)s::date
    ) b
    group by grouping sets ((b.who, b.slot, b.channel_id), (b.who, b.slot), (b.who, b.channel_id), (b.who))
) g
group by 1, 2
