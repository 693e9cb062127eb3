-- orders_of_members
-- Orders of a period whose customer was a member when ordering: since the first step of any of the person's sightings.
select o.occurred_at as at, o.event_id as key, o.currency as money, o.day as rate_day, o.day,
    o.order_id, o.channel_id, o.occurred_at, o.currency, o.total, o.refunded, o.state, o.sighting_id, w.profile_id,
    'order' as what, o.total as moved
from metrics_order o
join profiles_owner w on w.workspace_id = %(workspace)s::int and w.sighting_id = o.sighting_id
join (
    select v.profile_id, min(m.occurred_at) as since
    from metrics_membership m
    join profiles_owner v on v.workspace_id = %(workspace)s::int and v.sighting_id = m.sighting_id
    where m.workspace_id = %(workspace)s::int
    group by v.profile_id
) member on member.profile_id = w.profile_id and member.since <= o.occurred_at
where o.workspace_id = %(workspace)s::int and o.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or o.channel_id = %(channel)s::int)

-- refunds_of_members
-- Refunds and cancellations of a period whose order was a member's when it was placed, whenever that was.
select r.occurred_at as at, r.event_id as key, r.currency as money, r.order_day as rate_day, r.day,
    r.order_id, r.channel_id, r.service_channel_id, r.occurred_at, r.order_day, r.currency, r.amount as refund, r.reason,
    'refund' as what, r.amount as moved
from metrics_refund r
join metrics_order o on o.workspace_id = %(workspace)s::int and o.order_id = r.order_id and o.channel_id = r.channel_id
join profiles_owner w on w.workspace_id = %(workspace)s::int and w.sighting_id = o.sighting_id
join (
    select v.profile_id, min(m.occurred_at) as since
    from metrics_membership m
    join profiles_owner v on v.workspace_id = %(workspace)s::int and v.sighting_id = m.sighting_id
    where m.workspace_id = %(workspace)s::int
    group by v.profile_id
) member on member.profile_id = w.profile_id and member.since <= o.occurred_at
where r.workspace_id = %(workspace)s::int and r.day between %(first)s::date and %(last)s::date
    and (%(channel)s::int is null or r.channel_id = %(channel)s::int)

-- member_buyers
-- Customers who ordered as members in a period, with those orders.
select f.profile_id as at, f.profile_id as key, '' as money, null::date as rate_day, f.profile_id,
    min(f.since) as since, min(f.occurred_at) as first_at, max(f.occurred_at) as last_at,
    array_agg(distinct f.channel_id) as channels, count(*) as orders
from (
    select w.profile_id, member.since, o.occurred_at, o.channel_id
    from metrics_order o
    join profiles_owner w on w.workspace_id = %(workspace)s::int and w.sighting_id = o.sighting_id
        and (%(people)s::bigint[] is null or w.profile_id = any(%(people)s::bigint[]))
    join (
        select v.profile_id, min(m.occurred_at) as since
        from metrics_membership m
        join profiles_owner v on v.workspace_id = %(workspace)s::int and v.sighting_id = m.sighting_id
        where m.workspace_id = %(workspace)s::int
        group by v.profile_id
    ) member on member.profile_id = w.profile_id and member.since <= o.occurred_at
    where o.workspace_id = %(workspace)s::int and o.day between %(first)s::date and %(last)s::date
        and (%(channel)s::int is null or o.channel_id = %(channel)s::int)
) f
group by f.profile_id
