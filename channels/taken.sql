-- What other parts may read of the messages taken: when each happened, and the copy that won.
create view channels_taken as
select workspace_id, id, occurred_at, request, position
from channels_seen;
