-- beat
-- A sign of life with what there is to say; an older one never replaces a newer one.
insert into kernel_heartbeat as h (name, at, detail) values (%(name)s::text, %(at)s::timestamptz, %(detail)s::jsonb)
on conflict (name) do update set at = excluded.at, detail = excluded.detail where h.at <= excluded.at

-- alive
-- A sign of life, by the database's clock.
insert into kernel_heartbeat (name, at, detail) values (%(name)s::text, clock_timestamp(), '{}'::jsonb)
on conflict (name) do update set at = excluded.at

-- signs
-- Everybody ever heard of.
select name, at, detail::text from kernel_heartbeat
