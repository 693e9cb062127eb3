-- hold
-- A workspace's suggestions, until the transaction ends; whoever waits longer than the limit is refused (55P03).
select set_config('lock_timeout', %(wait)s::text, true), pg_advisory_xact_lock(hashtext('profiles_suggestion'), %(workspace)s::int)

-- propose
-- Pairs of profiles, both still there, as suggestions; one that is decided stays as it is.
insert into profiles_suggestion (workspace_id, id, a, b, score, weight, evidence, state, made_at)
select %(workspace)s::int, md5(%(workspace)s::int::text || n.a::text || n.b::text)::uuid, n.a, n.b, n.score, n.weight,
    n.evidence, 'open', %(at)s::timestamptz
from (
    select least(x.key, y.key) as a, greatest(x.key, y.key) as b, g.score, g.weight, g.evidence
    from unnest(
        %(ones)s::bigint[], %(others)s::bigint[], %(scores)s::float8[], %(weights)s::float8[], %(evidence)s::jsonb[]
    ) as g(p, q, score, weight, evidence)
    cross join lateral (
        select i.key from profiles_identifier i
        where i.workspace_id = %(workspace)s::int and i.id = g.p and i.profile_id = g.p
        offset 0
    ) x
    cross join lateral (
        select i.key from profiles_identifier i
        where i.workspace_id = %(workspace)s::int and i.id = g.q and i.profile_id = g.q
        offset 0
    ) y
) n
on conflict (workspace_id, id) do update
set score = excluded.score, weight = excluded.weight, evidence = excluded.evidence, made_at = excluded.made_at
where profiles_suggestion.state in ('open', 'later')

-- awake
-- What was left for later waits again when its time is over.
update profiles_suggestion
set state = 'open', until = null
where workspace_id = %(workspace)s::int and state = 'later' and until <= %(at)s::timestamptz

-- outdated
-- What waits for a decision and was not found by the run of a time goes.
delete from profiles_suggestion s
where s.workspace_id = %(workspace)s::int and s.state in ('open', 'later') and s.made_at < %(at)s::timestamptz

-- close
-- What waits for a decision and needs none goes: the two are one by now, are kept apart, or one is not there any more.
delete from profiles_suggestion s
where s.workspace_id = %(workspace)s::int and s.state in ('open', 'later') and (
    not exists (
        select from profiles_identifier x, profiles_identifier y
        where x.workspace_id = %(workspace)s::int and x.key = s.a
            and y.workspace_id = %(workspace)s::int and y.key = s.b
            and x.profile_id <> y.profile_id
    )
    or exists (
        select
        from profiles_cannot n
        join profiles_identifier x on x.workspace_id = n.workspace_id and x.id = n.a
        join profiles_identifier y on y.workspace_id = n.workspace_id and y.id = n.b
        where n.workspace_id = %(workspace)s::int
            and array[x.profile_id, y.profile_id] @> array[
                (select i.profile_id from profiles_identifier i
                 where i.workspace_id = %(workspace)s::int and i.key = s.a),
                (select i.profile_id from profiles_identifier i
                 where i.workspace_id = %(workspace)s::int and i.key = s.b)
            ]
    )
)

-- repoint
-- What waits for a decision and names a profile that has joined another names that one; of two of one pair the likelier.
with moved as (
    delete from profiles_suggestion s
    using profiles_identifier x, profiles_identifier p, profiles_identifier y, profiles_identifier q
    where s.workspace_id = %(workspace)s::int and s.state in ('open', 'later')
        and x.workspace_id = %(workspace)s::int and x.key = s.a
        and p.workspace_id = %(workspace)s::int and p.id = x.profile_id
        and y.workspace_id = %(workspace)s::int and y.key = s.b
        and q.workspace_id = %(workspace)s::int and q.id = y.profile_id
        and (s.a, s.b) <> (least(p.key, q.key), greatest(p.key, q.key))
    returning least(p.key, q.key) as to_a, greatest(p.key, q.key) as to_b, s.score, s.weight, s.evidence, s.state,
        s.until, s.made_at
)
insert into profiles_suggestion (workspace_id, id, a, b, score, weight, evidence, state, until, made_at)
select %(workspace)s::int, md5(%(workspace)s::int::text || m.to_a::text || m.to_b::text)::uuid, m.to_a, m.to_b, m.score,
    m.weight, m.evidence, m.state, m.until, m.made_at
from moved m
order by m.score desc
on conflict (workspace_id, id) do nothing

-- one
-- A suggestion as it stands: state, and the leaders of the profiles that its two belong to now.
select s.state, x.profile_id, p.key, y.profile_id, q.key
from profiles_suggestion s
join profiles_identifier x on x.workspace_id = s.workspace_id and x.key = s.a
join profiles_identifier p on p.workspace_id = s.workspace_id and p.id = x.profile_id
join profiles_identifier y on y.workspace_id = s.workspace_id and y.key = s.b
join profiles_identifier q on q.workspace_id = s.workspace_id and q.id = y.profile_id
where s.workspace_id = %(workspace)s::int and s.id = %(id)s::uuid

-- decide
-- What a person said of a suggestion.
update profiles_suggestion
set state = %(state)s::text, until = %(until)s::timestamptz, decided_at = %(at)s::timestamptz, actor = %(actor)s::text
where workspace_id = %(workspace)s::int and id = %(id)s::uuid

-- drop
-- A suggestion that cannot be followed goes.
delete from profiles_suggestion
where workspace_id = %(workspace)s::int and id = %(id)s::uuid and state in ('open', 'later')

-- above
-- What waits for a decision with at least a score, the likeliest first.
select s.id
from profiles_suggestion s
where s.workspace_id = %(workspace)s::int and s.state = 'open' and s.score >= %(score)s::float8
order by s.score desc, s.id desc
limit %(limit)s::int

-- count_above
-- How many wait for a decision with at least a score.
select count(*)
from profiles_suggestion s
where s.workspace_id = %(workspace)s::int and s.state = 'open' and s.score >= %(score)s::float8
