-- violations
-- Shared values, limits that refused, values with many conflicts. A page's conditions and order follow.
select v.at, v.key, v.what, v.id, v.kind, v.namespace, v.n, v.most
from (
    select i.first_seen as at, 'shared ' || i.key::text as key, 'shared' as what, i.id, i.kind, i.namespace,
        (
            select count(*)::int
            from profiles_edge e
            where e.workspace_id = i.workspace_id and e.b = i.id and e.centred
        ) as n,
        null::int as most
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.shared
    union all
    select l.first_seen, 'limit ' || l.key::text || held.kind || ' ' || held.namespace, 'limit', l.id, held.kind,
        held.namespace, held.n, held.most
    from (
        select distinct x.profile_id
        from profiles_edge e
        cross join unnest(array[e.a, e.b]) as ends(id)
        cross join lateral (
            select i.profile_id from profiles_identifier i
            where i.workspace_id = %(workspace)s::int and i.id = ends.id
            offset 0
        ) x
        where e.workspace_id = %(workspace)s::int and e.refused
    ) torn
    cross join lateral (
        select i.kind, i.namespace, count(*)::int as n,
            coalesce((%(mosts)s::jsonb ->> i.kind)::int, %(other)s::int) as most
        from profiles_identifier i
        where i.workspace_id = %(workspace)s::int and i.profile_id = torn.profile_id and not i.shared
            and not i.kind = any(%(exclusive)s::text[])
        group by i.kind, i.namespace
        having count(*) >= coalesce((%(mosts)s::jsonb ->> i.kind)::int, %(other)s::int)
        offset 0
    ) held
    cross join lateral (
        select i.id, i.key, i.first_seen from profiles_identifier i
        where i.workspace_id = %(workspace)s::int and i.id = torn.profile_id
        offset 0
    ) l
    union all
    select i.first_seen, 'conflicts ' || i.key::text, 'conflicts', i.id, i.kind, i.namespace, many.n, null
    from (
        select ends.id, count(*)::int as n
        from profiles_edge e
        cross join unnest(array[e.a, e.b]) as ends(id)
        where e.workspace_id = %(workspace)s::int and e.refused
        group by ends.id
        having count(*) > %(many)s::int
    ) many
    cross join lateral (
        select i.id, i.key, i.kind, i.namespace, i.first_seen from profiles_identifier i
        where i.workspace_id = %(workspace)s::int and i.id = many.id
        offset 0
    ) i
) v

-- centres
-- Some of the centres that shared values stand with.
select asked.id, few.a
from unnest(%(ids)s::bigint[]) as asked(id)
cross join lateral (
    select e.a
    from profiles_edge e
    where e.workspace_id = %(workspace)s::int and e.b = asked.id and e.centred
    order by e.first_t, e.a
    limit %(samples)s::int
) few
