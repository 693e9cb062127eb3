-- known
-- Which of some messages were received: stored, or rejected.
select id from channels_seen where workspace_id = %(workspace)s::bigint and id = any(%(ids)s::uuid[])
union
select id from channels_reject where workspace_id = %(workspace)s::bigint and id = any(%(ids)s::uuid[])

-- event
-- Where a stored event came from and whose sighting it is.
select received_at, request, position, sighting_id from profiles_event
where workspace_id = %(workspace)s::int and id = %(event)s::uuid
