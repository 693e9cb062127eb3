-- known
-- Which of some messages were received: stored, or rejected.
select id from channels_seen where workspace_id = %(workspace)s::bigint and id = any(%(ids)s::uuid[])
union
select id from channels_reject where workspace_id = %(workspace)s::bigint and id = any(%(ids)s::uuid[])

-- event
-- Where a stored event came from and whose sighting it is.
select e.received_at, t.request, t.position, e.sighting_id
from channels_taken t
join profiles_event e on e.workspace_id = t.workspace_id and e.occurred_at = t.occurred_at and e.id = t.id
where t.workspace_id = %(workspace)s::int and t.id = %(event)s::uuid
