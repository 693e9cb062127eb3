-- add_note
-- Adds what somebody did or said; yields its id.
insert into metrics_statement_note (statement_id, channel_id, act, author, at, text, file_name, file_type, file)
values (%(id)s::bigint, %(channel)s::int, %(act)s::text, %(by)s::text, %(at)s::timestamptz, %(text)s::text,
    %(file_name)s::text, %(file_type)s::text, %(file)s::bytea)
returning id

-- notes
-- What was done and said, the oldest first.
select n.id, n.channel_id, n.act, n.author, n.at, n.text, n.file_name, n.file_type, length(n.file)
from metrics_statement_note n
where n.statement_id = %(id)s::bigint
order by n.id

-- file
-- A file that somebody attached.
select n.channel_id, n.file_name, n.file_type, n.file
from metrics_statement_note n
where n.statement_id = %(id)s::bigint and n.id = %(note)s::bigint and n.file is not null
