-- add +
-- Adds what a batch's cleaning rules did to the counts of their days.
insert into channels_cleaned as c (workspace_id, connector_id, day, field, rule, changed, refused)
select %(workspace)s::bigint, t.connector, t.day, t.field, t.rule, t.changed, t.refused
from unnest(%(connectors)s::bigint[], %(days)s::date[], %(fields)s::text[], %(rules)s::text[], %(changed)s::int[],
            %(refused)s::int[]) as t(connector, day, field, rule, changed, refused)
order by t.connector, t.day, t.field, t.rule
on conflict (workspace_id, connector_id, day, field, rule) do update
    set changed = c.changed + excluded.changed, refused = c.refused + excluded.refused

-- of
-- What a connector's rules did in the days of a period, day by day, the newest first.
select c.day, c.field, c.rule, c.changed, c.refused
from channels_cleaned c
where c.workspace_id = %(workspace)s::bigint and c.connector_id = %(connector)s::bigint
    and c.day between %(first)s::date and %(last)s::date
order by c.day desc, c.field, c.rule
limit %(most)s::int
