-- messages
-- The message ids of events that are stored, each given with its time.
select e.id, e.message_id
from unnest(%(times)s::timestamptz[], %(events)s::uuid[]) as asked(at, id)
cross join lateral (
    select e.id, e.message_id from profiles_event e
    where e.workspace_id = %(workspace)s::int and e.occurred_at = asked.at and e.id = asked.id
    offset 0
) e
