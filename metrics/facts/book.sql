-- channels
-- The channels of the workspace as far as facts ask.
select s.channel_id, s.currency, s.timezone, s.slug
from channels_setting s
where s.workspace_id = %(workspace)s::int
