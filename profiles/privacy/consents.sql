-- add_signals +
-- Adds a batch's answers to those that are kept: their times widen.
insert into profiles_consent_signal as kept
    (workspace_id, sighting_id, name, source, given, purpose, first_at, first_event, last_at, last_event)
select %(workspace)s::int, s.sighting, s.name, s.source, s.given, s.purpose,
       s.first_at, s.first_event, s.last_at, s.last_event
from unnest(%(sightings)s::bigint[], %(names)s::text[], %(sources)s::text[], %(answers)s::boolean[],
            %(purposes)s::text[], %(first_ats)s::timestamptz[], %(first_events)s::uuid[],
            %(last_ats)s::timestamptz[], %(last_events)s::uuid[])
     as s(sighting, name, source, given, purpose, first_at, first_event, last_at, last_event)
on conflict (sighting_id, name, source, given) do update set
    first_at = case when (excluded.first_at, excluded.first_event) < (kept.first_at, kept.first_event)
                    then excluded.first_at else kept.first_at end,
    first_event = case when (excluded.first_at, excluded.first_event) < (kept.first_at, kept.first_event)
                       then excluded.first_event else kept.first_event end,
    last_at = case when (excluded.last_at, excluded.last_event) > (kept.last_at, kept.last_event)
                   then excluded.last_at else kept.last_at end,
    last_event = case when (excluded.last_at, excluded.last_event) > (kept.last_at, kept.last_event)
                      then excluded.last_event else kept.last_event end

-- given
-- Of some profiles what holds for a purpose: the latest word on any of the channels, of two the withdrawal.
select distinct on (asked.profile) asked.profile, w.given
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select o.sighting_id from profiles_owner o
    where o.workspace_id = %(workspace)s::int and o.profile_id = asked.profile
    offset 0
) o
cross join lateral (
    select w.given, w.at from profiles_consent_word w
    where w.workspace_id = %(workspace)s::int and w.sighting_id = o.sighting_id
        and w.purpose = %(purpose)s::text and w.channel = any(%(channels)s::text[])
    offset 0
) w
order by asked.profile, w.at desc, w.given

-- points +
-- What a profile's sightings said, word by word; of an answer that comes over and over the first and the last event.
select w.purpose, w.channel, w.at, w.given, w.event, w.name, w.source, w.proof, w.text_version
from profiles_owner o
cross join lateral (
    select c.purpose, c.channel, c.at, c.given, c.event, c.name, 'event' as source, c.proof, c.text_version
    from profiles_consent c
    where c.workspace_id = %(workspace)s::int and c.sighting_id = o.sighting_id
    union all
    select s.purpose, '', t.at, s.given, t.event, s.name, s.source, null, null
    from profiles_consent_signal s
    cross join lateral (values (s.first_at, s.first_event), (s.last_at, s.last_event)) t(at, event)
    where s.workspace_id = %(workspace)s::int and s.sighting_id = o.sighting_id
    offset 0
) w
where o.workspace_id = %(workspace)s::int and o.profile_id = %(profile)s::bigint

-- between
-- What a profile's own events answered over and over, one by one: for answers that were not always the same.
select e.occurred_at, e.id, c.name, c.given, c.source
from profiles_owner o
cross join lateral (
    select min(s.first_at) as first_at, max(s.last_at) as last_at from profiles_consent_signal s
    where s.workspace_id = %(workspace)s::int and s.sighting_id = o.sighting_id
    offset 0
) s
cross join lateral (
    select e.occurred_at, e.id, e.data #> '{context,consent,categoryPreferences}' as categories,
           e.data #>> '{context,gpc}' as gpc
    from profiles_event e
    where e.workspace_id = %(workspace)s::int and e.sighting_id = o.sighting_id
        and e.occurred_at between s.first_at and s.last_at
        and not %(bot)s::text = any(string_to_array(e.marks, ','))
    offset 0
) e
cross join lateral (
    select c.key as name, c.value = 'true' as given, 'preferences' as source
    from json_each_text(case when json_typeof(e.categories) = 'object' then e.categories end) c
    where c.value in ('true', 'false')
    union all
    select sold, false, 'gpc' from unnest(%(sold)s::text[]) sold where e.gpc in ('true', '1')
) c
where o.workspace_id = %(workspace)s::int and o.profile_id = %(profile)s::bigint

-- said_by +
-- What events are called that are known by time and id.
select e.id, e.message_id, e.channel_id, e.name
from unnest(%(times)s::timestamptz[], %(events)s::uuid[]) as asked(at, event)
cross join lateral (
    select e.id, e.message_id, e.channel_id, e.name from profiles_event e
    where e.workspace_id = %(workspace)s::int and e.occurred_at = asked.at and e.id = asked.event
    limit 1
) e
