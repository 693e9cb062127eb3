-- newest
-- Of some profiles the customers seen last: serial, public id, name.
select s.profile_id, s.key, s.name
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select s.profile_id, s.key, s.name, s.last_seen from profiles_summary s
    where s.workspace_id = %(workspace)s::int and s.profile_id = asked.profile
    offset 0
) s
order by s.last_seen desc, s.key
limit %(most)s::int

-- contacts
-- The identifiers of a kind that some profiles hold: profile, value as stored.
select i.profile_id, i.value
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select i.profile_id, i.value from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.profile_id = asked.profile and i.kind = %(kind)s::text
    offset 0
) i
