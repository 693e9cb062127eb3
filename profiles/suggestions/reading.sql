-- count
-- How many customers there are.
select count(*) from profiles_summary where workspace_id = %(workspace)s::int

-- walk
-- The next customers by number, and whether their strongest identifier is shared.
select found.profile_id, leader.shared
from (
    select s.profile_id from profiles_summary s
    where s.workspace_id = %(workspace)s::int and s.profile_id > %(after)s::bigint
    order by s.profile_id
    limit %(limit)s::int
) found
cross join lateral (
    select i.shared from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = found.profile_id
    offset 0
) leader
order by found.profile_id

-- shared
-- The shared identifiers of some kinds.
select i.kind, i.value
from profiles_identifier i
where i.workspace_id = %(workspace)s::int and i.shared and i.kind = any(%(kinds)s::text[])
limit %(most)s::int

-- contacts
-- The identifiers of some kinds that profiles hold, the first known first.
select asked.profile, found.kind, found.value
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select i.kind, i.value, i.first_seen, i.id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.profile_id = asked.profile and not i.shared
        and i.kind = any(%(kinds)s::text[])
    offset 0
) found
order by asked.profile, found.first_seen, found.id
