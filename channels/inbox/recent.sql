-- newest
-- The newest requests of a connector with their bodies, as far as there is room.
select f.request, f.received_at, f.connector_id, f.door, f.n, f.body, f.sender
from (
    select i.*, coalesce(sum(octet_length(i.body)) over (order by i.received_at desc, i.request desc
                         rows between unbounded preceding and 1 preceding), 0) as before
    from (
        select a.request, a.received_at, a.connector_id, a.door, a.n, a.body, a.sender
        from channels_inbox a
        where a.workspace_id = %(workspace)s::bigint and a.connector_id = %(connector)s::bigint
            and a.received_at >= %(since)s::timestamptz
        order by a.received_at desc, a.request desc
        limit %(requests)s::int
    ) i
) f
where f.before < %(most)s::bigint
order by f.received_at desc, f.request desc
