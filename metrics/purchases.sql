-- purchases +
-- The orders of some sightings, as far as they are summed up.
select o.sighting_id, o.occurred_at, o.day, o.currency, o.total, o.refunded
from metrics_order o
where o.workspace_id = %(workspace)s::int and o.sighting_id = any(%(sightings)s::bigint[])

-- rates
-- All rates of the workspace.
select currency, at, day, rate from metrics_rate where workspace_id = %(workspace)s::int

-- owe
-- Notes currencies whose worth changed.
insert into metrics_owed (workspace_id, currency)
select %(workspace)s::int, c.currency from unnest(%(currencies)s::text[]) as c(currency)
on conflict do nothing

-- owed +
-- Takes the notes that no other transaction holds.
select workspace_id, currency from metrics_owed order by 1, 2 for update skip locked

-- settled
-- Removes a note.
delete from metrics_owed where workspace_id = %(workspace)s::int and currency = %(currency)s::text

-- sightings_with
-- The sightings that bought in a currency.
select distinct o.sighting_id
from metrics_order o
where o.workspace_id = %(workspace)s::int and o.currency = %(currency)s::text and o.sighting_id is not null
