-- look +
-- Notes a look at contact data, unless the same person noted the same one within the last minute.
insert into kernel_audit (workspace_id, actor, action, target, detail, at)
select %(workspace)s::bigint, %(actor)s::text, %(action)s::text, %(target)s::text, %(detail)s::jsonb,
    %(at)s::timestamptz
where not exists (
    select from kernel_audit a
    where a.workspace_id = %(workspace)s::bigint and a.target = %(target)s::text
        and a.at > %(at)s::timestamptz - interval '1 minute'
        and a.actor = %(actor)s::text and a.action = %(action)s::text and a.detail = %(detail)s::jsonb
)
