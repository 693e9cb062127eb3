-- all
-- The rules there were, the newest first.
select r.version, r.rules, r.reason, r.author, r.at from metrics_allocation_rules r
where r.workspace_id = %(workspace)s::int
order by r.version desc

-- one
-- A version of the rules.
select r.version, r.rules, r.reason, r.author, r.at from metrics_allocation_rules r
where r.workspace_id = %(workspace)s::int and r.version = %(version)s::int

-- add
-- Adds a version, unless somebody else was quicker.
insert into metrics_allocation_rules (workspace_id, version, rules, reason, author, at)
values (%(workspace)s::int, %(version)s::int, %(rules)s::jsonb, %(reason)s::text, %(author)s::text, %(at)s::timestamptz)
on conflict do nothing
