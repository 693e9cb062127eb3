-- workspaces
-- Where something waits, how much, and since when.
select workspace_id, count(*)::int, min(since)
from profiles_waiting
group by workspace_id
order by min(since)

-- marks
-- What waits in a workspace.
select a, b
from profiles_waiting
where workspace_id = %(workspace)s::int
order by a, b

-- size
-- How many identifiers a workspace has, counted as far as it matters.
select count(*)
from (
    select from profiles_identifier where workspace_id = %(workspace)s::int limit %(most)s::int + 1
) counted

-- nodes
-- A page of the unshared identifiers of a workspace. Keys as text, which sort alike and are cheaper to read.
select id, key::text, kind, namespace, value, first_seen, profile_id
from profiles_identifier
where workspace_id = %(workspace)s::int and id > %(after)s::bigint and not shared
order by id
limit %(page)s::int

-- edges
-- A page of the edges of a workspace.
select a, b, first_t, first_e
from profiles_edge
where workspace_id = %(workspace)s::int and (a, b) > (%(after)s::bigint, %(after_b)s::bigint)
order by a, b
limit %(page)s::int

-- manual
-- A page of the edges of class 0; a pair that two ways ask for comes once.
select a, b, min(first_t), min(first_m), null
from profiles_manual
where workspace_id = %(workspace)s::int and (a, b) > (%(after)s::bigint, %(after_b)s::bigint)
group by a, b
order by a, b
limit %(page)s::int

-- cannot
-- All cannot-link pairs.
select a, b
from profiles_cannot
where workspace_id = %(workspace)s::int

-- still
-- Those of the marks that are still there.
select w.a, w.b
from unnest(%(a)s::bigint[], %(b)s::bigint[]) as t(a, b)
cross join lateral (
    select w.a, w.b
    from profiles_waiting w
    where w.workspace_id = %(workspace)s::int and w.a = t.a and w.b = t.b
    limit 1
) w

-- profiles
-- The profiles of unshared identifiers.
select distinct i.profile_id
from unnest(%(ids)s::bigint[]) as t(id)
cross join lateral (
    select i.profile_id
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = t.id and not i.shared
    limit 1
) i

-- settled
-- These wait no longer.
delete from profiles_waiting
where workspace_id = %(workspace)s::int and ctid = any(array(
    select w.ctid
    from unnest(%(a)s::bigint[], %(b)s::bigint[]) as t(a, b)
    cross join lateral (
        select w.ctid
        from profiles_waiting w
        where w.workspace_id = %(workspace)s::int and w.a = t.a and w.b = t.b
        limit 1
    ) w
))
