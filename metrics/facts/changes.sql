-- settings +
-- Zone and currency of the workspace, and its channels as far as facts ask; one row without any where there is none.
select w.timezone, w.currency, s.channel_id, s.currency, s.timezone, s.slug
from kernel_workspace w
left join channels_setting s on s.workspace_id = w.id
where w.id = %(workspace)s::int
