-- orders_of
-- The orders of the given customers with the slug of their channel, newest first.
select o.order_id, o.channel_id, c.slug, o.occurred_at, o.currency, o.total, o.refunded, o.cancelled_at, o.state,
    o.tax, o.shipping, o.discount, o.coupon, o.store, o.reason, s.paid, s.merchant_discount, s.platform_discount,
    s.fees, s.fee_kinds, s.payout
from metrics_order o
left join metrics_settlement s on s.workspace_id = o.workspace_id and s.order_id = o.order_id
    and s.channel_id = o.channel_id
left join channels_setting c on c.workspace_id = o.workspace_id and c.channel_id = o.channel_id
where o.workspace_id = %(workspace)s::int and o.sighting_id = any(%(sightings)s::bigint[])
order by o.occurred_at desc, o.order_id desc, o.channel_id desc

-- order_of
-- One order with the slug of its channel, and the customer it is of.
select o.order_id, o.channel_id, c.slug, o.occurred_at, o.currency, o.total, o.refunded, o.cancelled_at, o.state,
    o.tax, o.shipping, o.discount, o.coupon, o.store, o.reason, s.paid, s.merchant_discount, s.platform_discount,
    s.fees, s.fee_kinds, s.payout, p.profile_id
from metrics_order o
left join metrics_settlement s on s.workspace_id = o.workspace_id and s.order_id = o.order_id
    and s.channel_id = o.channel_id
left join channels_setting c on c.workspace_id = o.workspace_id and c.channel_id = o.channel_id
left join profiles_owner p on p.workspace_id = o.workspace_id and p.sighting_id = o.sighting_id
where o.workspace_id = %(workspace)s::int and o.order_id = %(order)s::text and o.channel_id = %(channel)s::int

-- waiting
-- What speaks of orders and counts nothing yet; the page's conditions and order follow.
select w.occurred_at, w.id, w.order_id, w.reason, w.kind, c.slug, n.slug, w.message_id, w.amount, w.currency
from metrics_waiting w
left join channels_setting c on c.workspace_id = w.workspace_id and c.channel_id = w.channel_id
left join channels_setting n on n.workspace_id = w.workspace_id and n.channel_id = w.order_channel_id

-- paid_late
-- Of the newest messages that wait, by currency: how many payments came after a cancellation, the newest of them, and
-- what they come to.
select w.currency, count(*)::int, (array_agg(w.message_id order by w.occurred_at desc, w.id desc))[1], max(w.occurred_at),
    sum(w.amount)
from (
    select reason, message_id, occurred_at, id, amount, currency
    from metrics_waiting
    where workspace_id = %(workspace)s::int
    order by occurred_at desc, id
    limit %(looked_at)s::int
) w
where w.reason = %(reason)s::text
group by w.currency

-- campaigns
-- Campaigns that money was spent on in a period, with the first and last day of their spend.
select s.campaign, min(s.first) as first, max(s.last) as last
from metrics_spend s
where s.workspace_id = %(workspace)s::int and s.campaign <> ''
    and s.campaign in (
        select n.campaign from metrics_spend n
        where n.workspace_id = %(workspace)s::int and n.first <= %(last)s::date and n.last >= %(first)s::date
    )
group by s.campaign
order by 2, 1
