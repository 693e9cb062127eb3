-- after
-- Changes of a workspace's segments after a number, in order.
select c.number, s.slug, c.profile, c.entered, c.at
from metrics_segment_change c
join metrics_segment s on s.id = c.segment_id
where c.workspace_id = %(workspace)s::int and c.number > %(number)s::bigint and c.why <> 'joined'
order by c.number
limit %(most)s::int
