-- months
-- The months in which anything happened to people, as UTC counts them.
select distinct to_char(occurred_at at time zone 'UTC', 'YYYY-MM') from profiles_touch
where workspace_id = %(workspace)s::int

-- touches
-- Touches of a span of time. Lists (products) stay out of what conditions may ask for.
select t.occurred_at at time zone 'UTC',
    ('x' || left(replace(t.id::text, '-', ''), 16))::bit(64)::bigint # '-9223372036854775808'::bigint,
    t.sighting_id, t.channel_id, t.touchpoint, t.name, t.type,
    nullif(case when json_typeof(t.campaign) = 'object' then
        case when json_typeof(t.campaign -> 'name') = 'string' then t.campaign ->> 'name' end
    when t.touchpoint = 'marketing' and json_typeof(t.properties -> 'campaign') = 'string'
        then t.properties ->> 'campaign' end, ''),
    nullif(case when json_typeof(t.campaign) = 'object' then
        case when json_typeof(t.campaign -> 'source') = 'string' then t.campaign ->> 'source' end
    when t.touchpoint = 'marketing' and json_typeof(t.properties -> 'source') = 'string'
        then t.properties ->> 'source' end, ''),
    case when strpos(t.properties::text, '[') = 0 then t.properties else (
        select json_object_agg(p.key, p.value) from json_each(t.properties) p where json_typeof(p.value) <> 'array'
    ) end
from profiles_touch t
where t.workspace_id = %(workspace)s::int and t.type = any(%(types)s::text[])
    and not %(bot)s::text = any(string_to_array(t.marks, ','))
    and t.occurred_at >= %(first)s::timestamptz and t.occurred_at < %(after)s::timestamptz

-- customers
-- Sightings with their profiles and their identifiers.
select sighting_id, profile_id, array_to_string(members, ',') from profiles_sighted
where workspace_id = %(workspace)s::int

-- named
-- Identifiers of the given kinds.
select identifier_id from profiles_named
where workspace_id = %(workspace)s::int and kind = any(%(kinds)s::text[])

-- traits
-- What was said of people under the given names.
select sighting_id, name, value::json #>> '{}', last_at at time zone 'UTC',
    ('x' || left(replace(last_event::text, '-', ''), 16))::bit(64)::bigint # '-9223372036854775808'::bigint
from profiles_said
where workspace_id = %(workspace)s::int and name = any(%(names)s::text[]) and json_typeof(value::json) = 'string'

-- orders
-- Orders.
select order_id, channel_id, occurred_at at time zone 'UTC', day,
    ('x' || left(replace(event_id::text, '-', ''), 16))::bit(64)::bigint # '-9223372036854775808'::bigint,
    message_id, sighting_id, currency, total, refunded, discount, shipping, tax, cancelled_at at time zone 'UTC', state,
    store, coupon, campaign, source
from metrics_order
where workspace_id = %(workspace)s::int

-- settlements
-- What platforms keep of orders and pay out.
select order_id, channel_id, day, fees, payout
from metrics_settlement
where workspace_id = %(workspace)s::int

-- order_lines
-- Lines of orders.
select order_id, channel_id, line, occurred_at at time zone 'UTC', day, sku, name, category, brand, quantity,
    price * quantity - coalesce(discount, 0), currency, round(quantity * unit_cost, 12), cost_currency, cost_day
from metrics_order_line
where workspace_id = %(workspace)s::int

-- lines_again
-- Lines of the given orders.
select d.order_id, l.channel_id, l.line, l.occurred_at at time zone 'UTC', l.day, l.sku, l.name, l.category, l.brand,
    l.quantity, l.price * l.quantity - coalesce(l.discount, 0), l.currency, round(l.quantity * l.unit_cost, 12),
    l.cost_currency, l.cost_day
from unnest(%(orders)s::text[]) as d(order_id)
cross join lateral (
    select x.* from metrics_order_line x
    where x.workspace_id = %(workspace)s::int and x.order_id = d.order_id
    offset 0
) l

-- refunds
-- Refunds, and cancellations as refunds.
select order_id, channel_id, service_channel_id, kind, occurred_at at time zone 'UTC', day, order_day, currency, amount
from metrics_refund
where workspace_id = %(workspace)s::int

-- returns
-- Returns.
select order_id, channel_id, service_channel_id, key, occurred_at at time zone 'UTC', requested_at at time zone 'UTC',
    received_at at time zone 'UTC', day, store
from metrics_return
where workspace_id = %(workspace)s::int

-- return_lines
-- Goods taken back.
select order_id, channel_id, service_channel_id, kind, line, sku, occurred_at at time zone 'UTC', day, quantity
from metrics_return_line
where workspace_id = %(workspace)s::int

-- payments
-- Payments.
select order_id, channel_id, service_channel_id, occurred_at at time zone 'UTC', started_at at time zone 'UTC',
    succeeded_at at time zone 'UTC', failed_at at time zone 'UTC', state, amount, currency, method, reason
from metrics_payment
where workspace_id = %(workspace)s::int

-- shipments
-- Parcels.
select order_id, channel_id, service_channel_id, occurred_at at time zone 'UTC', shipped_at at time zone 'UTC',
    delivered_at at time zone 'UTC', promised_at at time zone 'UTC', carrier
from metrics_shipment
where workspace_id = %(workspace)s::int

-- answers
-- Answers.
select channel_id, key, occurred_at at time zone 'UTC', day,
    ('x' || left(replace(id::text, '-', ''), 16))::bit(64)::bigint # '-9223372036854775808'::bigint,
    message_id, sighting_id, satisfied, order_id,
    case when score * 10 >= scale * 9 then 1 when score * 10 <= scale * 6 then -1 else 0 end
from metrics_answer
where workspace_id = %(workspace)s::int

-- tickets
-- Tickets.
select channel_id, key, occurred_at at time zone 'UTC', sighting_id, opened_at at time zone 'UTC',
    resolved_at at time zone 'UTC', first_response_at at time zone 'UTC', topic, order_id
from metrics_ticket
where workspace_id = %(workspace)s::int

-- memberships
-- Steps of membership.
select sighting_id, occurred_at at time zone 'UTC',
    ('x' || left(replace(id::text, '-', ''), 16))::bit(64)::bigint # '-9223372036854775808'::bigint, kind, tier
from metrics_membership
where workspace_id = %(workspace)s::int

-- prices
-- Prices.
select channel_id, sku, at at time zone 'UTC', day, price, currency from metrics_price
where workspace_id = %(workspace)s::int

-- newest
-- The newest event of all, and the last change.
select (select max(occurred_at) from profiles_touch where workspace_id = %(workspace)s::int),
    (select coalesce(max(id), 0) from metrics_mirror_change where workspace_id = %(workspace)s::int)
