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
select c.id, c.newest, x.body, x.touches, c.more
from (
    select s.id, s.newest, sum(s.size) over (order by s.id) - s.size as before,
        sum(s.size) over () > %(most)s::bigint as more
    from (
        select id, newest, coalesce(octet_length(body), 0) + coalesce(octet_length(touches), 0) as size
        from metrics_mirror_change
        where workspace_id = %(workspace)s::int and id > %(applied)s::bigint
    ) s
) c
join metrics_mirror_change x on x.workspace_id = %(workspace)s::int and x.id = c.id
where c.before < %(most)s::bigint
order by c.id

-- size
-- Bytes of the changes' table, with what is forgotten.
select pg_total_relation_size('metrics_mirror_change')

-- waiting
-- Whether there are changes that are not in the files.
select exists (select from metrics_mirror_change where workspace_id = %(workspace)s::int and id > %(applied)s::bigint)

-- workspaces
-- All workspaces, and what their settings say of their own events.
select id::int, settings -> 'made_by' from kernel_workspace order by id
