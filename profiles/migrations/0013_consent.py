"""What people agreed to, as facts tied to sightings (profiles/privacy/consents.py), and what holds of a profile now as a view."""

from django.db import migrations

from kernel import planner

TABLES = """
-- What the events Consent Given and Consent Withdrawn said: a row each, with its proof.
create table profiles_consent (
    at timestamptz not null,
    sighting_id bigint not null,
    workspace_id int not null,
    given boolean not null,
    event uuid not null,
    purpose text not null,                 -- in lower case: by it they are matched
    name text not null,                    -- as it was sent
    channel text not null,                 -- in lower case; '' for all of them
    proof text,
    text_version text,
    primary key (sighting_id, event)
);
alter table profiles_consent alter column proof set statistics 0;

-- What comes with any event, over and over: a row for each answer, with the first and the last event that said so.
create table profiles_consent_signal (
    first_at timestamptz not null,
    last_at timestamptz not null,
    sighting_id bigint not null,
    workspace_id int not null,
    given boolean not null,
    first_event uuid not null,
    last_event uuid not null,
    purpose text not null,
    name text not null,
    source text not null,                  -- preferences or gpc
    primary key (sighting_id, name, source, given)
);

-- By sighting the latest word of each kind.
create view profiles_consent_word as
select workspace_id, sighting_id, purpose, channel, given, at from profiles_consent
union all
select workspace_id, sighting_id, purpose, '', given, last_at from profiles_consent_signal;

-- What holds of a profile now: the latest word per purpose and channel ('' for all of them), a withdrawal wins a tie.
create view profiles_consents as
select distinct on (w.workspace_id, o.profile_id, w.purpose, w.channel)
    w.workspace_id, o.profile_id, w.purpose, w.channel, w.given, w.at
from profiles_consent_word w
join profiles_owner o on o.workspace_id = w.workspace_id and o.sighting_id = w.sighting_id
order by w.workspace_id, o.profile_id, w.purpose, w.channel, w.at desc, w.given;
"""
GONE = """
drop view profiles_consents;
drop view profiles_consent_word;
drop table profiles_consent_signal;
drop table profiles_consent
"""


def plain(apps, schema_editor):
    for table in ("profiles_consent", "profiles_consent_signal"):
        planner.plain_by_name(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("profiles", "0012_mirror_views")]
    operations = [
        migrations.RunSQL(TABLES, GONE),
        migrations.RunPython(plain, migrations.RunPython.noop),
    ]
