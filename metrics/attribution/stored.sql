-- read
-- What was kept of a question: the mirror's state, the answers, the seconds they took, when they were made.
select a.state, a.body, a.seconds, a.made_at
from metrics_attribution a
where a.workspace_id = %(workspace)s::int and a.question = %(question)s::text

-- keep
-- Puts a question's answers in the place of earlier ones; the oldest beyond so many questions go.
with gone as (
    delete from metrics_attribution a
    where a.workspace_id = %(workspace)s::int and a.id in (
        select o.id from metrics_attribution o
        where o.workspace_id = %(workspace)s::int and o.question <> %(question)s::text
        order by o.made_at desc offset %(most)s::int - 1
    )
)
insert into metrics_attribution (workspace_id, question, state, body, seconds, made_at)
values (
    %(workspace)s::int, %(question)s::text, %(state)s::text, %(body)s::text, %(seconds)s::float8,
    %(made_at)s::timestamptz
)
on conflict (workspace_id, question) do update
set state = excluded.state, body = excluded.body, seconds = excluded.seconds, made_at = excluded.made_at
returning id
