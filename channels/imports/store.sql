-- keep_part
-- A piece of a file.
insert into channels_import_part (import_id, number, data)
values (%(source)s::bigint, %(number)s::int, %(data)s::bytea)

-- part
-- A piece of a file again.
select p.data from channels_import_part p where p.import_id = %(source)s::bigint and p.number = %(number)s::int

-- move_parts
-- The file of an import becomes another's.
update channels_import_part p set import_id = %(target)s::bigint where p.import_id = %(source)s::bigint

-- kept
-- Whether the file of an import is still there.
select exists (select from channels_import_part p where p.import_id = %(source)s::bigint)

-- why
-- What is wrong with the rows that a dry run would refuse: how many by reason, code and column, and a row of each.
select p.one ->> 'reason', p.one ->> 'code', p.one ->> 'field', sum(jsonb_array_length(p.one -> 'rows'))::bigint,
       (array_agg(p.one order by c.number))[1]::text
from channels_import_chunk c
cross join lateral jsonb_array_elements(c.problems) p(one)
where c.import_id = %(source)s::bigint and c.problems is not null
group by 1, 2, 3
order by 4 desc, 1, 2, 3
limit %(most)s::int

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
    known = coalesce(i.known, 0) + %(known)s::int
where i.id = %(source)s::bigint

-- listed
-- Imports by their time.
select i.created_at, i.id from channels_import i
