-- values_of +
-- Every value said of some profiles, summed over their sightings; `names` null means all traits.
select i.profile_id, t.name, (array_agg(t.value order by t.last_at desc, t.last_event desc))[1], t.hash, t.channel_id, sum(t.n)::int,
       (array_agg(t.first_at order by t.first_at, t.first_event))[1],
       (array_agg(t.first_event order by t.first_at, t.first_event))[1],
       (array_agg(t.last_at order by t.last_at desc, t.last_event desc))[1],
       (array_agg(t.last_event order by t.last_at desc, t.last_event desc))[1]
from profiles_identifier i
join profiles_sighting s on s.workspace_id = %(workspace)s::int and s.owner = i.id
join profiles_trait t on t.workspace_id = %(workspace)s::int and t.sighting_id = s.id
where i.workspace_id = %(workspace)s::int and i.profile_id = any(%(profiles)s::bigint[])
  and (%(names)s::text[] is null or t.name = any(%(names)s::text[]))
group by i.profile_id, t.name, t.hash, t.channel_id
