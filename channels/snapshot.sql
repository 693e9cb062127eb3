-- workspace
-- Zone and currency of the workspace.
select w.timezone, w.currency from kernel_workspace w where w.id = %(workspace)s::bigint

-- channels
-- Its channels.
select c.id, c.slug, c.currency, c.timezone, c.settings
from channels_channel c where c.workspace_id = %(workspace)s::bigint

-- connectors
-- Its connectors and the channel of each, those switched off too: what they brought before is still theirs.
select c.id, c.uuid, h.slug, c.settings
from channels_connector c
join channels_channel h on h.id = c.channel_id and h.workspace_id = c.workspace_id
where c.workspace_id = %(workspace)s::bigint
