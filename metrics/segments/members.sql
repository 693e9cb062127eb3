-- turns
-- The workspaces with segments: whether anything changed since they were asked, and when that was.
select t.workspace_id, t.changed, m.state, t.seen is distinct from t.changed or t.state is distinct from m.state, t.at
from metrics_segment_turn t
left join metrics_mirror m on m.workspace_id = t.workspace_id
order by t.at nulls first, t.workspace_id

-- begin
-- A workspace has segments from now on.
insert into metrics_segment_turn (workspace_id) values (%(workspace)s::int) on conflict do nothing

-- seen
-- A workspace's segments were asked for all that had changed by then.
update metrics_segment_turn set seen = %(changed)s::bigint, state = %(state)s::uuid, at = %(now)s::timestamptz
where workspace_id = %(workspace)s::int

-- alone
-- Whether we are the one whose turn it is at a workspace, until the session ends or lets go.
select pg_try_advisory_lock(%(lock)s::int, %(workspace)s::int)

-- release
-- Lets go.
select pg_advisory_unlock(%(lock)s::int, %(workspace)s::int)

-- hold
-- Whether we are the one who asks a workspace's segments, until the transaction ends.
select pg_try_advisory_xact_lock(%(lock)s::int, %(workspace)s::int)

-- moved
-- Members who were joined with others go on as who they are now, in it since the first of them came.
with moved as (
    update metrics_segment_member m set left_at = %(now)s::timestamptz
    from profiles_key k
    where m.workspace_id = %(workspace)s::int and m.segment_id = %(segment)s::bigint and m.left_at is null
        and k.workspace_id = %(workspace)s::int and k.key = m.profile and k.profile <> m.profile
    returning m.profile as former, k.profile, m.entered_at
), stayed as (
    insert into metrics_segment_member (workspace_id, segment_id, profile, entered_at)
    select %(workspace)s::int, %(segment)s::bigint, m.profile, min(m.entered_at) from moved m group by m.profile
    on conflict do nothing
    returning profile
)
insert into metrics_segment_change (workspace_id, segment_id, profile, entered, at, why)
select %(workspace)s::int, %(segment)s::bigint, c.profile, c.entered, %(now)s::timestamptz, 'joined'
from (select former as profile, false as entered from moved union all select profile, true from stayed) c

-- drop
-- All that is kept of a segment's members.
with gone as (delete from metrics_segment_member where workspace_id = %(workspace)s::int and segment_id = %(segment)s::bigint)
delete from metrics_segment_change where workspace_id = %(workspace)s::int and segment_id = %(segment)s::bigint

-- at
-- Who was in a segment at a moment, by serial id: who they are now.
select distinct k.profile_id
from metrics_segment_member m
join profiles_key k on k.workspace_id = %(workspace)s::int and k.key = m.profile
where m.workspace_id = %(workspace)s::int and m.segment_id = %(segment)s::bigint
    and m.entered_at <= %(at)s::timestamptz and (m.left_at is null or m.left_at > %(at)s::timestamptz)

-- history
-- Who entered and left, by day of a zone, and by how many it grew: those who were joined do neither, and are fewer.
select (c.at at time zone %(zone)s::text)::date as day, 
    count(*) filter (where c.entered and c.why <> 'joined'), count(*) filter (where not c.entered and c.why <> 'joined'),
    count(*) filter (where c.entered) - count(*) filter (where not c.entered)
from metrics_segment_change c
where c.workspace_id = %(workspace)s::int and c.segment_id = %(segment)s::bigint
    and c.at >= %(begin)s::timestamptz and c.at < %(end)s::timestamptz
group by 1
order by 1

-- before
-- How many were in a segment before a moment.
select count(*) filter (where c.entered) - count(*) filter (where not c.entered)
from metrics_segment_change c
where c.workspace_id = %(workspace)s::int and c.segment_id = %(segment)s::bigint and c.at < %(begin)s::timestamptz

-- sets
-- How many are in exactly which of some segments, by the segments' ids.
select p.ids, count(*) from (
    select m.profile, array_agg(m.segment_id order by m.segment_id) as ids
    from metrics_segment_member m
    where m.workspace_id = %(workspace)s::int and m.segment_id = any(%(segments)s::bigint[]) and m.left_at is null
    group by m.profile
) p
group by p.ids
