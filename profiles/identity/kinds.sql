-- rules +
-- The kinds a workspace met or changed, and, with a pattern, the values that are no identifiers.
select kind, rank, most, fan_out, exclusive, null as pattern
from profiles_kind
where workspace_id = %(workspace)s::int
union all
select kind, null, null, null, null, pattern
from profiles_blocked
where workspace_id = %(workspace)s::int

-- meet
-- List kinds met for the first time.
insert into profiles_kind (workspace_id, kind, rank, most, fan_out, exclusive)
select %(workspace)s::int, met.kind, %(rank)s::int, %(most)s::int, %(fan_out)s::int, %(exclusive)s::boolean
from unnest(%(kinds)s::text[]) as met(kind)
order by met.kind
on conflict do nothing

-- write
-- Give a kind other rules.
insert into profiles_kind (workspace_id, kind, rank, most, fan_out, exclusive)
values (%(workspace)s::int, %(kind)s::text, %(rank)s::int, %(most)s::int, %(fan_out)s::int, %(exclusive)s::boolean)
on conflict (workspace_id, kind) do update
set rank = excluded.rank, most = excluded.most, fan_out = excluded.fan_out, exclusive = excluded.exclusive

-- block
-- Add a pattern.
insert into profiles_blocked (workspace_id, kind, pattern)
values (%(workspace)s::int, %(kind)s::text, %(pattern)s::text)
on conflict do nothing
