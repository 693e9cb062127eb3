-- due
-- Connectors of files that watch a place, and whose time to look has come.
select c.id from channels_connector c
left join channels_watch w on w.connector_id = c.id
where c.enabled and c.kind = any(%(kinds)s::text[]) and coalesce(c.settings #>> '{own,watch}', '') <> ''
    and coalesce(w.next_look, c.created_at) <= now()
order by coalesce(w.next_look, c.created_at), c.id

-- looked
-- How a look went, and when the next one is.
insert into channels_watch as w (workspace_id, connector_id, looked_at, next_look, files, failure)
values (%(workspace)s::bigint, %(connector)s::bigint, clock_timestamp(),
        clock_timestamp() + make_interval(secs => %(seconds)s::float8), %(files)s::int, %(failure)s::jsonb)
on conflict (connector_id) do update
    set looked_at = excluded.looked_at, next_look = excluded.next_look, files = excluded.files,
        failure = excluded.failure

-- at_once
-- The next look is now.
update channels_watch w set next_look = now() where w.connector_id = %(connector)s::bigint

-- known
-- What is known of a connector's files that lie there, with how their imports stand.
select f.path, f.id, f.mark, f.since, f.state, f.sha256, f.made_for, j.state, f.note is not null
from channels_watched f
left join channels_import i on i.id = f.import_id
left join kernel_job j on j.id = i.job_id
where f.connector_id = %(connector)s::bigint and f.path = any(%(paths)s::text[])

-- busy
-- Whether an import of a file that was found here is under way.
select exists (
    select from channels_watched f
    join channels_import i on i.id = f.import_id
    join kernel_job j on j.id = i.job_id
    where f.connector_id = %(connector)s::bigint and f.state = 'taken' and j.state in ('waiting', 'running')
)

-- seen
-- Files as they lie there now: each has to settle.
insert into channels_watched as f (workspace_id, connector_id, path, mark)
select %(workspace)s::bigint, %(connector)s::bigint, t.path, t.mark
from unnest(%(paths)s::text[], %(marks)s::text[]) as t(path, mark)
on conflict (connector_id, path) do update
    set mark = excluded.mark, since = clock_timestamp(), state = 'seen', note = null

-- hold
-- A file that is to be taken, nobody else at it meanwhile.
select f.mark, f.state from channels_watched f where f.id = %(id)s::bigint for update

-- had
-- Whether the connector has had these bytes already, and took them.
select exists (
    select from channels_watched f
    join channels_import i on i.id = f.import_id
    join kernel_job j on j.id = i.job_id
    where f.connector_id = %(connector)s::bigint and f.sha256 = %(sha256)s::text
        and f.made_for = %(made_for)s::uuid and j.state = 'done'
)

-- become
-- What became of a file.
update channels_watched f
set state = %(state)s::text, note = %(note)s::jsonb, since = clock_timestamp(),
    sha256 = coalesce(nullif(%(sha256)s::text, ''), f.sha256),
    import_id = coalesce(%(number)s::bigint, f.import_id), made_for = coalesce(%(made_for)s::uuid, f.made_for)
where f.id = %(id)s::bigint

-- tidy
-- Files that were cleared away long ago.
delete from channels_watched f where f.state = 'gone' and f.since < %(before)s::timestamptz

-- standing
-- How the last look went.
select w.looked_at, w.files, w.failure::text from channels_watch w where w.connector_id = %(connector)s::bigint

-- failing
-- Places of a workspace whose last look did not go well.
select w.connector_id, w.failure::text, w.looked_at
from channels_watch w
join channels_connector c on c.id = w.connector_id
where w.workspace_id = %(workspace)s::bigint and w.failure is not null
    and coalesce(c.settings #>> '{own,watch}', '') <> ''

-- newest
-- The files that were found last, with what became of their rows.
select f.path, f.state, f.since, f.note::text, i.id, j.state, coalesce(i.rows, 0), coalesce(i.good, 0),
       coalesce(i.bad, 0), i.notes::text
from channels_watched f
left join channels_import i on i.id = f.import_id
left join kernel_job j on j.id = i.job_id
where f.connector_id = %(connector)s::bigint
order by f.since desc, f.id desc
limit %(most)s::int
