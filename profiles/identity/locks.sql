-- lock +
-- The lock rows of these profiles, in id order.
select id
from profiles_profile
where workspace_id = %(workspace)s::int and id = any(%(ids)s::bigint[])
order by id
for update

-- lock_all
-- The lock rows of all profiles of a workspace, in id order.
select id
from profiles_profile
where workspace_id = %(workspace)s::int
order by id
for update
