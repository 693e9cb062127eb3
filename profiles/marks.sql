-- times
-- When some events happened, in the order of time.
select asked.id, t.occurred_at
from unnest(%(ids)s::uuid[]) as asked(id)
cross join lateral (
    select t.occurred_at from channels_taken t
    where t.workspace_id = %(workspace)s::int and t.id = asked.id
    limit 1
) t
order by t.occurred_at, asked.id

-- put
-- Adds a mark to events that do not have it.
update profiles_event e
set marks = case when e.marks = '' then %(mark)s::text else e.marks || ',' || %(mark)s::text end
where e.workspace_id = %(workspace)s::int and e.occurred_at = any(%(times)s::timestamptz[])
    and e.id = any(%(ids)s::uuid[]) and %(mark)s::text <> all(string_to_array(e.marks, ','))

-- take
-- Takes a mark from events.
update profiles_event e
set marks = array_to_string(array_remove(string_to_array(e.marks, ','), %(mark)s::text), ',')
where e.workspace_id = %(workspace)s::int and e.occurred_at = any(%(times)s::timestamptz[])
    and e.id = any(%(ids)s::uuid[])
