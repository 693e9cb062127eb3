-- told
-- A worker's sign of life, by the database's clock, with what it is at.
insert into kernel_heartbeat (name, at, detail) values (%(name)s::text, clock_timestamp(), %(detail)s::jsonb)
on conflict (name) do update set at = excluded.at, detail = excluded.detail

-- signs
-- The workers' signs of life.
select name, at, detail::text from kernel_heartbeat where starts_with(name, %(start)s::text) order by name

-- buried
-- Takes away signs of life; what they said last.
delete from kernel_heartbeat where name = any(%(names)s::text[]) returning detail::text

-- old
-- Takes away signs of life of other machines that are long over.
delete from kernel_heartbeat where starts_with(name, %(start)s::text) and at < clock_timestamp() - %(age)s::interval

-- sessions
-- The sessions of processes of a place.
select pid, application_name from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
    and position(%(place)s::text in application_name) > 0

-- end_session
-- Ends a session, if it is still the one that was meant.
select pg_terminate_backend(pid) from pg_stat_activity
where pid = %(pid)s::int and application_name = %(name)s::text and datname = current_database()

-- number
-- The session's own process of the server.
select pg_backend_pid()

-- busy
-- Which of a process's sessions run a statement: whether it is session `pid`, the statement's name, since when, whether
-- others hold what it waits for.
select pid = %(pid)s::int, coalesce(substring(query from '^/\* (.+?) \*/'), substring(query from '^\s*(copy \w+|\w+)'), ''),
       extract(epoch from query_start)::float8, coalesce(wait_event_type = 'Lock', false)
from pg_stat_activity
where (pid = %(pid)s::int or application_name like '%% ' || %(signature)s::text) and pid <> pg_backend_pid()
    and datname = current_database() and state = 'active'
order by 1 desc, query_start

-- cut
-- Cancels the statement a session is in, if it is in one.
select pg_cancel_backend(pid) from pg_stat_activity
where pid = %(pid)s::int and datname = current_database() and state = 'active'
