-- The big tables of channels: the inbox (the truth), what is open in it, messages taken, rejects, minutes.
-- Not here: channels, connectors and write keys (models.py). Workspace first in every key; no foreign keys.

-- Every request as it was received. A row is never changed but by erasure.
create table channels_inbox (
    workspace_id bigint not null,
    received_at timestamptz not null,
    request uuid not null,
    connector_id bigint not null,
    door text not null,
    n integer not null,
    body text not null,
    primary key (workspace_id, received_at, request)
) partition by range (received_at);
alter table channels_inbox alter column body set statistics 0;

-- Days are made ahead (inbox/log.py:ensure_days); what has no day of its own lands here and is found all the same.
create table channels_inbox_rest partition of channels_inbox default;
alter table channels_inbox_rest alter column body set statistics 0;

-- What is still to be worked. Narrow, and its rows leave when they are done.
create table channels_inbox_open (
    workspace_id bigint not null,
    received_at timestamptz not null,
    request uuid not null,
    connector_id bigint not null,
    n integer not null,
    attempts smallint not null default 0,
    position integer not null default -1,  -- of a request worked message by message: where its worker is (log.py:Noted)
    primary key (workspace_id, received_at, request)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
create index channels_inbox_open_fair on channels_inbox_open (workspace_id, connector_id, received_at, request);

-- The copy of each message that won. Never dropped, and without the message's time in its key.
create table channels_seen (
    workspace_id bigint not null,
    id uuid not null,
    request uuid not null,
    position integer not null,
    occurred_at timestamptz not null,
    primary key (workspace_id, id)
);

-- Messages that could not be used, whole.
create table channels_reject (
    workspace_id bigint not null,
    id uuid not null,
    connector_id bigint not null,
    reason text not null,
    field text not null default '',
    hint text not null default '',
    message_id text not null,
    request uuid not null,
    position integer not null,
    received_at timestamptz not null,
    state text not null default 'open',
    raw text not null,
    copies integer not null default 1,
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id),
    constraint channels_reject_state check (state in ('open', 'replayed', 'closed'))
);
alter table channels_reject alter column raw set statistics 0;
create index channels_reject_newest on channels_reject (workspace_id, received_at desc, id);
create index channels_reject_reason on channels_reject (workspace_id, reason, received_at desc, id);

-- What each connector brought in each minute: its health.
create table channels_minute (
    workspace_id bigint not null,
    connector_id bigint not null,
    minute timestamptz not null,
    received integer not null default 0,
    stored integer not null default 0,
    rejected integer not null default 0,
    repeats integer not null default 0,
    identified integer not null default 0,
    lag_ms_sum bigint not null default 0,
    lag_ms_max integer not null default 0,
    primary key (workspace_id, connector_id, minute)
);

-- Makes the partition of a day (UTC). False when rows of that day already lie in the rest: there they stay.
create function channels_inbox_day(day date) returns boolean language plpgsql as $$
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
    execute format('alter table channels_inbox attach partition %I for values from (%L) to (%L)', name, first, after);
    return true;
end $$;
