-- person
-- A profile's identifiers.
select i.id, i.key, i.kind, i.namespace, i.value, i.first_seen
from profiles_identifier i
where i.workspace_id = %(workspace)s::int and i.profile_id = %(profile)s::bigint
order by i.id

-- by_keys
-- Which of some keys there are, and the profile of each.
select i.key, i.profile_id, i.shared
from profiles_identifier i
where i.workspace_id = %(workspace)s::int and i.key = any(%(keys)s::uuid[])

-- seen_together
-- Every sighting that names one of the identifiers, and whether one of them owns it.
select s.id, coalesce(s.ids, array[s.owner]), s.owner = any(%(ids)s::bigint[])
from profiles_sighting s
where s.workspace_id = %(workspace)s::int and (s.owner = any(%(ids)s::bigint[]) or s.ids && %(ids)s::bigint[])

-- named
-- What identifiers are, by id.
select i.id, i.key, i.kind, i.namespace, i.value
from profiles_identifier i
where i.workspace_id = %(workspace)s::int and i.id = any(%(ids)s::bigint[])

-- events
-- The events of sightings, and when each came.
select e.id, e.received_at, e.sighting_id
from profiles_event e
where e.workspace_id = %(workspace)s::int and e.sighting_id = any(%(sightings)s::bigint[])

-- said
-- What was said of people by some sightings.
select t.name, t.value
from profiles_trait t
where t.workspace_id = %(workspace)s::int and t.sighting_id = any(%(sightings)s::bigint[])

-- tokens
-- Identifiers become tokens.
update profiles_identifier i
set key = t.key, value = t.value
from unnest(%(ids)s::bigint[], %(keys)s::uuid[], %(values)s::text[]) as t(id, key, value)
where i.workspace_id = %(workspace)s::int and i.id = t.id

-- sightings
-- Sightings get the keys of what they are made of now.
update profiles_sighting s
set key = t.key
from unnest(%(ids)s::bigint[], %(keys)s::uuid[]) as t(id, key)
where s.workspace_id = %(workspace)s::int and s.id = t.id

-- hints
-- What masks showed of identifiers.
delete from profiles_hint h
where h.workspace_id = %(workspace)s::int and h.identifier_id = any(%(ids)s::bigint[])

-- rewrite
-- Events as they are read now. Their marks stay: an erasure keeps those of cleaning, and the ledger put its own.
update profiles_event e
set name = t.name, touchpoint = t.touchpoint, message_id = t.message_id, data = t.data::json,
    surrounding_id = 0, page_id = 0
from unnest(%(ids)s::uuid[], %(times)s::timestamptz[], %(names)s::text[], %(touchpoints)s::text[],
            %(message_ids)s::text[], %(datas)s::text[])
    as t(id, occurred_at, name, touchpoint, message_id, data)
where e.workspace_id = %(workspace)s::int and e.occurred_at = t.occurred_at and e.id = t.id

-- surroundings
-- The shared surroundings and pages of sightings' events.
select distinct x.id
from profiles_event e
cross join lateral (values (e.surrounding_id), (e.page_id)) as x(id)
where e.workspace_id = %(workspace)s::int and e.sighting_id = any(%(sightings)s::bigint[]) and x.id <> 0

-- forget_surroundings
-- Those of them that no event points to any more.
delete from profiles_surrounding s
where s.workspace_id = %(workspace)s::int and s.id = any(%(ids)s::int[])
    and not exists (select from profiles_event e where e.workspace_id = s.workspace_id and e.surrounding_id = s.id)
    and not exists (select from profiles_event e where e.workspace_id = s.workspace_id and e.page_id = s.id)

-- forget_traits
-- What was said of the person.
delete from profiles_trait t
where t.workspace_id = %(workspace)s::int and t.sighting_id = any(%(sightings)s::bigint[])

-- others_said
-- What others' sightings that name her said, by row.
select t.sighting_id, t.name, t.channel_id, t.hash, t.value
from profiles_trait t
where t.workspace_id = %(workspace)s::int and t.sighting_id = any(%(sightings)s::bigint[])

-- forget_said
-- Some of it.
delete from profiles_trait t
using unnest(%(sightings)s::bigint[], %(names)s::text[], %(hashes)s::uuid[]) as g(sighting_id, name, hash)
where t.workspace_id = %(workspace)s::int and t.sighting_id = g.sighting_id and t.name = g.name and t.hash = g.hash

-- summary
-- The profile's row: without a name, under the key that it is shown by now.
update profiles_summary s
set key = %(key)s::uuid, name = ''
where s.workspace_id = %(workspace)s::int and s.profile_id = %(profile)s::bigint

-- grams
-- The parts of the name that it was found by.
delete from profiles_gram g
where g.workspace_id = %(workspace)s::int and g.profile_id = %(profile)s::bigint

-- edits
-- What people decided: its ends are named by tokens; why may name the person.
update profiles_edit e
set a = case when a.key is null then e.a else e.a || jsonb_build_object('key', a.token_key, 'value', a.value) end,
    b = case when b.key is null then e.b else e.b || jsonb_build_object('key', b.token_key, 'value', b.value) end,
    reason = 'erased'
from profiles_edit own
left join unnest(%(keys)s::text[], %(token_keys)s::text[], %(values)s::text[]) as a(key, token_key, value)
    on a.key = own.a ->> 'key'
left join unnest(%(keys)s::text[], %(token_keys)s::text[], %(values)s::text[]) as b(key, token_key, value)
    on b.key = own.b ->> 'key'
where own.workspace_id = %(workspace)s::int and e.workspace_id = own.workspace_id and e.id = own.id
    and (a.key is not null or b.key is not null)

-- lifted
-- Pairs that merges freed, which name keys.
select e.id, e.lifted::text
from profiles_edit e
where e.workspace_id = %(workspace)s::int and e.lifted::text like any (%(patterns)s::text[])

-- write_lifted
-- The same by the keys of now.
update profiles_edit e set lifted = %(lifted)s::jsonb where e.workspace_id = %(workspace)s::int and e.id = %(id)s::bigint

-- manual
-- Joins by hand of the person's identifiers: why may name the person.
update profiles_manual m
set first_m = 'erased'
where m.workspace_id = %(workspace)s::int and m.by_hand
    and (m.a = any(%(ids)s::bigint[]) or m.b = any(%(ids)s::bigint[]))

-- later
-- Conflicts that were left for later, by the keys of now.
update profiles_later l
set a = coalesce(a.token_key, l.a), b = coalesce(b.token_key, l.b)
from profiles_later own
left join unnest(%(keys)s::uuid[], %(token_keys)s::uuid[]) as a(key, token_key) on a.key = own.a
left join unnest(%(keys)s::uuid[], %(token_keys)s::uuid[]) as b(key, token_key) on b.key = own.b
where own.workspace_id = %(workspace)s::int and l.workspace_id = own.workspace_id and l.a = own.a and l.b = own.b
    and (a.key is not null or b.key is not null)

-- sealed
-- What was said of people under some names.
select t.name, t.value from profiles_trait t
where t.workspace_id = %(workspace)s::int and lower(t.name) = any(%(names)s::text[])

-- suppress
-- Keyed hashes whose people are not stored again.
insert into profiles_suppressed (workspace_id, key, erasure)
select %(workspace)s::int, t.key, %(erasure)s::uuid from unnest(%(keys)s::uuid[]) as t(key)
on conflict do nothing

-- any_suppressed +
-- Whether a workspace has any.
select exists (select from profiles_suppressed s where s.workspace_id = %(workspace)s::int)

-- suppressed
-- Which of some keys are.
select s.key from profiles_suppressed s
where s.workspace_id = %(workspace)s::int and s.key = any(%(keys)s::uuid[])

-- met
-- Counts messages that were turned away.
update profiles_suppressed s
set met = s.met + 1, met_at = now()
where s.workspace_id = %(workspace)s::int and s.key = any(%(keys)s::uuid[])

-- bare
-- Events of sightings that no body could be read of: what they said goes. Their sums stand in facts and roll-ups.
update profiles_event e
set message_id = e.id::text, data = '{}'::json, surrounding_id = 0, page_id = 0
where e.workspace_id = %(workspace)s::int and e.sighting_id = any(%(sightings)s::bigint[])
    and e.id <> all(%(ids)s::uuid[])

-- proofs
-- That consent was given or taken back stays, by what it was proved does not.
update profiles_consent c
set proof = null
where c.workspace_id = %(workspace)s::int and c.sighting_id = any(%(sightings)s::bigint[])

-- signals
-- What a banner or a browser said with every event.
delete from profiles_consent_signal c
where c.workspace_id = %(workspace)s::int and c.sighting_id = any(%(sightings)s::bigint[])

-- suggestions
-- Pairs that one of some identifiers leads.
delete from profiles_suggestion s
where s.workspace_id = %(workspace)s::int and (s.a = any(%(keys)s::uuid[]) or s.b = any(%(keys)s::uuid[]))
