-- properties
-- Of the properties of some track calls of a period, and of those of objects in them, by event, path and kind of value:
-- how many could have it, how many have it, how many values there are, the most frequent texts, smallest and largest
-- number. Looked at are the newest events, and so many of each hour beside: no table is read whole.
with keys as materialized (
    select n.occurred_at, n.id
    from (
        select e.occurred_at, e.id
        from profiles_event e
        where e.workspace_id = %(workspace)s::int and e.occurred_at >= %(since)s::timestamptz
            and e.occurred_at < %(until)s::timestamptz and e.type = 'track'
        order by e.occurred_at desc
        limit %(newest)s::int
    ) n
    union
    select h.occurred_at, h.id
    from generate_series(%(since)s::timestamptz, %(until)s::timestamptz, interval '1 hour') as begins
    cross join lateral (
        select e.occurred_at, e.id
        from profiles_event e
        where e.workspace_id = %(workspace)s::int and e.occurred_at >= begins
            and e.occurred_at < least(begins + interval '1 hour', %(until)s::timestamptz) and e.type = 'track'
        order by e.occurred_at desc
        limit %(hourly)s::int
    ) h
), chosen as materialized (
    select e.name as event, e.data -> 'properties' as properties
    from keys k
    join profiles_event e on e.workspace_id = %(workspace)s::int and e.occurred_at = k.occurred_at and e.id = k.id
), events as (
    select c.event, count(*) as n
    from chosen c
    group by c.event
    order by n desc, c.event
    limit %(most_events)s::int
), first as materialized (
    select c.event, p.key as path, p.value
    from chosen c
    join events s on s.event = c.event
    cross join lateral json_each(case json_typeof(c.properties) when 'object' then c.properties else '{}' end) p
), holders as materialized (
    select f.event, f.path, f.value from first f where json_typeof(f.value) = 'object'
    union all
    select f.event, f.path, i.value
    from first f
    cross join lateral (
        select item.value
        from json_array_elements(case json_typeof(f.value) when 'array' then f.value else '[]' end) as item(value)
        where json_typeof(item.value) = 'object'
        limit %(items)s::int
    ) i
), pairs as (
    select f.event, '' as above, f.path, f.value from first f
    union all
    select h.event, h.path, h.path || '.' || p.key, p.value from holders h cross join lateral json_each(h.value) p
), told as (
    select p.event, p.above, p.path, p.value #>> '{}' as text, case json_typeof(p.value)
            when 'number' then case when (p.value::text)::numeric %% 1 = 0 then 'integer' else 'number' end
            when 'string' then case when p.value #>> '{}' ~ %(datetime)s::text then 'datetime' else 'string' end
            else json_typeof(p.value)
        end as kind
    from pairs p
    where json_typeof(p.value) <> 'null' and p.value::text <> '""' and length(p.path) <= %(longest)s::int
), cells as (
    select t.event, t.above, t.path, t.kind, case t.kind when 'string' then left(t.text, 200) end as text,
        count(*) as n,
        min(case when t.kind in ('integer', 'number') then t.text::numeric end) as least,
        max(case when t.kind in ('integer', 'number') then t.text::numeric end) as most
    from told t
    group by t.event, t.above, t.path, t.kind, case t.kind when 'string' then left(t.text, 200) end
), could as (
    select s.event, '' as path, s.n from events s
    union all
    select h.event, h.path, count(*) from holders h group by h.event, h.path
), kinds as (
    select c.event, c.above, c.path, c.kind, sum(c.n)::bigint as n, count(c.text) as distinct_texts,
        (array_agg(c.text order by c.n desc, c.text) filter (where c.text is not null))[1:%(values)s::int] as texts,
        min(c.least) as least, max(c.most) as most, sum(sum(c.n)) over (partition by c.event, c.above, c.path) as there
    from cells c
    group by c.event, c.above, c.path, c.kind
)
select k.event, s.n, k.path, k.kind, h.n, k.n, k.distinct_texts, k.texts, k.least, k.most
from kinds k
join events s on s.event = k.event
join could h on h.event = k.event and h.path = k.above
where k.there * 100 >= h.n
order by s.n desc, k.event, k.path, k.above, k.kind
limit %(most)s::int
