-- worked
-- Chunks that the pipeline is through with and whose rows are not counted yet.
select c.number, c.received_at, c.request, c.rows
from channels_import_chunk c
join channels_import i on i.id = c.import_id
where c.import_id = %(source)s::bigint and not c.settled
    and not exists (
        select from channels_inbox_open o
        where o.workspace_id = i.workspace_id and o.received_at = c.received_at and o.request = c.request
    )
order by c.number
limit %(most)s::int

-- unsettled
-- Whether there are chunks that are not counted yet.
select exists (select from channels_import_chunk c where c.import_id = %(source)s::bigint and not c.settled)

-- settle
-- The chunks are counted, once.
with counted as (
    update channels_import_chunk c
    set settled = true, bad = t.bad
    from unnest(%(numbers)s::int[], %(bad)s::int[]) as t(number, bad)
    where c.import_id = %(source)s::bigint and c.number = t.number and not c.settled
    returning c.rows, c.bad
)
update channels_import i
set bad = i.bad + coalesce((select sum(c.bad) from counted c), 0),
    good = i.good + coalesce((select sum(c.rows - c.bad) from counted c), 0)
where i.id = %(source)s::bigint

-- chunks
-- The chunks of an import after one, in order.
select c.number, c.received_at, c.request, c.rows, c.problems::text
from channels_import_chunk c
where c.import_id = %(source)s::bigint and c.number > %(after)s::int
    and (c.bad > 0 or not c.settled)
order by c.number
limit %(most)s::int

-- any_bad
-- Whether a connector has any open reject.
select exists (
    select from channels_reject r
    where r.workspace_id = %(workspace)s::bigint and r.state = 'open' and r.connector_id = %(connector)s::bigint
)

-- body
-- The body of a chunk's request.
select i.body from channels_inbox i
where i.workspace_id = %(workspace)s::bigint and i.received_at = %(received_at)s::timestamptz
    and i.request = %(request)s::uuid

-- refused
-- Of these messages those that are refused now, and why.
select r.id, r.reason, r.code, r.field, r.params::text
from unnest(%(ids)s::uuid[]) as asked(id)
cross join lateral (
    select r.id, r.reason, r.code, r.field, r.params from channels_reject r
    where r.workspace_id = %(workspace)s::bigint and r.id = asked.id and r.state = 'open'
        and not coalesce((
            select true from channels_seen s where s.workspace_id = r.workspace_id and s.id = r.id limit 1
        ), false)
    offset 0
) r

-- taken
-- Of these messages those that are there.
select s.id
from unnest(%(ids)s::uuid[]) as asked(id)
cross join lateral (
    select s.id from channels_seen s
    where s.workspace_id = %(workspace)s::bigint and s.id = asked.id
    limit 1
) s
