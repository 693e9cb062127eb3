-- contacts
-- Phones and e-mails of all workspaces, in the order of their key: workspace, id, kind, value as stored.
select i.workspace_id, i.id, i.kind, i.value
from profiles_identifier i
where (i.workspace_id, i.id) > (%(workspace)s::int, %(after)s::bigint) and i.kind = any(%(kinds)s::text[])
order by i.workspace_id, i.id
limit %(limit)s::int
