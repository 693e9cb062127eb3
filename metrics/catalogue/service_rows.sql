-- payments
-- Payments of orders begun in a period, whatever came of them.
select p.occurred_at as at,
    p.order_id || '/' || p.channel_id || '/' || p.service_channel_id || '/' || p.key as key, p.currency as money,
    p.day as rate_day, p.day, p.order_id, p.channel_id, p.service_channel_id, p.occurred_at, p.method, p.state, p.reason,
    p.amount as due, p.currency
from metrics_payment p
where p.workspace_id = %(workspace)s::int and p.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or p.channel_id = %(channel)s::int)
    and exists (select from metrics_order o
        where o.workspace_id = %(workspace)s::int and o.order_id = p.order_id and o.channel_id = p.channel_id)

-- parcels
-- Parcels that arrived in a period, with the hours since their order; none where they arrived before it.
select x.*, (x.delivered_at at time zone %(zone)s::text)::date as day,
    case when x.delivered_at >= x.ordered_at
        then round(extract(epoch from x.delivered_at - x.ordered_at) / 3600, 4) end as hours
from (
    select s.delivered_at as at, s.order_id || '/' || s.channel_id || '/' || s.service_channel_id || '/' || s.key as key,
        '' as money, null::date as rate_day, s.order_id, s.channel_id, o.occurred_at as ordered_at, s.shipped_at,
        s.delivered_at, s.promised_at, s.delivered_at <= s.promised_at as on_time, s.carrier
    from metrics_shipment s
    join metrics_order o on o.workspace_id = %(workspace)s::int and o.order_id = s.order_id
        and o.channel_id = s.channel_id
    where s.workspace_id = %(workspace)s::int and (%(channel)s::int is null or s.channel_id = %(channel)s::int)
        and s.delivered_at >= %(first)s::date::timestamp at time zone %(zone)s::text
        and s.delivered_at < (%(last)s::date + 1)::timestamp at time zone %(zone)s::text
) x

-- tickets_answered
-- Tickets first answered in a period, with the minutes since they were opened; not what was answered before.
select t.first_response_at as at, t.channel_id || '/' || t.key as key, '' as money, null::date as rate_day,
    (t.first_response_at at time zone %(zone)s::text)::date as day, t.channel_id, t.key as ticket, t.topic, t.sighting_id,
    t.opened_at, t.first_response_at,
    round(extract(epoch from t.first_response_at - t.opened_at) / 60, 2) as minutes
from metrics_ticket t
where t.workspace_id = %(workspace)s::int and (%(channel)s::int is null or t.channel_id = %(channel)s::int)
    and t.first_response_at >= %(first)s::date::timestamp at time zone %(zone)s::text
    and t.first_response_at < (%(last)s::date + 1)::timestamp at time zone %(zone)s::text
    and t.first_response_at >= t.opened_at

-- tickets_resolved
-- Tickets resolved in a period, with the hours since they were opened; not what was resolved before.
select t.resolved_at as at, t.channel_id || '/' || t.key as key, '' as money, null::date as rate_day,
    (t.resolved_at at time zone %(zone)s::text)::date as day, t.channel_id, t.key as ticket, t.topic, t.sighting_id,
    t.opened_at, t.resolved_at, round(extract(epoch from t.resolved_at - t.opened_at) / 3600, 4) as hours
from metrics_ticket t
where t.workspace_id = %(workspace)s::int and (%(channel)s::int is null or t.channel_id = %(channel)s::int)
    and t.resolved_at >= %(first)s::date::timestamp at time zone %(zone)s::text
    and t.resolved_at < (%(last)s::date + 1)::timestamp at time zone %(zone)s::text
    and t.resolved_at >= t.opened_at

-- refunds_of_returns
-- Refunds of a period that a return of their order came before, with the hours since the last of these was announced.
select r.occurred_at as at,
    r.order_id || '/' || r.channel_id || '/' || r.service_channel_id || '/' || r.key as key, r.currency as money,
    r.order_day as rate_day, r.day, r.order_id, r.channel_id, r.service_channel_id, b.returned_at, r.occurred_at,
    r.currency, r.amount as refund, round(extract(epoch from r.occurred_at - b.returned_at) / 3600, 4) as hours
from metrics_refund r
cross join lateral (
    select max(x.occurred_at) as returned_at from metrics_return x
    where x.workspace_id = %(workspace)s::int and x.order_id = r.order_id and x.channel_id = r.channel_id
        and x.occurred_at <= r.occurred_at
) b
where r.workspace_id = %(workspace)s::int and r.day between %(first)s::date and %(last)s::date and r.kind = 'refund'
    and b.returned_at is not null and (%(channel)s::int is null or r.channel_id = %(channel)s::int)
