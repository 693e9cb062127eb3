-- event_twice
-- Events whose message is there more than once.
select workspace_id, id, count(*) from profiles_event group by 1, 2 having count(*) > 1

-- event_not_taken
-- Events whose message nobody took.
select e.workspace_id, e.id from profiles_event e
where not exists (select from channels_seen s where s.workspace_id = e.workspace_id and s.id = e.id)

-- taken_not_stored
-- Messages taken that are neither an event nor a record (of records each key came once).
with records as (
    select workspace_id, id from metrics_product union all select workspace_id, id from metrics_price
    union all select workspace_id, id from metrics_stock union all select workspace_id, id from metrics_cost
    union all select workspace_id, id from metrics_spend union all select workspace_id, id from metrics_rate
    union all select workspace_id, id from metrics_target union all select workspace_id, id from metrics_payout
)
select s.workspace_id, s.id from channels_seen s
where not exists (select from profiles_event e where e.workspace_id = s.workspace_id and e.id = s.id)
  and not exists (select from records r where r.workspace_id = s.workspace_id and r.id = s.id)

-- taken_and_rejected
-- Open rejects of messages that are stored.
select r.workspace_id, r.id from channels_reject r
join channels_seen s on s.workspace_id = r.workspace_id and s.id = r.id
where r.state = 'open'

-- received_is_told
-- Connectors whose minutes do not add up: received = stored + rejected + repeats, stored = taken.
select m.workspace_id, sum(m.received), sum(m.stored), sum(m.rejected), sum(m.repeats),
    (select count(*) from channels_seen s where s.workspace_id = m.workspace_id)
from channels_minute m group by 1
having sum(m.received) <> sum(m.stored) + sum(m.rejected) + sum(m.repeats)
    or sum(m.stored) <> (select count(*) from channels_seen s where s.workspace_id = m.workspace_id)

-- worked_is_received
-- Workspaces where all is worked and not all was counted.
select i.workspace_id, sum(i.n), m.received
from channels_inbox i
join (select workspace_id, sum(received) as received from channels_minute group by 1) m using (workspace_id)
where not exists (select from channels_inbox_open o where o.workspace_id = i.workspace_id)
group by 1, 3 having sum(i.n) <> m.received

-- activity_is_events
-- Sightings whose activity does not add up to their events.
select workspace_id, sighting_id, e.n, a.n
from (select workspace_id, sighting_id, count(*) as n from profiles_event where sighting_id is not null group by 1, 2) e
full join (select workspace_id, sighting_id, sum(events) as n from profiles_activity group by 1, 2) a
    using (workspace_id, sighting_id)
where e.n is distinct from a.n

-- summary_is_activity
-- Profiles whose summary does not say what their activity does.
select workspace_id, profile_id, s.events, a.events, s.first_seen, a.first_at, s.last_seen, a.last_at
from (
    select o.workspace_id, o.profile_id, sum(a.events) as events, min(a.first_at) as first_at, max(a.last_at) as last_at
    from profiles_activity a join profiles_owner o using (workspace_id, sighting_id) group by 1, 2
) a
full join (select * from profiles_summary where events > 0) s using (workspace_id, profile_id)
where s.events is distinct from a.events or s.first_seen is distinct from a.first_at
   or s.last_seen is distinct from a.last_at

-- summary_is_orders
-- Profiles whose purchases are not those of their orders (all in the workspace's currency).
select workspace_id, profile_id, s.orders, b.orders, s.revenue, b.revenue
from (
    select o.workspace_id, p.profile_id, count(*) as orders, sum(o.total - o.refunded) as revenue
    from metrics_order o join profiles_owner p using (workspace_id, sighting_id) group by 1, 2
) b
full join (select * from profiles_summary where orders > 0) s using (workspace_id, profile_id)
where s.orders is distinct from b.orders or s.revenue is distinct from b.revenue

-- rollup_is_orders
-- Sums by day that are not those of the rows they stand for.
with made as (
    select workspace_id, 'gmv' as measure, channel_id, day, sum(total) as amount from metrics_order group by 1, 3, 4
    union all
    select workspace_id, 'orders', channel_id, day, count(*) from metrics_order group by 1, 3, 4
    union all
    select workspace_id, 'platform_fees', channel_id, day, sum(fees) from metrics_settlement where fees <> 0 group by 1, 3, 4
    union all
    select workspace_id, 'payout', channel_id, day, sum(payout) from metrics_settlement where payout <> 0 group by 1, 3, 4
    union all
    select workspace_id, 'refunds', channel_id, day, sum(amount) from metrics_refund group by 1, 3, 4
    union all
    select workspace_id, 'returns', channel_id, day, count(*) from metrics_return where day is not null group by 1, 3, 4
), kept as (
    select workspace_id, measure, channel_id, day, sum(amount) as amount from metrics_rollup
    where measure in ('gmv', 'orders', 'platform_fees', 'payout', 'refunds', 'returns') group by 1, 2, 3, 4
)
select * from made full join kept using (workspace_id, measure, channel_id, day)
where coalesce(made.amount, 0) <> coalesce(kept.amount, 0)

-- refunded_is_refunds
-- Orders whose refunds do not add up.
select o.workspace_id, o.order_id, o.channel_id, o.refunded, sum(r.amount)
from metrics_order o
left join metrics_refund r using (workspace_id, order_id, channel_id)
group by 1, 2, 3, 4 having o.refunded <> coalesce(sum(r.amount), 0) or o.refunded > (
    select total from metrics_order t
    where (t.workspace_id, t.order_id, t.channel_id) = (o.workspace_id, o.order_id, o.channel_id)
)

-- leader_leads
-- Identifiers whose profile is led by none, or by one that belongs to another.
select i.workspace_id, i.id, i.profile_id, l.profile_id
from profiles_identifier i
left join profiles_identifier l on l.workspace_id = i.workspace_id and l.id = i.profile_id
where l.id is null or (not i.shared and l.profile_id <> l.id)

-- sighting_has_owner
-- Sightings owned by none of their identifiers, and rows whose sighting is not there.
select workspace_id, id, 'owner' from profiles_sighting where not owner = any(coalesce(ids, array[owner]))
union all
select e.workspace_id, e.sighting_id, 'event' from profiles_event e
where e.sighting_id is not null and not exists (
    select from profiles_sighting s where s.workspace_id = e.workspace_id and s.id = e.sighting_id
)
union all
select o.workspace_id, o.sighting_id, 'order' from metrics_order o
where o.sighting_id is not null and not exists (
    select from profiles_sighting s where s.workspace_id = o.workspace_id and s.id = o.sighting_id
)
