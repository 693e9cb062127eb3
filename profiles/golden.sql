-- values_of +
-- Every value said of some profiles, summed over their sightings; `names` null means all traits.
select asked.profile, t.name, (array_agg(t.value order by t.last_at desc, t.last_event desc))[1], t.hash, t.channel_id, sum(t.n)::int,
       (array_agg(t.first_at order by t.first_at, t.first_event))[1],
       (array_agg(t.first_event order by t.first_at, t.first_event))[1],
       (array_agg(t.last_at order by t.last_at desc, t.last_event desc))[1],
       (array_agg(t.last_event order by t.last_at desc, t.last_event desc))[1]
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select o.sighting_id from profiles_owner o
    where o.workspace_id = %(workspace)s::int and o.profile_id = asked.profile
    offset 0
) o
cross join lateral (
    select t.* from profiles_trait t
    where t.workspace_id = %(workspace)s::int and t.sighting_id = o.sighting_id
        and (%(names)s::text[] is null or t.name = any(%(names)s::text[]))
    offset 0
) t
group by asked.profile, t.name, t.hash, t.channel_id
