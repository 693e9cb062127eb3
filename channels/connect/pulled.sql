-- pulls
-- Each connector of a kind that is pulled; one that never ran is due since it was made.
select c.id, p.failure::text, coalesce(p.next_run, c.created_at), p.started_at, p.ended_at, p.succeeded_at, p.failed_at,
       coalesce(p.tries, 0), coalesce(p.pages, 0), coalesce(p.rows, 0)
from channels_connector c
left join channels_pull p on p.connector_id = c.id
where c.workspace_id = %(workspace)s::bigint and c.kind = any(%(kinds)s::text[])

-- lookups
-- By connector what waits to be looked up, of these what did not go well, what was given up; since when, and the latest
-- trouble.
select l.connector_id,
       count(*) filter (where l.state = 'waiting'), count(*) filter (where l.state = 'waiting' and l.tries > 0),
       count(*) filter (where l.state = 'failed'), min(l.added_at) filter (where l.state = 'waiting'),
       (array_agg(l.failure order by l.next_try desc) filter (where l.failure is not null))[1]::text
from channels_lookup l
where l.workspace_id = %(workspace)s::bigint and l.state <> 'done'
group by l.connector_id
