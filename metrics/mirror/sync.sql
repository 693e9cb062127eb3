-- hold
-- Whether we are the one who writes the mirror of a workspace, until the session ends or lets go.
select pg_try_advisory_lock(%(lock)s::int, %(workspace)s::int)

-- wait
-- The same, and waits for who does.
select pg_advisory_lock(%(lock)s::int, %(workspace)s::int) is not null

-- release
-- Lets go.
select pg_advisory_unlock(%(lock)s::int, %(workspace)s::int)

-- settle
-- Makes a state the present one and forgets the changes that are in it, both or neither: its number, or nothing where
-- another state has taken the place of the one that it follows.
with present as (
    insert into metrics_mirror as held (workspace_id, generation, state)
    values (%(workspace)s::int, %(generation)s::uuid, %(state)s::uuid)
    on conflict (workspace_id) do update set generation = excluded.generation, state = excluded.state
    where held.state is not distinct from %(before)s::uuid
    returning workspace_id
), forgotten as (
    delete from metrics_mirror_change c using present p
    where c.workspace_id = p.workspace_id and c.id <= %(applied)s::bigint
)
select workspace_id from present

-- changes
-- The next changes, so many bytes of them at most, but always one; whether there are more.
select c.id, c.newest, c.body, c.more
from (
    select x.id, x.newest, x.body, sum(octet_length(x.body)) over (order by x.id) - octet_length(x.body) as before,
        sum(octet_length(x.body)) over () > %(most)s::bigint as more
    from metrics_mirror_change x
    where x.workspace_id = %(workspace)s::int and x.id > %(applied)s::bigint
) c
where c.before < %(most)s::bigint
order by c.id

-- waiting
-- Whether there are changes that are not in the files.
select exists (select from metrics_mirror_change where workspace_id = %(workspace)s::int and id > %(applied)s::bigint)

-- workspaces
-- All workspaces, and what their settings say of their own events.
select id::int, settings -> 'made_by' from kernel_workspace order by id
