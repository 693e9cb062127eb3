-- purchases +
-- What the orders of some profiles' sightings come to, by currency and, where a rate is needed, by day.
select asked.profile, o.currency, case when o.currency <> %(own)s::text then o.day end,
       count(*)::int, sum(o.total - o.refunded), min(o.occurred_at), max(o.occurred_at)
from unnest(%(sightings)s::bigint[], %(profiles)s::bigint[]) as asked(sighting, profile)
cross join lateral (
    select o.* from metrics_order o
    where o.workspace_id = %(workspace)s::int and o.sighting_id = asked.sighting
    offset 0
) o
group by 1, 2, 3

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
