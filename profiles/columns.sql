-- serials
-- The serial ids of profiles by their public ids.
select s.profile_id, s.key
from profiles_summary s
where s.workspace_id = %(workspace)s::int and s.key = any(%(keys)s::uuid[])

-- of_kinds
-- The identifiers of some kinds of some profiles, the first seen first.
select i.profile_id, i.kind, i.value
from profiles_identifier i
where i.workspace_id = %(workspace)s::int and i.profile_id = any(%(profiles)s::bigint[])
    and i.kind = any(%(kinds)s::text[])
order by i.profile_id, i.kind, i.first_seen, i.id
