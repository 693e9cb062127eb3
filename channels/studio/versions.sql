-- all
-- A connector's versions, the newest first, without their texts.
select m.version, m.author, m.why, m.saved_at, m.valid_from
from channels_mapping m
where m.workspace_id = %(workspace)s::bigint and m.connector_id = %(connector)s::bigint
order by m.version desc
limit %(most)s::int

-- text
-- The text of a version; of the newest where none is said.
select m.version, m.text
from channels_mapping m
where m.workspace_id = %(workspace)s::bigint and m.connector_id = %(connector)s::bigint
    and (%(version)s::int is null or m.version = %(version)s::int)
order by m.version desc
limit 1

-- patient
-- How long it may wait.
select set_config('lock_timeout', %(patience)s::text, true)

-- save
-- A new version after the newest, valid from now.
insert into channels_mapping (workspace_id, connector_id, version, digest, text, author, why, valid_from)
select %(workspace)s::bigint, %(connector)s::bigint, coalesce(max(m.version), 0) + 1, decode(%(digest)s::text, 'hex'),
    %(text)s::text, %(author)s::text, %(why)s::text, %(now)s::timestamptz
from channels_mapping m
where m.workspace_id = %(workspace)s::bigint and m.connector_id = %(connector)s::bigint
returning version

-- hold_since
-- The newest version reads what was received from an earlier time on, too.
update channels_mapping m
set valid_from = %(since)s::timestamptz
where m.workspace_id = %(workspace)s::bigint and m.connector_id = %(connector)s::bigint
    and m.valid_from > %(since)s::timestamptz
    and m.version = (
        select max(n.version) from channels_mapping n
        where n.workspace_id = m.workspace_id and n.connector_id = m.connector_id
    )
