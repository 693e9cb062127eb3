-- add_cells +
-- Adds a batch's events to their days.
insert into profiles_activity as kept
    (workspace_id, sighting_id, day, channel_id, events, active, first_at, last_at)
select %(workspace)s::int, c.sighting, c.day, c.channel, c.events, c.active, c.first_at, c.last_at
from unnest(%(sightings)s::bigint[], %(days)s::date[], %(channels)s::int[], %(events)s::int[], %(active)s::int[],
            %(firsts)s::timestamptz[], %(lasts)s::timestamptz[])
     as c(sighting, day, channel, events, active, first_at, last_at)
on conflict (sighting_id, day, channel_id) do update set
    events = kept.events + excluded.events,
    active = kept.active + excluded.active,
    first_at = least(kept.first_at, excluded.first_at),
    last_at = greatest(kept.last_at, excluded.last_at)
