-- publics
-- The public ids of profiles: those of their leaders.
select i.id, i.key from profiles_identifier i
where i.workspace_id = %(workspace)s::int and i.id = any(%(profiles)s::bigint[])

-- owners
-- The profiles that some ids belong to now: the id, the profile's number and its own id.
select asked.key, i.profile_id, l.key
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = asked.key
    offset 0
) i
cross join lateral (
    select l.key from profiles_identifier l
    where l.workspace_id = %(workspace)s::int and l.id = i.profile_id
    offset 0
) l

-- identifiers
-- All identifiers of profiles, the newest last; the values of those kinds that are asked for and that are no others' too.
select i.profile_id, i.key, i.kind,
       case when i.kind = any(%(kinds)s::text[]) and not i.shared then i.value end
from profiles_identifier i
where i.workspace_id = %(workspace)s::int and i.profile_id = any(%(profiles)s::bigint[])
order by i.first_seen, i.id

-- events
-- Stored events by time and id.
select e.id, e.name, c.slug, e.data::text
from unnest(%(ats)s::timestamptz[], %(ids)s::uuid[]) as asked(at, id)
cross join lateral (
    select e.id, e.name, e.channel_id, e.data from profiles_event e
    where e.workspace_id = %(workspace)s::int and e.occurred_at = asked.at and e.id = asked.id
    offset 0
) e
left join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = e.channel_id
