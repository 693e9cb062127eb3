-- request
-- A request as it was received, and whether its connector has a mapping.
select i.door, i.body, i.sender, i.connector_id, exists (
    select from channels_mapping m where m.workspace_id = i.workspace_id and m.connector_id = i.connector_id
)
from channels_inbox i
where i.workspace_id = %(workspace)s::bigint and i.received_at = %(received_at)s::timestamptz
    and i.request = %(request)s::uuid
