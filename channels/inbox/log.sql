-- append +
-- Requests into the inbox and, those that are new, into the open list. Again the same rows: nothing happens.
with kept as (
    insert into channels_inbox (workspace_id, received_at, request, connector_id, door, n, body, sender)
    select t.workspace, t.received_at, t.request, t.connector, t.door, t.n, t.body, t.sender
    from unnest(%(workspaces)s::bigint[], %(times)s::timestamptz[], %(requests)s::uuid[], %(connectors)s::bigint[],
                %(doors)s::text[], %(counts)s::int[], %(bodies)s::text[], %(senders)s::text[])
        as t(workspace, received_at, request, connector, door, n, body, sender)
    on conflict do nothing
    returning workspace_id, received_at, request, connector_id, n
)
insert into channels_inbox_open (workspace_id, received_at, request, connector_id, n)
select workspace_id, received_at, request, connector_id, n from kept
on conflict do nothing

-- append_new +
-- The same for requests that cannot be there yet; their bodies are one text, with a sign between them.
with given as materialized (
    select t.*
    from unnest(%(workspaces)s::bigint[], %(times)s::timestamptz[], %(requests)s::uuid[], %(connectors)s::bigint[],
                %(doors)s::text[], %(counts)s::int[], string_to_array(%(bodies)s::text, chr(30)), %(senders)s::text[])
        as t(workspace, received_at, request, connector, door, n, body, sender)
), kept as (
    insert into channels_inbox (workspace_id, received_at, request, connector_id, door, n, body, sender)
    select g.workspace, g.received_at, g.request, g.connector, g.door, g.n, g.body, g.sender from given g
)
insert into channels_inbox_open (workspace_id, received_at, request, connector_id, n)
select g.workspace, g.received_at, g.request, g.connector, g.n from given g

-- make_day
-- The partition of a day (UTC).
select channels_inbox_day(%(day)s::date)

-- waiting +
-- Each connector with open rows from the mark on, and its oldest; of a slow workspace how wide its batch may be, and
-- whether it rests.
select c.workspace_id, c.id, first.received_at, p.width, p.next_try > clock_timestamp()
from channels_connector c
cross join lateral (
    select o.received_at from channels_inbox_open o
    where o.workspace_id = c.workspace_id and o.connector_id = c.id and o.received_at >= %(mark)s::timestamptz
        and (o.rest_until is null or o.rest_until <= now())
    order by o.received_at, o.request
    limit 1
) first
left join channels_pace p on p.workspace_id = c.workspace_id
order by c.workspace_id, c.id

-- candidates +
-- The oldest open rows of each connector after a place, those that nobody else holds and that do not rest.
select o.connector_id, o.received_at, o.request, o.n, o.attempts
from unnest(%(connectors)s::bigint[], %(times)s::timestamptz[], %(requests)s::uuid[]) as c(id, received_at, request)
cross join lateral (
    select o.connector_id, o.received_at, o.request, o.n, o.attempts from channels_inbox_open o
    where o.workspace_id = %(workspace)s::bigint and o.connector_id = c.id
        and (o.received_at, o.request) > (c.received_at, c.request)
        and (o.rest_until is null or o.rest_until <= now())
    order by o.received_at, o.request
    limit %(rows)s::int
    for update skip locked
) o

-- attempt +
-- One more try, committed before the work: who dies at it leaves a trace. The rows are locked, so they stay where they
-- are found: one by one, for the planner takes this list to be as short as it was when it was last counted.
with soon as (  -- nobody waits for its way to the disk: a crash of the server is no fault of the message
    select set_config('synchronous_commit', 'off', true)
)
update channels_inbox_open o
set attempts = least(o.attempts + 1, 30000)
from soon
where o.ctid = any(array(
    select f.ctid
    from unnest(%(times)s::timestamptz[], %(requests)s::uuid[]) as w(received_at, request)
    cross join lateral (
        select i.ctid from channels_inbox_open i
        where i.workspace_id = %(workspace)s::bigint and i.received_at = w.received_at and i.request = w.request
        offset 0
    ) f
))

-- claim +
-- The chosen rows that are still open and free, locked until the transaction ends, with their bodies as far as there is
-- room: else only that there is one. One index probe each: the inbox is large, whatever the planner believes.
with soon as (  -- statements after this one: cancelled by the server, should nobody be left to do it
    select set_config('statement_timeout', %(limit)s::text, true)
)
select f.received_at, f.request, f.attempts, f.connector_id, f.door, f.n, f.sender,
       case when f.before < %(most)s::bigint then f.body end, f.body is not null
from (
    select o.received_at, o.request, o.attempts, i.connector_id, i.door, i.n, i.sender, i.body,
           coalesce(sum(octet_length(i.body)) over (order by o.received_at, o.request
                    rows between unbounded preceding and 1 preceding), 0) as before
    from soon, unnest(%(times)s::timestamptz[], %(requests)s::uuid[]) as w(received_at, request)
    cross join lateral (
        select o.received_at, o.request, o.attempts from channels_inbox_open o
        where o.workspace_id = %(workspace)s::bigint and o.received_at = w.received_at and o.request = w.request
        for update skip locked
    ) o
    left join lateral (
        select i.connector_id, i.door, i.n, i.sender, i.body from channels_inbox i
        where i.workspace_id = %(workspace)s::bigint and i.received_at = w.received_at and i.request = w.request
            and i.received_at between %(first)s::timestamptz and %(last)s::timestamptz
        offset 0
    ) i on true
) f

-- spare
-- Chosen, but their attempt was none.
update channels_inbox_open o
set attempts = greatest(o.attempts - 1, 0)
from unnest(%(times)s::timestamptz[], %(requests)s::uuid[]) as w(received_at, request)
where o.workspace_id = %(workspace)s::bigint and o.received_at = w.received_at and o.request = w.request

-- finish +
-- The rows, which are locked, are done: they leave the open list.
delete from channels_inbox_open o
where o.ctid = any(array(
    select f.ctid
    from unnest(%(times)s::timestamptz[], %(requests)s::uuid[]) as w(received_at, request)
    cross join lateral (
        select i.ctid from channels_inbox_open i
        where i.workspace_id = %(workspace)s::bigint and i.received_at = w.received_at and i.request = w.request
        offset 0
    ) f
))

-- left +
-- Whether anything is open, held by somebody or not.
select exists (
    select from channels_inbox_open o
    where exists (select from channels_connector c where c.workspace_id = o.workspace_id and c.id = o.connector_id)
)

-- backlog
-- Requests and messages that are open, and since when.
select count(*), coalesce(sum(o.n), 0), min(o.received_at) from channels_inbox_open o

-- size
-- Bytes of the inbox on disk, all days.
select coalesce(sum(pg_total_relation_size(p.inhrelid)), 0)::bigint
from pg_inherits p where p.inhparent = 'channels_inbox'::regclass

-- noted
-- The position that a request's last worker noted, and how often the message there was too slow.
select o.position, o.slow from channels_inbox_open o
join unnest(%(times)s::timestamptz[], %(requests)s::uuid[]) as p(received_at, request)
  on o.received_at = p.received_at and o.request = p.request
where o.workspace_id = %(workspace)s::bigint

-- note
-- Notes which message of a request is worked on, and for how long it rests before.
update channels_inbox_open o
set position = %(position)s::int, slow = %(slow)s::smallint,
    rest_until = case when %(rest)s::float8 > 0 then clock_timestamp() + make_interval(secs => %(rest)s::float8) end
from unnest(%(times)s::timestamptz[], %(requests)s::uuid[]) as p(received_at, request)
where o.workspace_id = %(workspace)s::bigint and o.received_at = p.received_at and o.request = p.request

-- bounded
-- How long each further statement of the transaction may take.
select set_config('statement_timeout', %(limit)s::text, true)
