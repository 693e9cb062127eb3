-- first_requests
-- Door, body and what is kept of the headers of the requests in which messages came first.
select distinct on (i.request) i.request, i.door, i.body, i.sender
from unnest(%(times)s::timestamptz[], %(requests)s::uuid[]) as t(received_at, request)
cross join lateral (
    select i.request, i.door, i.body, i.sender from channels_inbox i
    where i.workspace_id = %(workspace)s::bigint and i.received_at = t.received_at and i.request = t.request
    offset 0
) i
order by i.request
