-- hook
-- The connector of a hook's address, with what its kind reads of it.
select c.id, c.workspace_id, c.enabled, c.rate_limit, c.kind, coalesce(c.settings -> 'own', '{}')::text, c.secrets,
       h.timezone, h.currency, coalesce(c.settings ->> 'app', h.slug)
from channels_connector c
join channels_channel h on h.id = c.channel_id and h.workspace_id = c.workspace_id
where c.uuid = %(uuid)s::uuid
