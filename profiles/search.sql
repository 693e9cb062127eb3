-- keep_numbers
-- Order numbers and the sightings named in their purchases; yields nothing.
insert into profiles_number (workspace_id, number, sighting_id)
select %(workspace)s::int, n.number, n.sighting
from unnest(%(numbers)s::text[], %(sightings)s::bigint[]) as n(number, sighting)
on conflict do nothing

-- spaces
-- The namespaces that identifiers of each kind are known in: from one to the next by the index, for their rows are many.
with recursive space as (
    (select i.kind, i.namespace from profiles_identifier i
     where i.workspace_id = %(workspace)s::int and i.namespace <> ''
     order by i.kind, i.namespace limit 1)
    union all
    select further.kind, further.namespace
    from space s
    cross join lateral (
        select i.kind, i.namespace from profiles_identifier i
        where i.workspace_id = %(workspace)s::int and i.namespace <> '' and (i.kind, i.namespace) > (s.kind, s.namespace)
        order by i.kind, i.namespace limit 1
    ) further
)
select kind, namespace from space limit %(limit)s::int

-- by_whole
-- The profiles that some identifiers, or an order number, point to, and what it is.
select i.profile_id, i.kind, i.namespace, i.value
from unnest(%(keys)s::uuid[]) as asked(key)
cross join lateral (
    select i.profile_id, i.kind, i.namespace, i.value from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = asked.key
    offset 0
) i
union
select i.profile_id, 'number', '', n.number
from profiles_number n
cross join lateral (
    select s.owner from profiles_sighting s
    where s.workspace_id = %(workspace)s::int and s.id = n.sighting_id
    offset 0
) s
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = s.owner
    offset 0
) i
where n.workspace_id = %(workspace)s::int and n.number = %(number)s::text

-- by_hint
-- The profiles with a phone or e-mail whose mask shows something.
select i.profile_id
from profiles_hint h
cross join lateral (
    select i.profile_id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = h.identifier_id
    offset 0
) i
where h.hint = %(hint)s::bigint and h.workspace_id = %(workspace)s::int

-- hinted
-- The same with the phone or e-mail as stored, of the first of them.
select i.profile_id, i.kind, i.value
from (
    select h.identifier_id from profiles_hint h
    where h.hint = %(hint)s::bigint and h.workspace_id = %(workspace)s::int
    order by h.identifier_id
    limit %(limit)s::int
) h
cross join lateral (
    select i.profile_id, i.kind, i.value from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = h.identifier_id
    offset 0
) i

-- by_id
-- The profiles that ids in a range lead to.
select i.profile_id from profiles_identifier i
where i.workspace_id = %(workspace)s::int and i.key between %(low)s::uuid and %(high)s::uuid

-- given
-- Profiles that are known already.
select given.profile_id from unnest(%(given)s::bigint[]) as given(profile_id)

-- by_grams
-- The profiles whose name may hold a text.
select g.profile_id from profiles_gram g
where g.workspace_id = %(workspace)s::int and g.grams @> %(grams)s::text[]
