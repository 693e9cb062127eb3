-- Who is who: identifiers, what was seen together, the edges that follow from it, what people decided by hand.
-- The definition is join.py; these tables are what resolve.py keeps of it. Text is compared by its bytes (collate "C").

create sequence profiles_identifier_id;
create sequence profiles_sighting_id;

create table profiles_identifier (
    workspace_id int not null,
    id bigint not null,
    key uuid not null,                     -- HMAC of (workspace, kind, namespace, value): looked up, shown, sorted by
    kind text collate "C" not null,
    namespace text collate "C" not null,
    value text collate "C" not null,       -- phone and email: encrypted
    first_seen timestamptz not null,       -- not kept for shared ones: their sightings hold it
    profile_id bigint not null,            -- the id of the profile's leader
    shared boolean not null default false,
    primary key (workspace_id, id),
    unique (workspace_id, key)
) with (fillfactor = 90);
create index profiles_identifier_profile on profiles_identifier (workspace_id, profile_id);

-- A row per identifier, only to be locked: whoever changes or counts a profile holds the row of its leader.
create table profiles_profile (
    workspace_id int not null,
    id bigint not null,
    primary key (workspace_id, id)
);

create table profiles_sighting (
    workspace_id int not null,
    id bigint not null,
    key uuid not null,                     -- 16 bytes of SHA-256 over the sorted keys of its identifiers
    ids bigint[] not null,                 -- strongest first
    owner bigint not null,                 -- its strongest usable identifier, else its strongest
    first_t timestamptz not null,          -- the earliest event of it: time, message id, event id
    first_m text collate "C" not null,
    first_e uuid not null,
    primary key (workspace_id, id),
    unique (workspace_id, key)
) with (fillfactor = 90);
create index profiles_sighting_owner on profiles_sighting (workspace_id, owner);

-- Stars, a cache of the sightings. Void edges (an end is shared) stay: those with `centred` are the count for fan-out.
create table profiles_edge (
    workspace_id int not null,
    a bigint not null,                     -- the stronger end
    b bigint not null,
    first_t timestamptz not null,
    first_m text collate "C" not null,
    first_e uuid not null,
    centred boolean not null,              -- a was the strongest of all in a sighting, and of an exclusive kind
    refused boolean not null default false, -- neither end shared, and the ends in different profiles
    primary key (workspace_id, a, b)
);
create index profiles_edge_end on profiles_edge (workspace_id, b);
create index profiles_edge_refused on profiles_edge (workspace_id, first_t desc, a, b) where refused;

-- Edges of class 0: a person's merges (by_hand) and aliases whose connector says so.
create table profiles_manual (
    workspace_id int not null,
    a bigint not null,                     -- the stronger end
    b bigint not null,
    by_hand boolean not null,
    first_t timestamptz not null,
    first_m text collate "C" not null,     -- by hand: the reason
    first_e uuid,                          -- by hand: none
    primary key (workspace_id, a, b, by_hand)
);

-- Pairs that never again come into one profile, until a person merges them.
create table profiles_cannot (
    workspace_id int not null,
    a bigint not null,                     -- a < b
    b bigint not null,
    primary key (workspace_id, a, b)
);
create index profiles_cannot_end on profiles_cannot (workspace_id, b);

-- What people did, in order. A rebuild folds it again: ends are named by what they are, not by our ids.
create table profiles_edit (
    id bigint generated always as identity,
    workspace_id int not null,
    at timestamptz not null,
    what text not null,                    -- merge, split
    a jsonb not null,                      -- {"kind", "namespace", "key", "value"}: phone and email encrypted
    b jsonb not null,
    lifted jsonb not null default '[]',    -- pairs of keys a merge freed
    reason text not null,
    actor text not null,
    primary key (workspace_id, id)
);

-- Kinds a workspace met or changed; all others are as kinds.py says.
create table profiles_kind (
    workspace_id int not null,
    kind text collate "C" not null,
    rank int not null,
    most int not null,                     -- values of the kind (per namespace) one profile may hold
    fan_out int,                           -- null: never shared
    exclusive boolean not null,
    primary key (workspace_id, kind)
);

-- Values that are no identifiers: a pattern that the whole normalised value matches; kind '' means every kind.
create table profiles_blocked (
    workspace_id int not null,
    kind text collate "C" not null,
    pattern text collate "C" not null,
    primary key (workspace_id, kind, pattern)
);

-- Whose a row with a sighting is.
create view profiles_owner as
select s.workspace_id, s.id as sighting_id, s.owner as identifier_id, i.profile_id
from profiles_sighting s
join profiles_identifier i on i.workspace_id = s.workspace_id and i.id = s.owner;

create index profiles_identifier_shared on profiles_identifier (workspace_id, first_seen desc) where shared;
