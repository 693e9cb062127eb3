-- request
-- A request as it was received.
select door, body, sender from channels_inbox
where workspace_id = %(workspace)s::bigint and received_at = %(received_at)s::timestamptz and request = %(request)s::uuid
