"""Customers that may be one person, and what people said of each pair (profiles/suggestions/kept.py)."""

from django.db import migrations

from kernel import planner

TABLE = """
create table profiles_suggestion (
    workspace_id int not null,
    id uuid not null,                      -- of workspace and both keys: the same in every run
    a uuid not null,                       -- keys of the two profiles' leaders, a < b: they outlive a rebuild
    b uuid not null,
    score double precision not null,       -- probability, 0 to 1
    weight double precision not null,      -- of all evidence, in bits
    evidence jsonb not null,               -- [[field, degree of likeness, bits], …]: no values of anybody's
    state text not null,                   -- open, later, accepted, refused
    until timestamptz,                     -- of later
    made_at timestamptz not null,          -- of the run that found it last
    decided_at timestamptz,
    actor text not null default '',
    primary key (workspace_id, id)
)
"""


def plain(apps, schema_editor):
    planner.plain_by_name(schema_editor.connection, "profiles_suggestion")


class Migration(migrations.Migration):
    dependencies = [("profiles", "0014_erasure")]
    operations = [
        migrations.RunSQL(TABLE, "drop table profiles_suggestion"),
        migrations.RunSQL(
            "create index profiles_suggestion_best on profiles_suggestion (workspace_id, state, score desc, id desc)",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(plain, migrations.RunPython.noop),
    ]
