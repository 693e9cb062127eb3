-- What a profile did and what we know of it. Identity's own tables: identity/schema.sql.
-- Rows point to their sighting (the set of identifiers seen together), whose owner may change; they never move.

create table profiles_event (
    workspace_id int not null,
    id uuid not null,                      -- sha256(connector, messageId), 16 bytes
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    channel_id int not null,
    connector_id int not null,
    sighting_id bigint,                    -- null: a fact without a person
    type text not null,
    name text not null,
    touchpoint text not null,
    message_id text not null,
    request uuid not null,                 -- where it stands in the inbox
    position int not null,
    marks text[] not null default '{}',
    data jsonb not null,                   -- {"properties", "traits", "context", "beside"}, as mapped and cleaned
    primary key (workspace_id, occurred_at, id)
) partition by range (occurred_at);
create index profiles_event_sighting on profiles_event (workspace_id, sighting_id, occurred_at desc, id);
create index profiles_event_id on profiles_event (workspace_id, id);
alter table profiles_event alter column data set statistics 0;

-- Partitions: everything before 2015, then years, then months (made ahead by events.ensure_months).
create table profiles_event_old partition of profiles_event for values from (minvalue) to ('2015-01-01 00:00+00');

create table profiles_activity (
    workspace_id int not null,
    sighting_id bigint not null,
    day date not null,                     -- in the workspace's zone
    channel_id int not null,
    events int not null,                   -- all stored events of every type
    active int not null,                   -- of them those that made the customer active (kernel/contacts.py)
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (workspace_id, sighting_id, day, channel_id)
);

create table profiles_trait (
    workspace_id int not null,
    sighting_id bigint not null,
    name text not null,
    channel_id int not null,
    hash uuid not null,                    -- of the plain value
    value text not null,                   -- JSON; contact traits encrypted
    n int not null,                        -- how often it was said
    first_at timestamptz not null,
    first_event uuid not null,
    last_at timestamptz not null,
    last_event uuid not null,
    primary key (workspace_id, sighting_id, name, channel_id, hash)
);
create index profiles_trait_value on profiles_trait (workspace_id, name, hash);

-- The order numbers a person may be found by: those of the purchases that named him.
create table profiles_number (
    workspace_id int not null,
    number text not null,
    sighting_id bigint not null,
    primary key (workspace_id, number, sighting_id)
);

-- One row a profile that owns an event, remade for touched profiles.
create table profiles_summary (
    workspace_id int not null,
    profile_id bigint not null,            -- id of the leader identifier
    key uuid not null,                     -- its public id
    name text not null default '',
    channels int[] not null default '{}',
    events int not null,
    orders int not null default 0,
    revenue numeric not null default 0,    -- orders less refunds, in the workspace's currency
    unconverted jsonb not null default '{}', -- currency -> amount that has no rate
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    first_order_at timestamptz,
    last_order_at timestamptz,
    primary key (workspace_id, profile_id)
) with (fillfactor = 80);
-- Each index is written anew with every event of a profile (last_seen changes): only what the largest lists need.
create index profiles_summary_seen on profiles_summary (workspace_id, last_seen desc, key);
create index profiles_summary_revenue on profiles_summary (workspace_id, revenue desc, key);

-- The n-grams of names, apart: a summary row changes with every event and would bring all of them again.
create table profiles_gram (
    workspace_id int not null,
    profile_id bigint not null,
    grams text[] not null,
    primary key (workspace_id, profile_id)
);
create index profiles_gram_search on profiles_gram using gin (grams);
