-- What other parts may read of channels (their queries name these views, never the tables).
create view channels_setting as
select workspace_id::int as workspace_id, id::int as channel_id, slug, name, kind, currency, timezone, color
from channels_channel;

create view channels_source as
select workspace_id::int as workspace_id, id::int as connector_id, uuid, channel_id::int as channel_id, name
from channels_connector;
