-- ask
-- An erasure that is asked for.
insert into profiles_erasure (workspace_id, id, actor, reason, suppress, keys)
values (%(workspace)s::int, %(id)s::uuid, %(actor)s::text, %(reason)s::text, %(suppress)s::boolean, %(keys)s::uuid[])
on conflict do nothing

-- one
-- An erasure of a workspace, held.
select e.id, e.asked_at, e.actor, e.reason, e.suppress, e.state, e.keys, e.certificate::text, e.checked::text
from profiles_erasure e
where e.workspace_id = %(workspace)s::int and e.id = %(id)s::uuid

-- newest
-- Erasures of a workspace, the newest first.
select e.id, e.asked_at, e.actor, e.reason, e.suppress, e.state, e.keys, e.certificate::text, e.checked::text
from profiles_erasure e
where e.workspace_id = %(workspace)s::int
order by e.asked_at desc, e.id
limit %(most)s::int

-- erased
-- It is done in the database.
update profiles_erasure e
set state = 'erased', keys = %(keys)s::uuid[], reason = %(reason)s::text, certificate = %(certificate)s::jsonb
where e.workspace_id = %(workspace)s::int and e.id = %(id)s::uuid

-- state
-- How far it is.
update profiles_erasure e
set state = %(state)s::text, ended_at = case when %(state)s::text = 'done' then now() end
where e.workspace_id = %(workspace)s::int and e.id = %(id)s::uuid

-- checked
-- What the last look found.
update profiles_erasure e
set checked = %(checked)s::jsonb
where e.workspace_id = %(workspace)s::int and e.id = %(id)s::uuid

-- stale_statistics
-- Tables with texts that the planner has statistics of.
select distinct s.tablename::text
from pg_stats s
where s.schemaname = current_schema() and s.tablename = any (%(tables)s::text[])
