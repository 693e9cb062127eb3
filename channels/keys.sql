-- source
-- The connector behind a write key that is not revoked.
select c.id, c.workspace_id, c.uuid, c.name, c.enabled, c.rate_limit, to_char(c.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from channels_writekey k
join channels_connector c on c.id = k.connector_id
where k.key = %(key)s::text and k.revoked_at is null
