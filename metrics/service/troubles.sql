-- orphans
-- Payments of a period that succeeded, some time ago, and whose number stands for no order.
select p.succeeded_at as at,
    p.order_id || '/' || p.channel_id || '/' || p.service_channel_id || '/' || p.key as key,
    p.order_id, p.channel_id, p.service_channel_id, p.method, p.amount as paid, p.currency, 1 as payments,
    null::numeric as total, p.amount as excess, p.sighting_id
from metrics_payment p
where p.workspace_id = %(workspace)s::int and p.day between %(first)s::date and %(last)s::date
    and p.succeeded_at < %(settled)s::timestamptz
    and not exists (
        select from metrics_order o
        where o.workspace_id = %(workspace)s::int and o.order_id = p.order_id and o.channel_id = p.channel_id
    )

-- duplicates
-- Orders with several payments that succeeded, one of them in a period, and that come to more than the order and what was
-- given back of it.
select d.at, o.order_id || '/' || o.channel_id as key, o.order_id, o.channel_id, d.service_channel_id, d.method, d.paid,
    o.currency, d.payments, o.total, d.paid - o.total as excess, o.sighting_id
from (
    select distinct p.order_id, p.channel_id from metrics_payment p
    where p.workspace_id = %(workspace)s::int and p.day between %(first)s::date and %(last)s::date
        and p.succeeded_at < %(settled)s::timestamptz
) g
cross join lateral (
    select count(*)::int as payments, sum(p.amount) as paid, max(p.succeeded_at) as at,
        (array_agg(p.service_channel_id order by p.succeeded_at desc, p.key))[1] as service_channel_id,
        (array_agg(p.method order by p.succeeded_at desc, p.key))[1] as method
    from metrics_payment p
    where p.workspace_id = %(workspace)s::int and p.order_id = g.order_id and p.channel_id = g.channel_id
        and p.succeeded_at is not null and p.amount is not null
) d
join metrics_order o on o.workspace_id = %(workspace)s::int and o.order_id = g.order_id and o.channel_id = g.channel_id
where d.payments > 1 and d.paid - o.total > (
    select coalesce(sum(r.amount + r.excess), 0) from metrics_refund r
    where r.workspace_id = %(workspace)s::int and r.order_id = o.order_id and r.channel_id = o.channel_id
        and r.kind = 'refund'
)
