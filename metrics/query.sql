-- channels
-- The workspace's channels, in the order they were made.
select channel_id, slug from channels_setting where workspace_id = %(workspace)s::int order by channel_id
