-- The four tables with a row for every event, set of identifiers, identifier and pair, as they have stood since 0.2.
-- A row costs its columns, 28 bytes and what lies between columns so that each begins where its type wants it:
-- wide ones first, those of four bytes side by side, then those that begin anywhere. Keys and indexes: keys.sql.

create table profiles_event (
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    sighting_id bigint,                    -- null: a fact without a person
    workspace_id int not null,
    channel_id int not null,
    connector_id int not null,
    surrounding_id int not null default 0, -- what it says alike with others (profiles/surroundings.py); 0: nothing
    page_id int not null default 0,
    id uuid not null,                      -- sha256(connector, messageId), 16 bytes
    type text not null,
    name text not null,
    touchpoint text not null,
    message_id text not null,
    marks text not null default '',        -- as cleaning and the ledger put them, with commas between
    data json not null                     -- {"properties", "traits", "context", "beside"}: what is its own of it
) partition by range (occurred_at);
alter table profiles_event alter column data set statistics 0;

create table profiles_identifier (
    id bigint not null,
    profile_id bigint not null,            -- the id of the profile's leader
    first_seen timestamptz not null,       -- not kept for shared ones: their sightings hold it
    workspace_id int not null,
    shared boolean not null default false,
    key uuid not null,                     -- HMAC of (workspace, kind, namespace, value): looked up, shown, sorted by
    kind text collate "C" not null,
    namespace text collate "C" not null,
    value text collate "C" not null        -- phone and email: encrypted
);

-- The earliest event of a sighting or an edge is the one of the least (time, message id, event). The message id is the
-- event's, and settles ties of time alone: identity/evidence.py looks it up where there is one.
create table profiles_sighting (
    id bigint not null,
    owner bigint not null,                 -- its strongest usable identifier, else its strongest
    first_t timestamptz not null,          -- its earliest event: time, id
    workspace_id int not null,
    key uuid not null,                     -- 16 bytes of SHA-256 over the sorted keys of its identifiers
    first_e uuid not null,
    ids bigint[]                           -- strongest first; null: the owner alone
);

-- Stars, a cache of the sightings. Void edges (an end is shared) stay: those with `centred` are the count for fan-out.
create table profiles_edge (
    a bigint not null,                     -- the stronger end
    b bigint not null,
    first_t timestamptz not null,
    workspace_id int not null,
    centred boolean not null,              -- a was the strongest of all in a sighting, and of an exclusive kind
    refused boolean not null default false, -- neither end shared, and the ends in different profiles
    first_e uuid not null
);
