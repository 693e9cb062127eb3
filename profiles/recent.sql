-- kept +
-- The newest active days of some profiles, packed.
select s.profile_id, s.recent
from profiles_summary s
where s.workspace_id = %(workspace)s::int and s.profile_id = any(%(profiles)s::bigint[])
