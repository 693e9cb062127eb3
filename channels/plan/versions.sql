-- all
-- The versions of a workspace's plan, the newest first, without their texts.
select p.version, p.author, p.why, p.saved_at, p.valid_from
from channels_plan p
where p.workspace_id = %(workspace)s::bigint
order by p.version desc
limit %(most)s::int

-- text
-- The text of a version; of the newest where none is said.
select p.version, p.text
from channels_plan p
where p.workspace_id = %(workspace)s::bigint and (%(version)s::int is null or p.version = %(version)s::int)
order by p.version desc
limit 1

-- by_digest
-- The text of a plan by its digest.
select p.text from channels_plan p
where p.workspace_id = %(workspace)s::bigint and p.digest = decode(%(digest)s::text, 'hex')
limit 1

-- patient
-- How long it may wait.
select set_config('lock_timeout', %(patience)s::text, true)

-- save
-- A new version after the newest, valid from now.
insert into channels_plan (workspace_id, version, digest, text, author, why, valid_from)
select %(workspace)s::bigint, coalesce(max(p.version), 0) + 1, decode(%(digest)s::text, 'hex'), %(text)s::text,
    %(author)s::text, %(why)s::text, %(now)s::timestamptz
from channels_plan p
where p.workspace_id = %(workspace)s::bigint
returning version
