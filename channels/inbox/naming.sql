-- holding
-- Rejects in which one of some texts stands, newest first.
select r.id, r.message_id, r.received_at, r.reason, r.field, r.state, r.raw
from channels_reject r
where r.workspace_id = %(workspace)s::bigint
    and lower(r.raw) ~ %(fragments)s::text
order by r.received_at desc, r.id
limit %(limit)s::int
