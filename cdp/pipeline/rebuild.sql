-- half_way
-- Whether an earlier rebuild was cut short: its winners are the true ones.
select to_regclass('channels_winner') is not null

-- keep_winners
-- Which copy of each message won, kept apart while everything is made anew.
create table channels_winner (
    workspace_id bigint, id uuid, request uuid, position integer, primary key (workspace_id, id)
);
alter table channels_winner alter column workspace_id set statistics 0;
insert into channels_winner select workspace_id, id, request, position from channels_seen

-- free_winners
-- What a connector brought since a time is read otherwise now: which copy won says nothing of it any more.
delete from channels_winner w
using channels_inbox i
where w.workspace_id = %(workspace)s::bigint and i.workspace_id = w.workspace_id and i.request = w.request
    and i.connector_id = %(connector)s::bigint and i.received_at >= %(since)s::timestamptz

-- metrics_tables
-- The tables of metrics: all of them are made from the inbox, but for what people set.
select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition and c.relname like 'metrics\_%%'
    and c.relname not like 'metrics\_kept\_%%' and c.relname not like 'metrics\_statement%%'
    and c.relname not like 'metrics\_segment%%'
    and c.relname <> all (array['metrics_analysis', 'metrics_board', 'metrics_tile', 'metrics_allocation_rules'])

-- open_all
-- Opens every request of the inbox again.
insert into channels_inbox_open (workspace_id, received_at, request, connector_id, n)
select workspace_id, received_at, request, connector_id, n from channels_inbox
on conflict do nothing

-- waiting
-- How many requests are open.
select count(*) from channels_inbox_open

-- open_lost
-- Opens the requests of connectors that held a winner which is good no longer.
insert into channels_inbox_open (workspace_id, received_at, request, connector_id, n)
select i.workspace_id, i.received_at, i.request, i.connector_id, i.n
from channels_inbox i
where i.workspace_id = any (array(
    select distinct w.workspace_id from channels_winner w
    where not exists (select from channels_seen s where s.workspace_id = w.workspace_id and s.id = w.id)
))
on conflict do nothing

-- workspaces
-- All workspaces.
select id from kernel_workspace order by id
