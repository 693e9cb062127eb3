-- settings +
-- Zone and currency of a workspace, who makes its own events, its channels and its connectors with the channel of each,
-- as JSON; connectors that are switched off too: what they brought before is still theirs. Of their mappings the
-- versions, the newest first, without their texts; those of its tracking plan alike.
select w.timezone, w.currency, (w.settings -> 'made_by')::text,
       (select json_agg(json_build_array(c.id, c.slug, c.currency, c.timezone, c.settings))
        from channels_channel c where c.workspace_id = w.id)::text,
       (select json_agg(json_build_array(c.id, c.uuid, h.slug, c.settings, c.kind, c.secrets))
        from channels_connector c
        join channels_channel h on h.id = c.channel_id and h.workspace_id = c.workspace_id
        where c.workspace_id = w.id)::text,
       (select json_agg(json_build_array(m.connector_id, m.version, encode(m.digest, 'hex'), m.valid_from)
                        order by m.connector_id, m.version desc)
        from channels_mapping m where m.workspace_id = w.id)::text,
       (select json_agg(json_build_array(p.valid_from, encode(p.digest, 'hex')) order by p.version desc)
        from channels_plan p where p.workspace_id = w.id)::text
from kernel_workspace w
where w.id = %(workspace)s::bigint

-- mapping
-- The text of a mapping by its digest.
select m.text from channels_mapping m
where m.workspace_id = %(workspace)s::bigint and m.digest = decode(%(digest)s::text, 'hex')
limit 1
