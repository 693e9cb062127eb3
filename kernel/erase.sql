-- may_change_audit
-- For the rest of the transaction: an erasure may change what was noted.
select set_config('huiliu.erasing', 'on', true)

-- may_not_change_audit
-- No longer.
select set_config('huiliu.erasing', '', true)

-- files
-- The files that were made for people of the workspace.
delete from kernel_filepart p
using kernel_job j
where j.id = p.job_id and j.workspace_id = %(workspace)s::bigint and j.kind = 'export'

-- views
-- Views whose question holds a value.
delete from kernel_savedview v
where v.workspace_id = %(workspace)s::bigint
    and (v.query like any (%(patterns)s::text[]) or replace(v.query, '%%2B', '+') like any (%(patterns)s::text[])
        or replace(v.query, '%%40', '@') like any (%(patterns)s::text[]) or v.name like any (%(patterns)s::text[]))

-- reasons
-- Why something was done to the person's profile: it may name her.
update kernel_audit a
set detail = a.detail || '{"reason": "erased"}'
where a.workspace_id = %(workspace)s::bigint and a.target = any(%(targets)s::text[]) and a.detail ? 'reason'
