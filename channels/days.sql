-- How days of the inbox are made, in place of the function in schema.sql (migration 0004).

-- Makes the partition of a day (UTC). False when rows of that day already lie in the rest: there they stay.
create or replace function channels_inbox_day(day date) returns boolean language plpgsql as $$
declare
    name text := 'channels_inbox_' || to_char(day, 'YYYYMMDD');
    first timestamptz := day::timestamp at time zone 'UTC';
    after timestamptz := (day + 1)::timestamp at time zone 'UTC';
begin
    if to_regclass(name) is not null then
        return true;
    end if;
    perform set_config('lock_timeout', '2s', true);
    lock table channels_inbox in share update exclusive mode;  -- one maker at a time
    if to_regclass(name) is not null then
        return true;
    end if;
    lock table channels_inbox_rest in access exclusive mode;  -- no row may slip in before the day is there
    if exists (select from channels_inbox_rest r where r.received_at >= first and r.received_at < after) then
        return false;
    end if;
    execute format('create table %I (like channels_inbox including all)', name);
    execute format('alter table %I alter column body set statistics 0', name);
    execute format('alter table %I alter column workspace_id set statistics 0', name);  -- kernel/planner.py
    if current_setting('server_version_num')::int >= 180000 then
        perform pg_restore_attribute_stats(
            'schemaname', current_schema()::text, 'relname', name, 'attname', 'workspace_id'::text, 'inherited', false,
            'null_frac', 0::real, 'avg_width', 8, 'n_distinct', 10::real
        );
    end if;
    execute format('alter table channels_inbox attach partition %I for values from (%L) to (%L)', name, first, after);
    return true;
end $$;
