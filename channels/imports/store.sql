-- keep_part
-- A piece of a file.
insert into channels_import_part (import_id, number, data)
values (%(source)s::bigint, %(number)s::int, %(data)s::bytea)

-- part
-- A piece of a file again.
select p.data from channels_import_part p where p.import_id = %(source)s::bigint and p.number = %(number)s::int

-- drop_parts
-- The file of an import.
delete from channels_import_part p where p.import_id = %(source)s::bigint

-- tidy
-- Files of imports that have ended, or that are there no longer.
delete from channels_import_part p
where not exists (
    select from channels_import i
    where i.id = p.import_id and (i.ended_at is null or i.ended_at > %(before)s::timestamptz)
)

-- hold
-- How many rows of an import are kept, nobody else adding to it meanwhile.
select i.rows from channels_import i where i.id = %(source)s::bigint for update

-- add +
-- A chunk, and the import's position with it.
with added as (
    insert into channels_import_chunk (import_id, number, received_at, request, rows, settled, bad, problems)
    select %(source)s::bigint, coalesce(max(c.number) + 1, 0), %(received_at)s::timestamptz, %(request)s::uuid,
           %(rows)s::int, %(settled)s::boolean, %(bad)s::int, %(problems)s::jsonb
    from channels_import_chunk c where c.import_id = %(source)s::bigint
)
update channels_import i
set rows = i.rows + %(rows)s::int,
    bad = i.bad + %(bad)s::int,
    good = i.good + case when %(settled)s::boolean then %(rows)s::int - %(bad)s::int else 0 end,
    known = case when %(settled)s::boolean then coalesce(i.known, 0) + %(known)s::int else i.known end
where i.id = %(source)s::bigint

-- listed
-- Imports by their time.
select i.created_at, i.id from channels_import i
