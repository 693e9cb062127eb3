-- last_orders +
-- The newest orders of some sightings.
select o.order_id, c.slug, o.occurred_at, o.currency, o.total, o.refunded, o.state
from (
    select o.order_id, o.channel_id, o.occurred_at, o.currency, o.total, o.refunded, o.state
    from unnest(%(sightings)s::bigint[]) as asked(id)
    cross join lateral (
        select o.* from metrics_order o
        where o.workspace_id = %(workspace)s::int and o.sighting_id = asked.id
        order by o.occurred_at desc
        limit %(limit)s::int
    ) o
    order by o.occurred_at desc, o.order_id desc, o.channel_id desc
    limit %(limit)s::int
) o
left join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = o.channel_id
order by o.occurred_at desc, o.order_id desc, o.channel_id desc

-- open_tickets +
-- The tickets of some sightings that nobody has resolved, or that were opened again.
select t.key, c.slug, coalesce(t.opened_at, t.occurred_at), t.topic, t.order_id
from (
    select t.key, t.channel_id, t.opened_at, t.occurred_at, t.topic, t.order_id
    from unnest(%(sightings)s::bigint[]) as asked(id)
    cross join lateral (
        select t.* from metrics_ticket t
        where t.workspace_id = %(workspace)s::int and t.sighting_id = asked.id and t.closed_at is null
        offset 0
    ) t
    order by t.occurred_at desc, t.channel_id, t.key
    limit %(limit)s::int
) t
left join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = t.channel_id
order by t.occurred_at desc, t.channel_id, t.key

-- best_channel +
-- By channel how often some sightings bought and answered, the most first; where nothing is, the latest active channel.
select c.slug, sum(d.purchases)::int, sum(d.answers)::int
from unnest(%(sightings)s::bigint[]) as asked(id)
cross join lateral (
    select o.channel_id, 1 as purchases, 0 as answers, o.occurred_at as at from metrics_order o
    where o.workspace_id = %(workspace)s::int and o.sighting_id = asked.id and o.state <> 'cancelled'
    union all
    select a.channel_id, 0, 1, a.occurred_at from metrics_answer a
    where a.workspace_id = %(workspace)s::int and a.sighting_id = asked.id
    union all
    select a.channel_id, 0, 0, a.last_at from profiles_activity a
    where a.workspace_id = %(workspace)s::int and a.sighting_id = asked.id
    offset 0
) d
cross join lateral (
    select c.slug from channels_setting c
    where c.workspace_id = %(workspace)s::int and c.channel_id = d.channel_id
    offset 0
) c
group by c.slug
order by sum(d.purchases) + sum(d.answers) desc,
    max(d.at) filter (where d.purchases + d.answers > 0) desc nulls last, max(d.at) desc, c.slug
limit 1

-- held
-- The rows of facts that are some sightings' own, whole, as JSON.
select h.name, (h.data - array['workspace_id', 'sighting_id'])::text
from (
    select 'tickets' as name, x.occurred_at as at, to_jsonb(x) as data from metrics_ticket x
    where x.workspace_id = %(workspace)s::int and x.sighting_id = any(%(sightings)s::bigint[])
    union all
    select 'answers' as name, x.occurred_at as at, to_jsonb(x) as data from metrics_answer x
    where x.workspace_id = %(workspace)s::int and x.sighting_id = any(%(sightings)s::bigint[])
    union all
    select 'memberships' as name, x.occurred_at as at, to_jsonb(x) as data from metrics_membership x
    where x.workspace_id = %(workspace)s::int and x.sighting_id = any(%(sightings)s::bigint[])
    union all
    select 'accounts' as name, x.occurred_at as at, to_jsonb(x) as data from metrics_member_account x
    where x.workspace_id = %(workspace)s::int and x.sighting_id = any(%(sightings)s::bigint[])
    union all
    select 'payments' as name, x.occurred_at as at, to_jsonb(x) as data from metrics_payment x
    where x.workspace_id = %(workspace)s::int and x.sighting_id = any(%(sightings)s::bigint[])
) h
order by h.name, h.at, h.data::text
