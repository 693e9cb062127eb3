-- token
-- A token that is still good.
select t.sealed from channels_token t
where t.connector_id = %(connector)s::bigint and t.name = %(name)s::text and t.made_for = %(made_for)s::uuid
    and t.until > now()

-- keep_token
-- A new one in place of the old.
insert into channels_token (workspace_id, connector_id, name, made_for, sealed, until)
values (%(workspace)s::bigint, %(connector)s::bigint, %(name)s::text, %(made_for)s::uuid, %(sealed)s::text,
        now() + make_interval(secs => %(seconds)s::float8))
on conflict (connector_id, name) do update
    set made_for = excluded.made_for, sealed = excluded.sealed, until = excluded.until

-- forget_tokens
-- All of a connector.
delete from channels_token where connector_id = %(connector)s::bigint
