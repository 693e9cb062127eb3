-- orders
-- The orders that some sightings' messages speak of.
select distinct m.order_id
from metrics_order_message m
where m.workspace_id = %(workspace)s::int and m.sighting_id = any(%(sightings)s::bigint[])

-- order_messages
-- Messages about orders as they are read now.
update metrics_order_message m
set data = t.data, message_id = t.message_id
from unnest(%(ids)s::uuid[], %(message_ids)s::text[], %(datas)s::text[]) as t(id, message_id, data)
where m.workspace_id = %(workspace)s::int and m.id = t.id

-- fact_messages
-- Messages of answers and tickets as they are read now.
update metrics_fact_message m
set data = t.data, message_id = t.message_id
from unnest(%(ids)s::uuid[], %(message_ids)s::text[], %(datas)s::text[]) as t(id, message_id, data)
where m.workspace_id = %(workspace)s::int and m.id = t.id

-- answers
-- What the person wrote with her answers.
update metrics_answer a
set text = null
where a.workspace_id = %(workspace)s::int and a.sighting_id = any(%(sightings)s::bigint[]) and a.text is not null

-- kept_answers
-- Answers of attribution that were kept: they are made again when they are asked for.
delete from metrics_attribution a where a.workspace_id = %(workspace)s::bigint

-- days
-- The first and the last day of which anything is counted.
select min(d.first), max(d.last)
from (
    select min(r.day) as first, max(r.day) as last from metrics_rollup r where r.workspace_id = %(workspace)s::int
    union all
    select min(s.first), max(s.last) from metrics_span s where s.workspace_id = %(workspace)s::int
) d

-- members
-- Members of segments under the ids that they have now.
update metrics_segment_member m
set profile = t.now
from unnest(%(keys)s::uuid[], %(now)s::uuid[]) as t(key, now)
where m.workspace_id = %(workspace)s::int and m.profile = t.key

-- member_changes
-- The same of who entered and left.
update metrics_segment_change c
set profile = t.now
from unnest(%(keys)s::uuid[], %(now)s::uuid[]) as t(key, now)
where c.workspace_id = %(workspace)s::int and c.profile = t.key

-- bare_texts
-- What was written with answers and tickets whose messages were not read.
update metrics_fact_message m
set data = (m.data::jsonb - 'text')::text
where m.workspace_id = %(workspace)s::int and m.sighting_id = any(%(sightings)s::bigint[])
    and m.id <> all(%(ids)s::uuid[]) and m.data::jsonb ? 'text'
