-- reconciled
-- The orders of a period that say a payout, each with the lines of bills in its currency; and of the period's lines, by
-- order, those of orders that expect none. `at`, `day`: the order's time, else the latest line's.
select o.occurred_at as at, o.day, o.order_id || '/' || o.channel_id || '/' || o.currency as key, o.order_id, o.channel_id,
    o.currency, s.payout as expected, b.paid, s.fees, b.fees as fees_billed, b.billed_at,
    case when b.paid is null then 'missing' when b.paid = s.payout then 'matched' else 'differing' end as state
from metrics_order o
join metrics_settlement s on s.workspace_id = %(workspace)s::int and s.order_id = o.order_id
    and s.channel_id = o.channel_id and s.payout is not null
left join lateral (
    select sum(p.amount) as paid, sum(p.fees) as fees, max(p.at) as billed_at
    from metrics_payout p
    where p.workspace_id = %(workspace)s::int and p.channel_id = o.channel_id and p.order_id = o.order_id
        and p.currency = o.currency
) b on true
where o.workspace_id = %(workspace)s::int and o.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or o.channel_id = %(channel)s::int)
union all
select max(p.at), max(p.day), p.order_id || '/' || p.channel_id || '/' || p.currency, p.order_id, p.channel_id, p.currency, null,
    sum(p.amount), null, sum(p.fees), max(p.at), 'unexpected'
from metrics_payout p
where p.workspace_id = %(workspace)s::int and p.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or p.channel_id = %(channel)s::int)
    and not exists (
        select from metrics_settlement o
        where o.workspace_id = %(workspace)s::int and o.order_id = p.order_id and o.channel_id = p.channel_id
            and o.currency = p.currency and o.payout is not null
    )
group by p.order_id, p.channel_id, p.currency
