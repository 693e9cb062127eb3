-- look +
-- Notes a look at contact data, unless the same person noted the same one within the last minute. `soon`: it is a
-- transaction of its own and does not wait for the disk, as that would take longer than the page; should the machine
-- fail, looks of the last half second may be missing.
insert into kernel_audit (workspace_id, actor, action, target, detail, at)
select %(workspace)s::bigint, %(actor)s::text, %(action)s::text, %(target)s::text, %(detail)s::jsonb,
    %(at)s::timestamptz
from (select case when %(soon)s::boolean then set_config('synchronous_commit', 'off', true) end offset 0) soon
where not exists (
    select from kernel_audit a
    where a.workspace_id = %(workspace)s::bigint and a.target = %(target)s::text
        and a.at > %(at)s::timestamptz - interval '1 minute'
        and a.actor = %(actor)s::text and a.action = %(action)s::text and a.detail = %(detail)s::jsonb
)
