-- add
-- Counts of today (UTC), in the order of their keys.
insert into channels_unsigned as u (workspace_id, connector_id, day, code, n, last_at)
select t.workspace, t.connector, (now() at time zone 'UTC')::date, t.code, t.n, now()
from unnest(%(workspaces)s::bigint[], %(connectors)s::bigint[], %(codes)s::text[], %(counts)s::int[])
    as t(workspace, connector, code, n)
order by t.workspace, t.connector, t.code
on conflict (workspace_id, connector_id, day, code) do update
    set n = u.n + excluded.n, last_at = excluded.last_at

-- of
-- What each connector refused in the last seven days, and the latest reason.
select u.connector_id, sum(u.n)::bigint, (array_agg(u.code order by u.last_at desc))[1], max(u.last_at)
from channels_unsigned u
where u.workspace_id = %(workspace)s::bigint and u.day > (now() at time zone 'UTC')::date - 7
group by u.connector_id
