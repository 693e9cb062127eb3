-- add +
-- Adds differences to the sums in key order; yields the keys of those that came to 0.
with kept as (
    insert into metrics_rollup as r (workspace_id, measure, channel_id, day, rate_day, currency, amount)
    select %(workspace)s::int, d.measure, d.channel, d.day, d.rate_day, d.currency, trim_scale(d.amount)
    from unnest(
        %(measures)s::text[], %(channels)s::int[], %(days)s::date[], %(rate_days)s::date[], %(currencies)s::text[],
        %(amounts)s::numeric[]
    ) with ordinality as d(measure, channel, day, rate_day, currency, amount, place)
    order by d.place
    on conflict (workspace_id, measure, channel_id, day, rate_day, currency)
        do update set amount = trim_scale(r.amount + excluded.amount)
    returning r.measure, r.channel_id, r.day, r.rate_day, r.currency, r.amount
)
select measure, channel_id, day, rate_day, currency from kept where amount = 0

-- drop_empty +
-- Takes away sums that came to 0; this transaction holds their rows already.
delete from metrics_rollup r
using unnest(
    %(measures)s::text[], %(channels)s::int[], %(days)s::date[], %(rate_days)s::date[], %(currencies)s::text[]
) as d(measure, channel, day, rate_day, currency)
where r.workspace_id = %(workspace)s::int and r.measure = d.measure and r.channel_id = d.channel and r.day = d.day
    and r.rate_day = d.rate_day and r.currency = d.currency and r.amount = 0
