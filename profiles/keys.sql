-- Keys and indexes of the tables of tables.sql, made when these are full: an index of what is there is built in one go;
-- and what else makes keys narrow.
-- The workspace stands first where a workspace is walked through. It does not where a hash says it already (the HMAC of an
-- identifier, a sighting's digest of them) or a sequence that all share: four bytes more and four to align them.

alter table profiles_event add primary key (workspace_id, occurred_at, id);
create index profiles_event_sighting on profiles_event (sighting_id, occurred_at desc);

alter table profiles_identifier add primary key (workspace_id, id), add unique (key);
create index profiles_identifier_profile on profiles_identifier (workspace_id, profile_id);
create index profiles_identifier_shared on profiles_identifier (workspace_id, first_seen desc) where shared;
create index profiles_identifier_space on profiles_identifier (workspace_id, kind, namespace) where namespace <> '';

alter table profiles_sighting add primary key (id), add unique (key);
create index profiles_sighting_owner on profiles_sighting (workspace_id, owner);

alter table profiles_edge add primary key (workspace_id, a, b);
create index profiles_edge_end on profiles_edge (workspace_id, b);
create index profiles_edge_refused on profiles_edge (workspace_id, first_t desc, a, b) where refused;

-- A profile's id is its leader's, of the sequence that all workspaces share.
alter table profiles_summary drop constraint profiles_summary_pkey, add primary key (profile_id);

-- New sightings stand at the end, where pages are filled at first as far as this says; days of theirs that come later go
-- in between, and split what is full.
alter table profiles_activity
    drop constraint profiles_activity_pkey,
    add primary key (sighting_id, day, channel_id) with (fillfactor = 75);

-- Whose a row with a sighting is.
create view profiles_owner as
select s.workspace_id, s.id as sighting_id, s.owner as identifier_id, i.profile_id
from profiles_sighting s
join profiles_identifier i on i.workspace_id = s.workspace_id and i.id = s.owner;
