-- spoken
-- Of each profile, by its public id, the identifier it may be called by: the kinds in their order, oldest first.
select asked.key, said.kind, said.value
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = asked.key
    offset 0
) leader
cross join lateral (
    select i.kind, i.value from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.profile_id = leader.profile_id and i.kind = any(%(kinds)s::text[])
    order by array_position(%(kinds)s::text[], i.kind::text), i.first_seen, i.key
    limit 1
) said
