-- keep_values +
-- Adds what a batch says to the values kept: counts add up, times widen; yields nothing.
insert into profiles_trait as kept
    (workspace_id, sighting_id, name, channel_id, hash, value, n, first_at, first_event, last_at, last_event)
select %(workspace)s::int, v.sighting, v.name, v.channel, v.hash, v.value, v.n,
       v.first_at, v.first_event, v.last_at, v.last_event
from unnest(%(sightings)s::bigint[], %(names)s::text[], %(channels)s::int[], %(hashes)s::uuid[], %(texts)s::text[],
            %(counts)s::int[], %(first_ats)s::timestamptz[], %(first_events)s::uuid[],
            %(last_ats)s::timestamptz[], %(last_events)s::uuid[])
     as v(sighting, name, channel, hash, value, n, first_at, first_event, last_at, last_event)
on conflict (workspace_id, sighting_id, name, channel_id, hash) do update set
    n = kept.n + excluded.n,
    first_at = case when (excluded.first_at, excluded.first_event) < (kept.first_at, kept.first_event)
                    then excluded.first_at else kept.first_at end,
    first_event = case when (excluded.first_at, excluded.first_event) < (kept.first_at, kept.first_event)
                       then excluded.first_event else kept.first_event end,
    last_at = case when (excluded.last_at, excluded.last_event) > (kept.last_at, kept.last_event)
                   then excluded.last_at else kept.last_at end,
    last_event = case when (excluded.last_at, excluded.last_event) > (kept.last_at, kept.last_event)
                      then excluded.last_event else kept.last_event end
