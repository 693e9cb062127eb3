-- newest
-- The newest requests and how many items each has, of a connector or channel; only so many are looked at.
select i.received_at, i.request, i.n
from (
    select a.received_at, a.request, a.n, a.connector_id
    from channels_inbox a
    where a.workspace_id = %(workspace)s::bigint and a.received_at >= %(since)s::timestamptz
    order by a.received_at desc, a.request desc
    limit %(look)s::int
) i
where (%(connector)s::bigint is null or i.connector_id = %(connector)s::bigint)
    and (%(channel)s::bigint is null or i.connector_id in (
        select c.id from channels_connector c
        where c.workspace_id = %(workspace)s::bigint and c.channel_id = %(channel)s::bigint
    ))
order by i.received_at desc, i.request desc
limit %(requests)s::int

-- bodies
-- Those requests whole.
select i.request, i.received_at, i.connector_id, i.door, i.n, i.body, i.sender
from unnest(%(times)s::timestamptz[], %(requests)s::uuid[]) as t(received_at, request)
cross join lateral (
    select i.* from channels_inbox i
    where i.workspace_id = %(workspace)s::bigint and i.received_at = t.received_at and i.request = t.request
    offset 0
) i

-- states
-- Where the copy lies that was stored, and the state of the reject, of these messages.
select t.id, s.request, s.position, r.state
from unnest(%(ids)s::uuid[]) as t(id)
left join lateral (
    select s.request, s.position from channels_seen s
    where s.workspace_id = %(workspace)s::bigint and s.id = t.id
    offset 0
) s on true
left join lateral (
    select r.state from channels_reject r
    where r.workspace_id = %(workspace)s::bigint and r.id = t.id
    offset 0
) r on true
