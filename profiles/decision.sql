-- sighting
-- The identifiers of a sighting and its owner.
select ids, owner from profiles_sighting where workspace_id = %(workspace)s::int and id = %(sighting)s::bigint

-- edges
-- The edges for which an event is the earliest evidence; neither end outside the sighting.
select a, b, refused from profiles_edge
where workspace_id = %(workspace)s::int and a = any(%(ids)s::bigint[]) and b = any(%(ids)s::bigint[])
  and first_e = %(event)s::uuid
order by a, b

-- values
-- The trait values whose first or latest evidence an event is.
select name, value, n, first_event, last_at from profiles_trait
where workspace_id = %(workspace)s::int and sighting_id = %(sighting)s::bigint
  and (first_event = %(event)s::uuid or last_event = %(event)s::uuid)
order by name, channel_id, hash
