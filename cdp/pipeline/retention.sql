-- raw_bodies_before
-- Requests that were received before a time and are worked.
select count(*)::bigint, min(i.received_at)
from channels_inbox i
where i.workspace_id = %(workspace)s::bigint and i.received_at < %(before)s::timestamptz
    and not exists (
        select from channels_inbox_open o
        where o.workspace_id = i.workspace_id and o.received_at = i.received_at and o.request = i.request
    )

-- rejects_before
-- Messages that could not be used, received before a time.
select count(*)::bigint, min(r.received_at)
from channels_reject r
where r.workspace_id = %(workspace)s::bigint and r.received_at < %(before)s::timestamptz

-- exports_before
-- Jobs that made files and ended before a time.
select count(*)::bigint, min(j.updated_at)
from kernel_job j
where j.workspace_id = %(workspace)s::bigint and j.kind = 'export' and j.updated_at < %(before)s::timestamptz
    and j.state not in ('waiting', 'running')

-- audit_before
-- What was noted before a time.
select count(*)::bigint, min(a.at)
from kernel_audit a
where a.workspace_id = %(workspace)s::bigint and a.at < %(before)s::timestamptz

-- raw_bodies_go
-- The oldest of these requests go.
delete from channels_inbox i
using (
    select i.received_at, i.request
    from channels_inbox i
    where i.workspace_id = %(workspace)s::bigint and i.received_at < %(before)s::timestamptz
        and not exists (
            select from channels_inbox_open o
            where o.workspace_id = i.workspace_id and o.received_at = i.received_at and o.request = i.request
        )
    order by i.received_at, i.request
    limit %(step)s::int
) old
where i.workspace_id = %(workspace)s::bigint and i.received_at = old.received_at and i.request = old.request
    and i.received_at < %(before)s::timestamptz

-- rejects_go
-- The oldest of these messages go, with what people did to them.
with old as (
    delete from channels_reject r
    using (
        select r.id from channels_reject r
        where r.workspace_id = %(workspace)s::bigint and r.received_at < %(before)s::timestamptz
        order by r.received_at, r.id
        limit %(step)s::int
    ) o
    where r.workspace_id = %(workspace)s::bigint and r.id = o.id
    returning r.id
), repaired as (
    delete from channels_repair p using old
    where p.workspace_id = %(workspace)s::bigint and p.reject_id = old.id
)
select id from old

-- exports_go
-- The oldest of these jobs go, with what is left of their files.
with old as (
    select j.id from kernel_job j
    where j.workspace_id = %(workspace)s::bigint and j.kind = 'export' and j.updated_at < %(before)s::timestamptz
        and j.state not in ('waiting', 'running')
    order by j.updated_at
    limit %(step)s::int
), files as (
    delete from kernel_filepart f using old where f.job_id = old.id
)
delete from kernel_job j using old where j.id = old.id

-- audit_go
-- The oldest of these notes go.
delete from kernel_audit a
using (
    select a.id from kernel_audit a
    where a.workspace_id = %(workspace)s::bigint and a.at < %(before)s::timestamptz
    order by a.at, a.id
    limit %(step)s::int
) old
where a.id = old.id

-- audit_may_go
-- For this transaction alone the record of what was done lets go what is too old.
select set_config('huiliu.retention', 'on', true)
