-- newest
-- The newest requests and how many items each has.
select i.received_at, i.request, i.n
from channels_inbox i
where i.workspace_id = %(workspace)s::bigint and i.received_at >= %(since)s::timestamptz
    and (%(connector)s::bigint is null or i.connector_id = %(connector)s::bigint)
order by i.received_at desc, i.request desc
limit %(requests)s::int

-- bodies
-- Those requests whole.
select i.request, i.received_at, i.connector_id, i.door, i.n, i.body
from unnest(%(times)s::timestamptz[], %(requests)s::uuid[]) as t(received_at, request)
join channels_inbox i on i.workspace_id = %(workspace)s::bigint
    and i.received_at = t.received_at and i.request = t.request

-- states
-- Where the copy lies that was stored, and the state of the reject, of these messages.
select t.id, s.request, s.position, r.state
from unnest(%(ids)s::uuid[]) as t(id)
left join channels_seen s on s.workspace_id = %(workspace)s::bigint and s.id = t.id
left join channels_reject r on r.workspace_id = %(workspace)s::bigint and r.id = t.id
