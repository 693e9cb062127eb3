-- known
-- Which files belong to this database, and which state of them is the present one.
select replace(generation::text, '-', ''), replace(state::text, '-', '') from metrics_mirror
where workspace_id = %(workspace)s::int and state is not null

-- late
-- Since when changes wait, by workspace.
select workspace_id, min(kept_at) from metrics_mirror_change
where %(workspace)s::int is null or workspace_id = %(workspace)s::int
group by workspace_id
