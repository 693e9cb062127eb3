-- due
-- Connectors that are to be pulled now, by their kinds.
select c.id from channels_connector c
left join channels_pull p on p.connector_id = c.id
where c.enabled and c.kind = any(%(kinds)s::text[]) and coalesce(p.next_run, c.created_at) <= now()
order by coalesce(p.next_run, c.created_at), c.id

-- begin
-- A run begins, or goes on where it was left; nothing when it is not due any more. Where workers died at it, the next
-- one after this waits: longer with each.
insert into channels_pull as p (workspace_id, connector_id, next_run, started_at, begun)
select c.workspace_id, c.id, now(), now(), 1
from channels_connector c
where c.workspace_id = %(workspace)s::bigint and c.id = %(connector)s::bigint and c.enabled
on conflict (connector_id) do update
    set started_at = case when p.started_at is null or p.ended_at is not null then now() else p.started_at end,
        pages = case when p.ended_at is not null then 0 else p.pages end,
        rows = case when p.ended_at is not null then 0 else p.rows end,
        ended_at = null,
        next_run = case when p.begun = 0 then p.next_run
                        else now() + make_interval(secs => least(p.begun * %(pause)s::float8, %(longest)s::float8)) end,
        begun = p.begun + 1
    where p.next_run <= now()
returning p.pages, p.tries, p.digest,
          (select c.cursor::text from channels_connector c where c.id = p.connector_id)

-- move
-- The cursor goes on, where it is still the one that the page was asked for with.
update channels_connector c
set cursor = %(after)s::jsonb
where c.id = %(connector)s::bigint and c.cursor = %(before)s::jsonb and c.enabled

-- counted
-- One more page of the run.
update channels_pull p
set pages = p.pages + 1, rows = p.rows + %(rows)s::bigint, begun = 1, digest = coalesce(%(digest)s::uuid, p.digest)
where p.connector_id = %(connector)s::bigint

-- ended
-- A run went well.
update channels_pull p
set ended_at = now(), succeeded_at = now(), tries = 0, failure = null, begun = 0,
    next_run = now() + make_interval(secs => %(seconds)s::float8)
where p.connector_id = %(connector)s::bigint

-- rests
-- A turn is over, the run is not.
update channels_pull p set begun = 0, next_run = now() where p.connector_id = %(connector)s::bigint

-- failed
-- A run went wrong.
update channels_pull p
set ended_at = now(), failed_at = now(), tries = p.tries + 1, failure = %(failure)s::jsonb, begun = 0,
    next_run = now() + make_interval(secs => %(seconds)s::float8)
where p.connector_id = %(connector)s::bigint

-- now
-- It is due at once, whatever was to be waited for.
insert into channels_pull as p (workspace_id, connector_id, next_run)
values (%(workspace)s::bigint, %(connector)s::bigint, now())
on conflict (connector_id) do update set next_run = now(), begun = 0

-- forget
-- The cursor stands at the beginning again.
update channels_connector c set cursor = '{}' where c.workspace_id = %(workspace)s::bigint and c.id = %(connector)s::bigint

-- over
-- The next run begins with the first page, at once; what was kept last is not compared with it.
insert into channels_pull as p (workspace_id, connector_id, next_run)
values (%(workspace)s::bigint, %(connector)s::bigint, now())
on conflict (connector_id) do update
    set next_run = now(), begun = 0, digest = null,
        ended_at = case when p.started_at is null then null else coalesce(p.ended_at, now()) end
