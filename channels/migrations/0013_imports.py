"""Files that admins drop: each file, its bytes until it is read, its rows' requests, the orders that it told of."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from kernel import planner

TABLES = """
create table channels_import_part (
    import_id bigint not null,
    number integer not null,
    data bytea not null,
    primary key (import_id, number)
);
alter table channels_import_part alter column data set storage external;
alter table channels_import_part alter column data set statistics 0;

create table channels_import_chunk (
    import_id bigint not null,
    number integer not null,
    received_at timestamptz not null,
    request uuid not null,
    rows integer not null,
    settled boolean not null default false,
    bad integer not null default 0,
    problems jsonb,
    primary key (import_id, number)
);
alter table channels_import_chunk alter column problems set statistics 0;

create table channels_import_order (
    workspace_id bigint not null,
    connector_id bigint not null,
    key uuid not null,
    digest uuid not null,
    version integer not null,
    import_id bigint not null,
    edge boolean not null,
    received_at timestamptz not null,
    request uuid not null,
    first integer not null,
    rows integer not null,
    primary key (connector_id, key, digest)
);
"""
BACK = "drop table channels_import_part; drop table channels_import_chunk; drop table channels_import_order"


def forget(_apps: Any, schema_editor: Any) -> None:
    planner.without_workspaces(schema_editor.connection, "channels")


class Migration(migrations.Migration):
    dependencies = [("channels", "0012_mapping"), ("kernel", "0005_no_workspaces_known")]
    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("size", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(max_length=64)),
                ("dry_run", models.BooleanField(default=False)),
                ("wanted", models.JSONField(default=dict)),
                ("form", models.JSONField(default=dict)),
                ("columns", models.JSONField(default=list)),
                ("notes", models.JSONField(default=list)),
                ("rows", models.BigIntegerField(default=0)),
                ("good", models.BigIntegerField(default=0)),
                ("bad", models.BigIntegerField(default=0)),
                ("known", models.BigIntegerField(null=True)),
                ("preview", models.JSONField(default=list)),
                ("actor", models.CharField(max_length=150)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "connector",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="channels.connector"),
                ),
                ("job", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="kernel.job")),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="kernel.workspace"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "-id"], name="channels_import_newest")],
            },
        ),
        migrations.RunSQL(TABLES, BACK),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
