-- hold +
-- The workspace's identity, until the transaction ends; whoever waits longer than the limit is refused (55P03).
select set_config('lock_timeout', %(wait)s::text, true), pg_advisory_xact_lock(hashtext('profiles_identity'), %(workspace)s::int)
