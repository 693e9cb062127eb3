-- checked +
-- Adds a batch to what was checked on its days.
insert into channels_planned as p (workspace_id, day, event, connector_id, checked, broken, refused)
select %(workspace)s::bigint, t.day, t.event, t.connector, t.checked, t.broken, t.refused
from unnest(%(days)s::date[], %(events)s::text[], %(connectors)s::bigint[], %(checked)s::int[], %(broken)s::int[],
            %(refused)s::int[]) as t(day, event, connector, checked, broken, refused)
order by t.day, t.event, t.connector
on conflict (workspace_id, day, event, connector_id) do update
    set checked = p.checked + excluded.checked, broken = p.broken + excluded.broken, refused = p.refused + excluded.refused

-- broken +
-- Adds what of a batch breaks the plan to the counts of its days. The example is the newest one, in whatever order they
-- come.
insert into channels_violation as v
    (workspace_id, day, event, connector_id, property, code, count, refused, wanted, value, message_id, received_at,
     request, position)
select %(workspace)s::bigint, t.day, t.event, t.connector, t.property, t.code, t.count, t.refused, t.wanted, t.value,
    t.message_id, t.received_at, t.request, t.position
from unnest(%(days)s::date[], %(events)s::text[], %(connectors)s::bigint[], %(properties)s::text[], %(codes)s::text[],
            %(counts)s::int[], %(refused)s::int[], %(wanted)s::text[], %(values)s::text[], %(message_ids)s::text[],
            %(times)s::timestamptz[], %(requests)s::uuid[], %(positions)s::int[])
    as t(day, event, connector, property, code, count, refused, wanted, value, message_id, received_at, request, position)
order by t.day, t.event, t.connector, t.property, t.code
on conflict (workspace_id, day, event, connector_id, property, code) do update
set count = v.count + excluded.count,
    refused = v.refused + excluded.refused,
    wanted = case when (excluded.received_at, excluded.request, excluded.position)
        > (v.received_at, v.request, v.position) then excluded.wanted else v.wanted end,
    value = case when (excluded.received_at, excluded.request, excluded.position)
        > (v.received_at, v.request, v.position) then excluded.value else v.value end,
    message_id = case when (excluded.received_at, excluded.request, excluded.position)
        > (v.received_at, v.request, v.position) then excluded.message_id else v.message_id end,
    received_at = greatest(v.received_at, excluded.received_at),
    request = case when (excluded.received_at, excluded.request, excluded.position)
        > (v.received_at, v.request, v.position) then excluded.request else v.request end,
    position = case when (excluded.received_at, excluded.request, excluded.position)
        > (v.received_at, v.request, v.position) then excluded.position else v.position end

-- of
-- What broke the plan in some days, as narrowed, the newest day and the most frequent first; with how many events of its
-- connector were checked that day.
select v.day, v.event, v.property, v.code, c.uuid, h.slug, v.count, v.refused, p.checked, v.wanted, v.value, v.message_id,
    v.received_at
from channels_violation v
join channels_planned p on p.workspace_id = v.workspace_id and p.day = v.day and p.event = v.event
    and p.connector_id = v.connector_id
join channels_connector c on c.workspace_id = v.workspace_id and c.id = v.connector_id
join channels_channel h on h.id = c.channel_id
where v.workspace_id = %(workspace)s::bigint and v.day between %(first)s::date and %(last)s::date
    and (%(event)s::text is null or v.event = %(event)s::text)
    and (%(property)s::text is null or v.property = %(property)s::text)
    and (%(connector)s::bigint is null or v.connector_id = %(connector)s::bigint)
order by v.day desc, v.count desc, v.event, v.property, v.code, c.uuid
limit %(most)s::int

-- events
-- By event and connector what was checked in some days, and what of it broke the plan.
select p.event, p.connector_id, sum(p.checked)::bigint, sum(p.broken)::bigint, sum(p.refused)::bigint
from channels_planned p
where p.workspace_id = %(workspace)s::bigint and p.day between %(first)s::date and %(last)s::date
group by p.event, p.connector_id
order by p.event, p.connector_id

-- days
-- By day what was checked of an event, and what of it broke the plan.
select p.day, sum(p.checked)::bigint, sum(p.broken)::bigint, sum(p.refused)::bigint
from channels_planned p
where p.workspace_id = %(workspace)s::bigint and p.day between %(first)s::date and %(last)s::date
    and p.event = %(event)s::text
group by p.day
order by p.day

-- together
-- By event, property, code and connector: how often in some days, since when, and the newest example. `checked`: of that
-- event from that connector, from the first day on which it was broken so.
select v.event, v.property, v.code, v.connector_id, v.count, v.refused, v.since, v.last, x.wanted, x.value, x.message_id,
    x.received_at, (
        select sum(p.checked)::bigint from channels_planned p
        where p.workspace_id = %(workspace)s::bigint and p.event = v.event and p.connector_id = v.connector_id
            and p.day between v.since and %(last)s::date
    )
from (
    select v.event, v.property, v.code, v.connector_id, sum(v.count)::bigint as count, sum(v.refused)::bigint as refused,
        min(v.day) as since, max(v.day) as last
    from channels_violation v
    where v.workspace_id = %(workspace)s::bigint and v.day between %(first)s::date and %(last)s::date
        and (%(event)s::text is null or v.event = %(event)s::text)
    group by v.event, v.property, v.code, v.connector_id
    order by count desc, v.event, v.property, v.code, v.connector_id
    limit %(most)s::int
) v
cross join lateral (
    select e.wanted, e.value, e.message_id, e.received_at
    from channels_violation e
    where e.workspace_id = %(workspace)s::bigint and e.day = v.last and e.event = v.event
        and e.connector_id = v.connector_id and e.property = v.property and e.code = v.code
) x
order by v.count desc, v.event, v.property, v.code, v.connector_id
