-- oldest_snapshot
-- The oldest open transaction of this database that keeps old rows alive: its seconds, process and program.
select extract(epoch from clock_timestamp() - xact_start)::float8, pid, coalesce(nullif(application_name, ''), usename, '')
from pg_stat_activity
where backend_xmin is not null and xact_start is not null and datname = current_database() and pid <> pg_backend_pid()
order by xact_start
limit 1
