-- statements
-- Statements of a workspace; the page's conditions and order follow.
select s.number, s.number, s.id, s.number, s.first, s.last, s.currency, s.version, s.state, s.base, s.pot, s.corrected,
    s.said, s.made_at, s.made_by, s.sent_at, s.sent_by, s.closed_at, s.closed_by, s.previous, s.digest
from metrics_statement s

-- one
-- A statement by its number.
select s.id, s.number, s.first, s.last, s.currency, s.version, s.state, s.base, s.pot, s.corrected, s.said, s.made_at,
    s.made_by, s.sent_at, s.sent_by, s.closed_at, s.closed_by, s.previous, s.digest
from metrics_statement s
where s.workspace_id = %(workspace)s::int and s.number = %(number)s::int

-- newest
-- The statement with the highest number.
select s.id, s.number, s.first, s.last, s.currency, s.version, s.state, s.base, s.pot, s.corrected, s.said, s.made_at,
    s.made_by, s.sent_at, s.sent_by, s.closed_at, s.closed_by, s.previous, s.digest
from metrics_statement s
where s.workspace_id = %(workspace)s::int
order by s.number desc
limit 1

-- held
-- The state of a statement, which is this transaction's until it ends.
select s.state from metrics_statement s where s.id = %(id)s::bigint for update

-- overlapping
-- A statement that has days of a period.
select s.number from metrics_statement s
where s.workspace_id = %(workspace)s::int and s.first <= %(last)s::date and s.last >= %(first)s::date
order by s.number
limit 1

-- earlier
-- Closed statements whose orders are looked at again: of periods that ended since a day.
select s.id, s.first, s.last, s.version from metrics_statement s
where s.workspace_id = %(workspace)s::int and s.state = 'closed' and s.last >= %(since)s::date
    and s.number < %(number)s::int
order by s.number

-- shares
-- The shares of statements.
select h.statement_id, h.channel_id, h.earned, h.amount, h.corrected, h.steps, h.state, h.decided_at, h.decided_by
from metrics_statement_share h
where h.statement_id = any(%(statements)s::bigint[])
order by h.statement_id, h.channel_id

-- last_earned
-- What channels earned in the statement whose period ended the day before another begins.
select h.channel_id, h.earned
from metrics_statement s
join metrics_statement_share h on h.statement_id = s.id
where s.workspace_id = %(workspace)s::int and s.state = 'closed' and s.last = %(first)s::date - 1

-- booked
-- Orders of a statement's period as they were last booked, by it or by a correction.
select distinct on (o.order_id, o.channel_id) o.order_id, o.channel_id, o.day, o.store, o.value, o.amount, o.refunded,
    o.back, o.signature
from metrics_statement_order o
join metrics_statement s on s.id = o.statement_id and s.state = 'closed'
where o.of_statement = %(id)s::bigint
order by o.order_id, o.channel_id, o.statement_id desc

-- given
-- What of such orders was given to each channel so far.
select o.order_id, o.channel_id, c.channel, sum(c.amount)
from unnest(%(orders)s::text[], %(channels)s::int[]) as asked(order_id, channel_id)
join metrics_statement_order o on o.order_id = asked.order_id collate "C" and o.channel_id = asked.channel_id
join metrics_statement s on s.id = o.statement_id and s.state = 'closed'
cross join lateral unnest(o.credited, o.credits) as c(channel, amount)
where o.of_statement = %(id)s::bigint
group by o.order_id, o.channel_id, c.channel

-- add
-- Adds a statement; yields its id, nothing where somebody else was quicker.
insert into metrics_statement (workspace_id, number, first, last, currency, version, state, base, pot, corrected, said,
    made_at, made_by)
values (%(workspace)s::int, %(number)s::int, %(first)s::date, %(last)s::date, %(currency)s::text, %(version)s::int,
    'draft', %(base)s::numeric, %(pot)s::numeric, %(corrected)s::numeric, %(said)s::jsonb, %(at)s::timestamptz,
    %(by)s::text)
on conflict do nothing
returning id

-- compute
-- A draft as it was computed anew.
update metrics_statement
set version = %(version)s::int, base = %(base)s::numeric, pot = %(pot)s::numeric, corrected = %(corrected)s::numeric,
    said = %(said)s::jsonb, made_at = %(at)s::timestamptz, made_by = %(by)s::text
where id = %(id)s::bigint and state = 'draft'

-- clear_shares
-- Takes away the shares of a draft.
delete from metrics_statement_share where statement_id = %(id)s::bigint

-- clear_orders
-- Takes away the orders of a draft.
delete from metrics_statement_order where statement_id = %(id)s::bigint

-- drop
-- Drops a draft with all that is in it.
delete from metrics_statement where id = %(id)s::bigint and state = 'draft'

-- sheet_orders
-- Orders of a statement with what one channel, or all, have of them; the page's conditions and order follow.
select abs(p.amount), o.order_id || '/' || o.channel_id, o.order_id, o.channel_id, o.day, o.store, o.value, o.amount,
    o.refunded, o.pot, p.amount, o.reason, e.number, e.first, e.last
from metrics_statement_order o
join metrics_statement e on e.id = o.of_statement
cross join lateral (
    select coalesce(sum(c.amount), 0) as amount from unnest(o.credited, o.credits) as c(channel, amount)
    where %(channel)s::int is null or c.channel = %(channel)s::int
) p

-- corrections
-- Corrections of a statement by channel, period and reason: how many orders, and what they come to.
select c.channel, e.number, e.first, e.last, o.reason, count(*), sum(c.amount)
from metrics_statement_order o
join metrics_statement e on e.id = o.of_statement
cross join lateral unnest(o.credited, o.credits) as c(channel, amount)
where o.statement_id = %(id)s::bigint and o.reason <> ''
group by c.channel, e.number, e.first, e.last, o.reason
order by e.number, c.channel, o.reason
