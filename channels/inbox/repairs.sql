-- note
-- What somebody did to rejects, each after what was done to it before.
insert into channels_repair (workspace_id, reject_id, number, actor, fix, raw, request)
select %(workspace)s::bigint, t.id, coalesce(l.number, 0) + 1, %(actor)s::text, %(fix)s::jsonb, t.raw, t.request
from unnest(%(ids)s::uuid[], %(raws)s::text[], %(requests)s::uuid[]) as t(id, raw, request)
left join lateral (
    select p.number from channels_repair p
    where p.workspace_id = %(workspace)s::bigint and p.reject_id = t.id
    order by p.number desc limit 1
) l on true
order by t.id

-- of
-- What was done to rejects, in that order.
select p.reject_id, p.at, p.actor, p.fix::text, p.raw, p.request
from channels_repair p
where p.workspace_id = %(workspace)s::bigint and p.reject_id = any(%(ids)s::uuid[])
order by p.reject_id, p.number
