-- note +
-- Something happened in a workspace: its segments are to be asked again, where it has any.
update metrics_segment_turn set changed = changed + 1 where workspace_id = %(workspace)s::int
