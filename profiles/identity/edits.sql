-- end
-- An identifier by its key.
select id, key, kind, namespace, value, profile_id, shared
from profiles_identifier
where workspace_id = %(workspace)s::int and key = %(key)s::uuid

-- leader
-- The leader of the profile that an identifier belongs to.
select l.id, l.key, l.kind, l.namespace, l.value, l.profile_id, l.shared
from profiles_identifier i
join profiles_identifier l on l.workspace_id = i.workspace_id and l.id = i.profile_id
where i.workspace_id = %(workspace)s::int and i.key = %(key)s::uuid

-- by_keys
-- Identifiers by their keys.
select id, key, kind, namespace, value, profile_id, shared
from profiles_identifier
where workspace_id = %(workspace)s::int and key = any(%(keys)s::uuid[])

-- lift
-- Free the cannot-link pairs that stand between two profiles. Yields the pairs' keys.
delete from profiles_cannot c
using profiles_identifier x, profiles_identifier y
where c.workspace_id = %(workspace)s::int
    and x.workspace_id = %(workspace)s::int and x.id = c.a
    and y.workspace_id = %(workspace)s::int and y.id = c.b
    and (
        (x.profile_id = %(p)s::bigint and y.profile_id = %(q)s::bigint)
        or (x.profile_id = %(q)s::bigint and y.profile_id = %(p)s::bigint)
    )
returning x.key, y.key

-- free +
-- Free cannot-link pairs, named by keys.
delete from profiles_cannot c
using unnest(%(a)s::uuid[], %(b)s::uuid[]) as t(a, b), profiles_identifier x, profiles_identifier y
where c.workspace_id = %(workspace)s::int
    and x.workspace_id = %(workspace)s::int and x.key = t.a
    and y.workspace_id = %(workspace)s::int and y.key = t.b
    and c.a = least(x.id, y.id) and c.b = greatest(x.id, y.id)

-- connect
-- A person's merge: an edge of class 0.
insert into profiles_manual (workspace_id, a, b, by_hand, first_t, first_m, first_e)
values (%(workspace)s::int, %(a)s::bigint, %(b)s::bigint, true, %(at)s::timestamptz, %(reason)s::text, null)
on conflict (workspace_id, a, b, by_hand) do update
set first_t = excluded.first_t, first_m = excluded.first_m

-- disconnect
-- A person's merge of two ends goes.
delete from profiles_manual
where workspace_id = %(workspace)s::int and by_hand
    and a in (%(a)s::bigint, %(b)s::bigint) and b in (%(a)s::bigint, %(b)s::bigint)

-- forbid
-- A cannot-link pair.
insert into profiles_cannot (workspace_id, a, b)
values (%(workspace)s::int, %(a)s::bigint, %(b)s::bigint)
on conflict do nothing

-- write_log
-- One decision of a person.
insert into profiles_edit (workspace_id, at, what, a, b, lifted, reason, actor)
values (
    %(workspace)s::int, %(at)s::timestamptz, %(what)s::text, %(a)s::jsonb, %(b)s::jsonb, %(lifted)s::jsonb,
    %(reason)s::text, %(actor)s::text
)

-- log
-- All decisions, in their order.
select what, (a ->> 'key')::uuid, (b ->> 'key')::uuid, lifted::text, reason, actor, at
from profiles_edit
where workspace_id = %(workspace)s::int
order by id

-- forget_pairs
-- All cannot-link pairs go; the log has them.
delete from profiles_cannot
where workspace_id = %(workspace)s::int

-- forget_merges
-- All merges by hand go; the log has them.
delete from profiles_manual
where workspace_id = %(workspace)s::int and by_hand
