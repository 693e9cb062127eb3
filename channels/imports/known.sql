-- hold
-- One import at a time of a connector, until its transaction ends.
select pg_advisory_xact_lock(%(lock)s::int, %(connector)s::int)

-- known +
-- What was said of these orders, each time.
select k.key, k.digest, k.version, k.import_id, k.edge, k.received_at, k.request, k.first, k.rows
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select k.key, k.digest, k.version, k.import_id, k.edge, k.received_at, k.request, k.first, k.rows
    from channels_import_order k
    where k.connector_id = %(connector)s::bigint and k.key = asked.key
    offset 0
) k

-- keep +
-- What is said of orders from now on.
insert into channels_import_order
    (workspace_id, connector_id, key, digest, version, import_id, edge, received_at, request, first, rows)
select %(workspace)s::bigint, %(connector)s::bigint, t.key, t.digest, t.version, %(source)s::bigint, t.edge,
       %(received_at)s::timestamptz, %(request)s::uuid, t.first, t.rows
from unnest(%(keys)s::uuid[], %(digests)s::uuid[], %(versions)s::int[], %(edges)s::boolean[], %(firsts)s::int[],
            %(counts)s::int[])
    as t(key, digest, version, edge, first, rows)
on conflict (connector_id, key, digest) do nothing

-- body +
-- The body of a request.
select i.body from channels_inbox i
where i.workspace_id = %(workspace)s::bigint and i.received_at = %(received_at)s::timestamptz
    and i.request = %(request)s::uuid
