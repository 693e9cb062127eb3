-- winners
-- The requests in which the copies of messages lie that won.
select s.id, s.request
from unnest(%(ids)s::uuid[]) as t(id)
join channels_seen s on s.workspace_id = %(workspace)s::bigint and s.id = t.id

-- won
-- Where the copies of messages lie that won.
select s.id, s.request, s.position
from channels_seen s
where s.workspace_id = %(workspace)s::bigint and s.id = any(%(ids)s::uuid[])

-- bodies
-- Requests whole, held until the transaction ends.
select i.request, i.received_at, i.connector_id, i.door, i.n, i.body, 0, i.sender
from channels_inbox i
join unnest(%(times)s::timestamptz[], %(requests)s::uuid[]) as t(received_at, request)
    on i.received_at = t.received_at and i.request = t.request
where i.workspace_id = %(workspace)s::bigint
order by i.received_at, i.request
for update of i

-- naming
-- Where the requests lie whose text holds one of some writings of a value; also those that are no text (base64), and what
-- an erasure wrote before.
select i.received_at, i.request
from channels_inbox i
where i.workspace_id = %(workspace)s::bigint
    and (
        i.body like any (%(patterns)s::text[]) or i.sender like any (%(patterns)s::text[])
        or i.sender like '%%"encoded":true%%'
    )

-- encoded
-- Bodies that are kept in base64.
select i.body from channels_inbox i
where i.workspace_id = %(workspace)s::bigint and i.sender like '%%"encoded":true%%'

-- write
-- Requests as an erasure leaves them.
update channels_inbox i
set door = t.door, body = t.body, sender = t.sender
from unnest(%(times)s::timestamptz[], %(requests)s::uuid[], %(doors)s::text[], %(bodies)s::text[], %(senders)s::text[])
    as t(received_at, request, door, body, sender)
where i.workspace_id = %(workspace)s::bigint and i.received_at = t.received_at and i.request = t.request

-- rejects
-- Rejects that hold a value, or whose message an erasure took out of its request.
delete from channels_reject r
where r.workspace_id = %(workspace)s::bigint and (
    r.raw like any (%(patterns)s::text[]) or r.message_id like any (%(patterns)s::text[])
    or r.params::text like any (%(patterns)s::text[])
    or (r.request, r.position) in (
        select t.request, t.position from unnest(%(requests)s::uuid[], %(positions)s::int[]) as t(request, position)
    )
)
returning r.id

-- repairs
-- What people did to rejects that are gone, or wrote a value into.
delete from channels_repair p
where p.workspace_id = %(workspace)s::bigint and (
    p.reject_id = any (%(ids)s::uuid[]) or p.raw like any (%(patterns)s::text[])
    or p.fix::text like any (%(patterns)s::text[])
)

-- violations
-- Examples of what broke the tracking plan that the person's messages gave.
update channels_violation v
set value = '', message_id = ''
where v.workspace_id = %(workspace)s::bigint and v.value <> '' and (
    v.value like any (%(patterns)s::text[]) or v.message_id like any (%(patterns)s::text[])
    or v.request = any (%(requests)s::uuid[])
)

-- files
-- Dropped files of imports that have ended: a workbook cannot be written anew, and all its rows are in the inbox.
delete from channels_import_part p
using channels_import i
where i.workspace_id = %(workspace)s::bigint and p.import_id = i.id and i.ended_at is not null

-- previews
-- The first rows of files, and what is kept of rows that were refused, where a value stands in them.
update channels_import i
set preview = '[]', notes = case when i.notes::text like any (%(patterns)s::text[]) then '[]' else i.notes end
where i.workspace_id = %(workspace)s::bigint and i.preview <> '[]' and i.ended_at is not null

-- problems
-- What was wrong with rows of files, where a value stands in it.
update channels_import_chunk c
set problems = null
from channels_import i
where i.workspace_id = %(workspace)s::bigint and c.import_id = i.id and c.problems::text like any (%(patterns)s::text[])

-- running
-- Whether a file of the workspace is being read: its rows come to the inbox first.
select exists (select from channels_import i where i.workspace_id = %(workspace)s::bigint and i.ended_at is null)
