-- add
-- Rejects of new messages; true for each that is new. A replayed one that is bad again is open again. One whose message
-- a person's repair has brought in is kept as replayed: a rebuild meets both in one batch.
insert into channels_reject as r
    (workspace_id, id, connector_id, reason, code, field, params, message_id, request, position, received_at, raw, copies,
     money, currency, state)
select %(workspace)s::bigint, t.id, t.connector, t.reason, t.code, t.field, t.params, t.message_id, t.request, t.position,
       t.received_at, t.raw, t.copies, t.money, t.currency, case when s.request is null then 'open' else 'replayed' end
from unnest(%(ids)s::uuid[], %(connectors)s::bigint[], %(reasons)s::text[], %(codes)s::text[], %(fields)s::text[],
            %(params)s::jsonb[], %(message_ids)s::text[], %(requests)s::uuid[], %(positions)s::int[],
            %(times)s::timestamptz[], %(raws)s::text[], %(copies)s::int[], %(money)s::numeric[], %(currencies)s::text[])
    as t(id, connector, reason, code, field, params, message_id, request, position, received_at, raw, copies, money,
         currency)
left join lateral (
    select s.request from channels_seen s where s.workspace_id = %(workspace)s::bigint and s.id = t.id
    limit 1
) s on true
where s.request is null
    or (select true from channels_repair p where p.workspace_id = %(workspace)s::bigint and p.reject_id = t.id
        and p.request = s.request limit 1)
order by t.id
on conflict (workspace_id, id) do update
set copies = r.copies + excluded.copies,
    updated_at = now(),
    reason = case when r.state = 'replayed' and excluded.state = 'open' then excluded.reason else r.reason end,
    code = case when r.state = 'replayed' and excluded.state = 'open' then excluded.code else r.code end,
    field = case when r.state = 'replayed' and excluded.state = 'open' then excluded.field else r.field end,
    params = case when r.state = 'replayed' and excluded.state = 'open' then excluded.params else r.params end,
    state = case when r.state = 'replayed' and excluded.state = 'open' then 'open' else r.state end
returning xmax = 0

-- listed
-- Rejects as they are shown. One whose message was stored at the very moment it was kept counts as closed.
select r.received_at, r.id, r.reason, r.field, r.code, r.params::text, r.hint, r.message_id, c.uuid, s.state, r.raw,
       r.copies, r.updated_at
from channels_reject r
cross join lateral (
    select c.uuid, c.channel_id from channels_connector c
    where c.workspace_id = r.workspace_id and c.id = r.connector_id
    offset 0
) c
cross join lateral (
    select case when r.state = 'open' and coalesce(
        (select true from channels_seen s where s.workspace_id = r.workspace_id and s.id = r.id), false
    ) then 'closed' else r.state end as state
) s

-- pick
-- Open rejects after an id, as narrowed, as they stand now; locked until they are replayed or have their new reason.
select r.id, r.connector_id, r.message_id, r.request, r.received_at, coalesce(
    (select p.raw from channels_repair p
     where p.workspace_id = r.workspace_id and p.reject_id = r.id and p.raw is not null
     order by p.number desc limit 1), r.raw),
    exists (select from channels_repair p
            where p.workspace_id = r.workspace_id and p.reject_id = r.id and p.raw is not null)
from channels_reject r
where r.workspace_id = %(workspace)s::bigint and r.id > %(after)s::uuid and r.state = 'open'
    and (%(ids)s::uuid[] is null or r.id = any(%(ids)s::uuid[]))
    and (%(reason)s::text is null or r.reason = %(reason)s::text)
    and (%(field)s::text is null or r.field = %(field)s::text)
    and (%(connector)s::bigint is null or r.connector_id = %(connector)s::bigint)
    and (select true from channels_seen s where s.workspace_id = r.workspace_id and s.id = r.id) is null
order by r.id
limit %(step)s::int
for update of r

-- peek
-- The newest open rejects, as narrowed, as they stand now.
select r.id, r.connector_id, r.message_id, r.request, r.received_at, coalesce(
    (select p.raw from channels_repair p
     where p.workspace_id = r.workspace_id and p.reject_id = r.id and p.raw is not null
     order by p.number desc limit 1), r.raw),
    exists (select from channels_repair p
            where p.workspace_id = r.workspace_id and p.reject_id = r.id and p.raw is not null)
from channels_reject r
where r.workspace_id = %(workspace)s::bigint and r.state = 'open'
    and (%(ids)s::uuid[] is null or r.id = any(%(ids)s::uuid[]))
    and (%(reason)s::text is null or r.reason = %(reason)s::text)
    and (%(field)s::text is null or r.field = %(field)s::text)
    and (%(connector)s::bigint is null or r.connector_id = %(connector)s::bigint)
    and (select true from channels_seen s where s.workspace_id = r.workspace_id and s.id = r.id) is null
order by r.received_at desc, r.id
limit %(most)s::int

-- waiting
-- How many open rejects there are, as narrowed.
select count(*)
from channels_reject r
where r.workspace_id = %(workspace)s::bigint and r.state = 'open'
    and (%(ids)s::uuid[] is null or r.id = any(%(ids)s::uuid[]))
    and (%(reason)s::text is null or r.reason = %(reason)s::text)
    and (%(field)s::text is null or r.field = %(field)s::text)
    and (%(connector)s::bigint is null or r.connector_id = %(connector)s::bigint)
    and (select true from channels_seen s where s.workspace_id = r.workspace_id and s.id = r.id) is null

-- replayed +
-- They went into the inbox again.
update channels_reject r
set state = 'replayed', updated_at = now()
where r.workspace_id = %(workspace)s::bigint and r.id = any(%(ids)s::uuid[]) and r.state = 'open'

-- still_bad +
-- What is wrong with them now.
update channels_reject r
set reason = t.reason, code = t.code, field = t.field, params = t.params, updated_at = now()
from unnest(%(ids)s::uuid[], %(reasons)s::text[], %(codes)s::text[], %(fields)s::text[], %(params)s::jsonb[])
    as t(id, reason, code, field, params)
where r.workspace_id = %(workspace)s::bigint and r.id = t.id and r.state = 'open'

-- hold
-- An open reject, locked.
select true from channels_reject r
where r.workspace_id = %(workspace)s::bigint and r.id = %(reject)s::uuid and r.state = 'open'
for update
