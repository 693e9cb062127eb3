-- counts +
-- How many values of each kind and namespace profiles hold.
select asked.profile, found.kind, found.namespace, count(*)
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select i.kind, i.namespace
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.profile_id = asked.profile and not i.shared
    offset 0
) found
group by asked.profile, found.kind, found.namespace

-- apart +
-- The pairs of these profiles that a cannot-link pair keeps apart. Shared identifiers are in nobody's profile: they keep
-- none apart. Most workspaces have no such pair, and then nothing is looked up.
select asked.profile, y.profile_id
from unnest(%(profiles)s::bigint[]) as asked(profile)
cross join lateral (
    select i.id
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.profile_id = asked.profile and not i.shared
    offset 0
) x
cross join lateral (
    select c.a, c.b
    from profiles_cannot c
    where c.workspace_id = %(workspace)s::int and c.a = x.id
    offset 0
) c
cross join lateral (
    select i.profile_id, i.shared
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = c.b
    offset 0
) y
where (select exists (select from profiles_cannot c where c.workspace_id = %(workspace)s::int))
    and not y.shared and y.profile_id = any(%(profiles)s::bigint[])

-- edges
-- The unvoided edges, by hand too, with both ends in these profiles: those of one end, the other end looked up.
with inside as materialized (
    select i.id
    from unnest(%(profiles)s::bigint[]) as asked(profile)
    cross join lateral (
        select i.id
        from profiles_identifier i
        where i.workspace_id = %(workspace)s::int and i.profile_id = asked.profile and not i.shared
        offset 0
    ) i
), near as (
    select e.*
    from inside
    cross join lateral (
        select e.a, e.b, e.first_t, '' as first_m, e.first_e, false as manual
        from profiles_edge e
        where e.workspace_id = %(workspace)s::int and e.a = inside.id
        offset 0
    ) e
    union all
    select m.*
    from inside
    cross join lateral (
        select m.a, m.b, m.first_t, m.first_m, m.first_e, true
        from profiles_manual m
        where m.workspace_id = %(workspace)s::int and m.a = inside.id
        offset 0
    ) m
)
select near.a, near.b, near.first_t, near.first_m, near.first_e, near.manual
from near
cross join lateral (
    select i.profile_id, i.shared
    from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.id = near.b
    offset 0
) y
where not y.shared and y.profile_id = any(%(profiles)s::bigint[])
