-- generation
-- Which files belong to this database.
select replace(generation::text, '-', '') from metrics_mirror where workspace_id = %(workspace)s::int

-- late
-- Since when changes wait, by workspace.
select workspace_id, min(kept_at) from metrics_mirror_change
where %(workspace)s::int is null or workspace_id = %(workspace)s::int
group by workspace_id
