-- every
-- How many profiles there are.
select count(*) from profiles_summary where workspace_id = %(workspace)s::int

-- kinds
-- How many customers hold an identifier of each kind.
select i.kind, count(distinct i.profile_id)
from profiles_identifier i
join profiles_summary s on s.workspace_id = %(workspace)s::int and s.profile_id = i.profile_id
where i.workspace_id = %(workspace)s::int and not i.shared
group by i.kind
order by 2 desc, 1

-- traits
-- How many profiles have a value of each trait.
select t.name, count(distinct i.profile_id)
from (
    select distinct sighting_id, name from profiles_trait where workspace_id = %(workspace)s::int
) t
join profiles_sighting s on s.workspace_id = %(workspace)s::int and s.id = t.sighting_id
join profiles_identifier i on i.workspace_id = %(workspace)s::int and i.id = s.owner
group by t.name
order by 2 desc, 1
limit %(limit)s::int
