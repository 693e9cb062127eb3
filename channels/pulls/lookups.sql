-- add
-- What notices named, that no notice named before.
insert into channels_lookup (workspace_id, connector_id, key, name, params)
select %(workspace)s::bigint, t.connector, t.key, t.name, t.params::jsonb
from unnest(%(connectors)s::bigint[], %(keys)s::uuid[], %(names)s::text[], %(params)s::text[])
    as t(connector, key, name, params)
order by t.connector, t.key
on conflict do nothing

-- due
-- Connectors of kinds that can look something up, for which it is time.
select c.id
from channels_lookup l
join channels_connector c on c.id = l.connector_id
where l.state = 'waiting' and l.next_try <= now() and c.enabled and c.kind = any(%(kinds)s::text[])
group by c.id
order by min(l.next_try), c.id

-- next
-- A connector's next ones, as they came.
select l.key, l.name, l.params::text, l.tries, l.missed from channels_lookup l
where l.connector_id = %(connector)s::bigint and l.state = 'waiting' and l.next_try <= now()
order by l.next_try, l.added_at, l.key
limit %(most)s::int

-- done
-- One is found; nothing when somebody else found it meanwhile. Its parameters are of no further use.
update channels_lookup l
set state = 'done', ended_at = now(), params = '{}', failure = null
where l.connector_id = %(connector)s::bigint and l.key = %(key)s::uuid and l.state = 'waiting'

-- missed
-- The platform does not have one; after so many times it is given up.
update channels_lookup l
set tries = l.tries + 1, missed = l.missed + 1, failure = %(failure)s::jsonb,
    next_try = now() + make_interval(secs => %(seconds)s::float8),
    state = case when l.missed + 1 >= %(most)s::int then 'failed' else 'waiting' end,
    ended_at = case when l.missed + 1 >= %(most)s::int then now() end
where l.connector_id = %(connector)s::bigint and l.key = %(key)s::uuid and l.state = 'waiting'

-- hold
-- The platform does not answer as it should: all that waits for it waits, the one that was tried (if any) says why.
update channels_lookup l
set next_try = greatest(l.next_try, now() + make_interval(secs => %(seconds)s::float8)),
    tries = l.tries + (%(key)s::uuid is null or l.key = %(key)s::uuid)::int,
    failure = case when %(key)s::uuid is null or l.key = %(key)s::uuid then %(failure)s::jsonb else l.failure end
where l.connector_id = %(connector)s::bigint and l.state = 'waiting'

-- at_once
-- All that is not done is tried now.
update channels_lookup l
set state = 'waiting', next_try = now(), missed = 0, ended_at = null
where l.connector_id = %(connector)s::bigint and l.state <> 'done'
