"""What the columnar mirror is kept by: changes until they are in its files, and which files belong to this database."""

from django.db import migrations

from kernel import planner

TABLES = """
alter table metrics_order add column campaign text, add column source text;
create table metrics_mirror_change (
    workspace_id int not null,
    id bigint generated always as identity,
    newest timestamptz,
    kept_at timestamptz not null default now(),
    body text,                             -- JSON (metrics/capture.py)
    touches bytea,                         -- packed (metrics/mirror/packed.py)
    primary key (workspace_id, id)
);
alter table metrics_mirror_change alter column body set storage external, alter column touches set storage external;
create table metrics_mirror (
    workspace_id int not null primary key,
    generation uuid not null
);
"""
DROP = """
drop table metrics_mirror;
drop table metrics_mirror_change;
alter table metrics_order drop column campaign, drop column source;
"""


def forget(apps, schema_editor):
    planner.without_workspaces(schema_editor.connection, "metrics")


class Migration(migrations.Migration):
    dependencies = [("metrics", "0004_target_period")]
    operations = [
        migrations.RunSQL(TABLES, DROP),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
