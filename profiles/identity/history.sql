-- of
-- What was decided about the identifiers of a profile, the last first: number, what, both ends (kind, namespace, key,
-- value as stored), reason, actor, time.
with mine as materialized (
    select key::text as key
    from profiles_identifier
    where workspace_id = %(workspace)s::int and profile_id = %(profile)s::bigint
), decided as (
    select e.id
    from mine
    cross join lateral (
        select e.id from profiles_edit e
        where e.workspace_id = %(workspace)s::int and e.a ->> 'key' = mine.key
        offset 0
    ) e
    union
    select e.id
    from mine
    cross join lateral (
        select e.id from profiles_edit e
        where e.workspace_id = %(workspace)s::int and e.b ->> 'key' = mine.key
        offset 0
    ) e
    order by id desc
    limit %(limit)s::int
)
select e.id, e.what,
    e.a ->> 'kind', e.a ->> 'namespace', e.a ->> 'key', e.a ->> 'value',
    e.b ->> 'kind', e.b ->> 'namespace', e.b ->> 'key', e.b ->> 'value',
    e.reason, e.actor, e.at
from decided
cross join lateral (
    select e.* from profiles_edit e
    where e.workspace_id = %(workspace)s::int and e.id = decided.id
    offset 0
) e
order by e.id desc

-- latest
-- The same of the last decisions in the workspace.
select e.id, e.what,
    e.a ->> 'kind', e.a ->> 'namespace', e.a ->> 'key', e.a ->> 'value',
    e.b ->> 'kind', e.b ->> 'namespace', e.b ->> 'key', e.b ->> 'value',
    e.reason, e.actor, e.at
from profiles_edit e
where e.workspace_id = %(workspace)s::int
order by e.id desc
limit %(limit)s::int
