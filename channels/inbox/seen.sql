-- taken +
-- Of the batch's ids those that were taken before, as hex.
select replace(s.id::text, '-', '')
from unnest(%(ids)s::uuid[]) as asked(id)
cross join lateral (
    select s.id from channels_seen s
    where s.workspace_id = %(workspace)s::bigint and s.id = asked.id
    limit 1
) s

-- take
-- Of the batch's ids (sorted) those that nobody has taken yet, as hex: they are ours from now on.
insert into channels_seen (workspace_id, id, request, position, occurred_at)
select %(workspace)s::bigint, t.id, t.request, t.position, t.occurred_at
from unnest(%(ids)s::uuid[], %(requests)s::uuid[], %(positions)s::int[], %(times)s::timestamptz[])
    as t(id, request, position, occurred_at)
order by t.id
on conflict (id) do nothing
returning replace(id::text, '-', '')

-- open_rejects +
-- Whether the workspace has any open reject: as a rule not, and then none of a batch's messages has.
select exists (select from channels_reject where workspace_id = %(workspace)s::bigint and state = 'open')

-- close_rejects +
-- A good copy came: the open rejects of its message are closed, locked in the order in which their ids are given. One that
-- came in by a person's repair is replayed: a rebuild reads both again.
update channels_reject r
set state = case when open.repaired then 'replayed' else 'closed' end, updated_at = now()
from (
    select o.id, coalesce((
        select true from channels_repair p
        where p.workspace_id = %(workspace)s::bigint and p.reject_id = o.id and p.request = t.request limit 1
    ), false) as repaired
    from unnest(%(ids)s::uuid[], %(requests)s::uuid[]) as t(id, request)
    cross join lateral (
        select o.id from channels_reject o
        where o.workspace_id = %(workspace)s::bigint and o.id = t.id and o.state = 'open'
        for update
    ) o
) open
where r.workspace_id = %(workspace)s::bigint and r.id = open.id

-- winners
-- Which copy of these messages won before the rebuild (its table stands only while it runs).
select w.id, w.request, w.position
from channels_winner w
where w.workspace_id = %(workspace)s::bigint and w.id = any(%(ids)s::uuid[])
