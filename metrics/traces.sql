-- orders
-- The orders that a message speaks of.
select o.order_id, c.slug, o.day, o.total, o.currency, o.state
from metrics_order_message m
join metrics_order o on o.workspace_id = %(workspace)s::int and o.order_id = m.order_id
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = o.channel_id
where m.workspace_id = %(workspace)s::int and m.id = %(event)s::uuid
  and coalesce(m.order_channel_id, o.channel_id) = o.channel_id
order by o.order_id, o.channel_id

-- settlements
-- What a message says of how its order is settled, as the order has it now; fees are apart.
select o.order_id, c.slug, o.day, x.amount, o.currency, x.what
from metrics_order_message m
join metrics_settlement o on o.workspace_id = %(workspace)s::int and o.order_id = m.order_id
    and o.channel_id = coalesce(m.order_channel_id, (
        select h.channel_id from metrics_order h
        where h.workspace_id = %(workspace)s::int and h.order_id = m.order_id and h.channel_id = m.channel_id
    ), o.channel_id)
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = o.channel_id
cross join lateral (values
    (1, 'paid', o.paid), (2, 'merchant_discount', o.merchant_discount), (3, 'platform_discount', o.platform_discount),
    (4, 'payout', o.payout)
) as x(place, what, amount)
where m.workspace_id = %(workspace)s::int and m.id = %(event)s::uuid and m.kind in ('order_completed', 'order_updated')
  and x.amount is not null and m.data::json ->> x.what is not null
order by o.channel_id, x.place

-- fees
-- The fees of the order of a message that says some, as the order has them now.
select f.fee ->> 'kind', c.slug, o.day, (f.fee ->> 'amount')::numeric, o.currency, null::text
from metrics_order_message m
join metrics_settlement o on o.workspace_id = %(workspace)s::int and o.order_id = m.order_id
    and o.channel_id = coalesce(m.order_channel_id, (
        select h.channel_id from metrics_order h
        where h.workspace_id = %(workspace)s::int and h.order_id = m.order_id and h.channel_id = m.channel_id
    ), o.channel_id)
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = o.channel_id
cross join lateral json_array_elements(o.fee_kinds::json) with ordinality as f(fee, place)
where m.workspace_id = %(workspace)s::int and m.id = %(event)s::uuid and m.kind in ('order_completed', 'order_updated')
  and m.data::json -> 'fees' is not null
order by o.channel_id, f.place

-- refunds
-- The refunds an event made.
select r.key, c.slug, r.day, r.amount, r.currency, r.kind
from metrics_refund r
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = r.channel_id
where r.workspace_id = %(workspace)s::int and r.event_id = %(event)s::uuid
order by r.key

-- returns
-- The returns of goods an event announced or completed.
select r.key, c.slug, r.day, null::numeric, null::text, case when r.received_at is null then 'requested' else 'received' end
from metrics_return r
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = r.channel_id
where r.workspace_id = %(workspace)s::int and r.event_id = %(event)s::uuid
order by r.key

-- answers
-- The answer an event gave.
select a.key, c.slug, a.day, a.score, null::text, case when a.satisfied then 'satisfied' else 'not satisfied' end
from metrics_answer a
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = a.channel_id
where a.workspace_id = %(workspace)s::int and a.id = %(event)s::uuid
order by a.key

-- tickets
-- The ticket an event opened or resolved.
select t.key, c.slug, t.day, null::numeric, null::text, case when t.resolved_at is null then 'open' else 'resolved' end
from metrics_ticket t
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = t.channel_id
where t.workspace_id = %(workspace)s::int and t.id = %(event)s::uuid
order by t.key

-- memberships
-- The membership an event began or changed.
select m.id::text, c.slug, m.day, null::numeric, null::text, m.kind
from metrics_membership m
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = m.channel_id
where m.workspace_id = %(workspace)s::int and m.id = %(event)s::uuid
order by m.id

-- accounts
-- What an event changed on a member's account.
select a.unit, c.slug, a.day, a.amount, nullif(a.currency, ''), a.kind
from metrics_member_account a
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = a.channel_id
where a.workspace_id = %(workspace)s::int and a.id = %(event)s::uuid

-- payments
-- The payment an event speaks of.
select p.key, c.slug, p.day, p.amount, case when p.amount is not null then p.currency end, coalesce(w.reason, p.state)
from metrics_order_message m
join metrics_payment p on p.workspace_id = %(workspace)s::int and p.order_id = m.order_id
    and p.service_channel_id = m.channel_id and p.key = m.key
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = p.channel_id
left join metrics_waiting w on w.workspace_id = %(workspace)s::int and w.order_id = m.order_id and w.id = m.id
    and w.reason = 'paid_after_cancel'
where m.workspace_id = %(workspace)s::int and m.id = %(event)s::uuid
  and m.kind in ('payment_started', 'payment_succeeded', 'payment_failed')
order by p.key, p.channel_id

-- waiting
-- Why an event counts nothing yet.
select w.order_id, null::text, null::date, null::numeric, null::text, w.reason
from metrics_waiting w
where w.workspace_id = %(workspace)s::int and w.id = %(event)s::uuid and w.reason <> 'paid_after_cancel'
order by w.order_id
