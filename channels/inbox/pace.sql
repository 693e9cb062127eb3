-- failed
-- A batch did not end in its time: narrower from now on, and others first.
insert into channels_pace as p (workspace_id, width, failures, next_try, since, at, stage, statement, blocked)
values (%(workspace)s::bigint, %(width)s::int, 1, clock_timestamp() + make_interval(secs => %(pause)s::float8),
        clock_timestamp(), clock_timestamp(), %(stage)s::text, %(doing)s::text, %(blocked)s::boolean)
on conflict (workspace_id) do update
set width = least(p.width, excluded.width), failures = p.failures + 1, at = excluded.at,
    next_try = clock_timestamp()
        + make_interval(secs => %(pause)s::float8 * least(p.failures + 1, %(most)s::int)),
    stage = excluded.stage, statement = excluded.statement, blocked = excluded.blocked

-- in_parts
-- A request that is too slow in one piece is worked in parts from now on.
update channels_inbox_open o set attempts = greatest(o.attempts, %(attempts)s::smallint)
where o.workspace_id = %(workspace)s::bigint and o.received_at = %(received_at)s::timestamptz
    and o.request = %(request)s::uuid

-- failures
-- How often a workspace has failed in a row.
select p.failures from channels_pace p where p.workspace_id = %(workspace)s::bigint

-- widened
-- Twice as wide, as far as what was just done speaks for it.
update channels_pace p set width = greatest(p.width, least(p.width * 2, %(most)s::int)), failures = 0
where p.workspace_id = %(workspace)s::bigint

-- forgiven
-- A workspace that is as wide as any, or has been good for long, is as good as any.
delete from channels_pace p
where p.workspace_id = %(workspace)s::bigint
    and (p.width >= %(whole)s::int or p.at < clock_timestamp() - make_interval(secs => %(seconds)s::float8))

-- told
-- Workspaces (one, or all) that are slow: that failed a moment ago, or that have something left to do.
select p.workspace_id, w.name, p.stage, p.statement, p.blocked, p.since
from channels_pace p
join kernel_workspace w on w.id = p.workspace_id
where (%(workspace)s::bigint is null or p.workspace_id = %(workspace)s::bigint)
    and (p.at > %(now)s::timestamptz - make_interval(secs => %(seconds)s::float8)
         or exists (select from channels_inbox_open o where o.workspace_id = p.workspace_id))
order by p.workspace_id
