-- serials
-- The serial ids of profiles by their public ids.
select i.id, i.key
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select i.id, i.key, i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = asked.key
    offset 0
) i
where i.id = i.profile_id

-- of_kinds
-- The identifiers of some kinds of some profiles, the first seen first.
select i.profile_id, i.kind, i.value
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select i.* from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.profile_id = asked.profile and i.kind = any(%(kinds)s::text[])
    offset 0
) i
order by i.profile_id, i.kind, i.first_seen, i.id
