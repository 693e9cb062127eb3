-- leave
-- A refused edge is left, with the number of events that named both its ends so far: those of the stronger one's sightings.
insert into profiles_later (workspace_id, a, b, until, seen, at, actor)
select %(workspace)s::int, x.key, y.key, %(until)s::timestamptz, (
    select coalesce(sum(c.events), 0)
    from profiles_sighting s
    join profiles_activity c on c.workspace_id = s.workspace_id and c.sighting_id = s.id
    where s.workspace_id = %(workspace)s::int and s.owner = x.id and s.ids @> array[y.id]
), %(at)s::timestamptz, %(actor)s::text
from profiles_identifier x, profiles_identifier y
where x.workspace_id = %(workspace)s::int and x.key = %(a)s::uuid
    and y.workspace_id = %(workspace)s::int and y.key = %(b)s::uuid
    and x.profile_id <> y.profile_id
    and (
        exists (
            select from profiles_edge e
            where e.workspace_id = %(workspace)s::int and e.a = x.id and e.b = y.id and e.refused
        )
        or exists (
            select from profiles_manual m where m.workspace_id = %(workspace)s::int and m.a = x.id and m.b = y.id
        )
    )
on conflict (workspace_id, a, b) do update
set until = excluded.until, seen = excluded.seen, at = excluded.at, actor = excluded.actor

-- again
-- A conflict is left no longer.
delete from profiles_later
where workspace_id = %(workspace)s::int and a = %(a)s::uuid and b = %(b)s::uuid

-- of
-- What is left and not over: its ends, until when, by whom, the events that named both then and those that do now.
select x.id, y.id, l.a, l.b, l.until, l.at, l.actor, l.seen, coalesce(sum(c.events), 0)
from (
    select l.* from profiles_later l
    where l.workspace_id = %(workspace)s::int and l.until > %(now)s::timestamptz
    order by l.at desc, l.a, l.b
    limit %(most)s::int
) l
cross join lateral (
    select i.id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = l.a
    offset 0
) x
cross join lateral (
    select i.id from profiles_identifier i
    where i.workspace_id = %(workspace)s::int and i.key = l.b
    offset 0
) y
left join lateral (
    select s.id from profiles_sighting s
    where s.workspace_id = %(workspace)s::int and s.owner = x.id and s.ids @> array[y.id]
    offset 0
) s on true
left join lateral (
    select c.events from profiles_activity c
    where c.workspace_id = %(workspace)s::int and c.sighting_id = s.id
    offset 0
) c on true
group by x.id, y.id, l.a, l.b, l.until, l.at, l.actor, l.seen
order by l.at desc, l.a, l.b
