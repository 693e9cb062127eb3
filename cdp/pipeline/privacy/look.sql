-- statistics
-- Tables of whose values the planner's statistics hold one of some writings.
select distinct s.tablename::text
from pg_stats s
where s.schemaname = current_schema()
    and (s.most_common_vals::text like any (%(patterns)s::text[]) or s.histogram_bounds::text like any (%(patterns)s::text[])
        or s.most_common_elems::text like any (%(patterns)s::text[]))
