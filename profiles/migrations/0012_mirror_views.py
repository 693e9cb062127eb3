"""What metrics' mirror is made anew from: touches, whose sightings are, what was said of people. Published as views."""

from django.db import migrations

VIEWS = """
create view profiles_touch as
select e.workspace_id, e.occurred_at, e.id, e.sighting_id, e.channel_id, e.type, e.name, e.touchpoint, e.marks,
    e.data -> 'properties' as properties,
    coalesce(e.data -> 'context' -> 'campaign', s.data::json -> 'campaign') as campaign
from profiles_event e
left join profiles_surrounding s on s.workspace_id = e.workspace_id and s.id = e.surrounding_id
where e.sighting_id is not null;
create view profiles_sighted as
select s.workspace_id, s.id as sighting_id, i.profile_id, coalesce(s.ids, array[s.owner]) as members
from profiles_sighting s
join profiles_identifier i on i.workspace_id = s.workspace_id and i.id = s.owner;
create view profiles_named as
select workspace_id, id as identifier_id, kind from profiles_identifier;
create view profiles_said as
select workspace_id, sighting_id, name, value, last_at, last_event from profiles_trait;
"""


class Migration(migrations.Migration):
    dependencies = [("profiles", "0011_uncounted")]
    operations = [
        migrations.RunSQL(
            VIEWS,
            "drop view profiles_touch; drop view profiles_sighted; drop view profiles_named; drop view profiles_said",
        )
    ]
