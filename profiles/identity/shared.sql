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
        select i.profile_id, i.kind, i.namespace, count(*)::int as n,
            coalesce(min(rule.most), %(other)s::int) as most
        from profiles_identifier i
        left join unnest(%(kinds)s::text[], %(mosts)s::int[], %(exclusives)s::boolean[])
            as rule(kind, most, exclusive) on rule.kind = i.kind
        where i.workspace_id = %(workspace)s::int and not i.shared
            and not coalesce(rule.exclusive, false)
            and i.profile_id in (
                select x.profile_id
                from profiles_edge e
                join profiles_identifier x
                    on x.workspace_id = e.workspace_id and (x.id = e.a or x.id = e.b)
                where e.workspace_id = %(workspace)s::int and e.refused
            )
        group by i.profile_id, i.kind, i.namespace
        having count(*) >= coalesce(min(rule.most), %(other)s::int)
    ) held
    join profiles_identifier l on l.workspace_id = %(workspace)s::int and l.id = held.profile_id
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
    join profiles_identifier i on i.workspace_id = %(workspace)s::int and i.id = many.id
) v

-- centres
-- Some of the centres that shared values stand with.
select asked.id, few.a
from unnest(%(ids)s::bigint[]) as asked(id)
cross join lateral (
    select e.a
    from profiles_edge e
    where e.workspace_id = %(workspace)s::int and e.b = asked.id and e.centred
    order by e.first_t, e.first_m, e.a
    limit %(samples)s::int
) few
