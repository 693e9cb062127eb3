-- people
-- Everybody who is in a segment or its base (null: all are), and in which.
select p.profile_id, p.inside, p.base
from (
    select s.profile_id, s.channels, s.orders,
        exists (
            select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
                and m.segment_id = %(segment)s::bigint and m.left_at is null and m.profile = s.key
        ) as inside,
        %(against)s::bigint is null or exists (
            select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
                and m.segment_id = %(against)s::bigint and m.left_at is null and m.profile = s.key
        ) as base
    from profiles_person s
    where s.workspace_id = %(workspace)s::int
) p
where p.inside or p.base

-- channels
-- Where they were seen.
select c.slug, count(*) filter (where p.inside), count(*) filter (where p.base)
from (
    select s.profile_id, s.channels, s.orders,
        exists (
            select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
                and m.segment_id = %(segment)s::bigint and m.left_at is null and m.profile = s.key
        ) as inside,
        %(against)s::bigint is null or exists (
            select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
                and m.segment_id = %(against)s::bigint and m.left_at is null and m.profile = s.key
        ) as base
    from profiles_person s
    where s.workspace_id = %(workspace)s::int
) p
cross join lateral unnest(p.channels) as seen(channel)
join channels_setting c on c.workspace_id = %(workspace)s::int and c.channel_id = seen.channel
group by c.slug
order by 2 desc, 3 desc, 1

-- identifiers
-- The kinds of identifiers that are known of them.
select k.kind, count(distinct p.profile_id) filter (where p.inside), count(distinct p.profile_id) filter (where p.base)
from (
    select s.profile_id, s.channels, s.orders,
        exists (
            select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
                and m.segment_id = %(segment)s::bigint and m.left_at is null and m.profile = s.key
        ) as inside,
        %(against)s::bigint is null or exists (
            select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
                and m.segment_id = %(against)s::bigint and m.left_at is null and m.profile = s.key
        ) as base
    from profiles_person s
    where s.workspace_id = %(workspace)s::int
) p
join profiles_key k on k.workspace_id = %(workspace)s::int and k.profile_id = p.profile_id
group by k.kind
order by 2 desc, 3 desc, 1

-- orders
-- How many orders they made.
select case when p.orders >= 5 then '5+' else p.orders::text end, count(*) filter (where p.inside),
    count(*) filter (where p.base)
from (
    select s.profile_id, s.channels, s.orders,
        exists (
            select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
                and m.segment_id = %(segment)s::bigint and m.left_at is null and m.profile = s.key
        ) as inside,
        %(against)s::bigint is null or exists (
            select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
                and m.segment_id = %(against)s::bigint and m.left_at is null and m.profile = s.key
        ) as base
    from profiles_person s
    where s.workspace_id = %(workspace)s::int
) p
group by 1
order by 1

-- traits
-- The traits that were said of most.
select t.name from profiles_said t where t.workspace_id = %(workspace)s::int
group by t.name
order by count(*) desc, t.name
limit %(most)s::int

-- of_trait
-- The values of one trait that survive, as the place of the comment says them.
select x.v, count(*) filter (where p.inside), count(*) filter (where p.base)
from (/* surviving */ select null::bigint as profile_id, null::text as v) x
join (
    select s.profile_id, s.channels, s.orders,
        exists (
            select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
                and m.segment_id = %(segment)s::bigint and m.left_at is null and m.profile = s.key
        ) as inside,
        %(against)s::bigint is null or exists (
            select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
                and m.segment_id = %(against)s::bigint and m.left_at is null and m.profile = s.key
        ) as base
    from profiles_person s
    where s.workspace_id = %(workspace)s::int
) p on p.profile_id = x.profile_id
where length(x.v) between 1 and %(longest)s::int
group by x.v
order by 2 desc, 3 desc, 1
limit %(most)s::int
