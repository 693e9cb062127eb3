"""Mappings, version by version, and what their cleaning rules did, counted."""

from typing import Any

from django.db import migrations

from kernel import planner

MAPPING = """
create table channels_mapping (
    workspace_id bigint not null,
    connector_id bigint not null,
    version integer not null,
    digest bytea not null,
    text text not null,
    author text not null,
    why text not null default '',
    saved_at timestamptz not null default now(),
    valid_from timestamptz not null,
    primary key (workspace_id, connector_id, version)
);
alter table channels_mapping alter column text set statistics 0;
"""
CLEANED = """
create table channels_cleaned (
    workspace_id bigint not null,
    connector_id bigint not null,
    day date not null,
    field text not null,
    rule text not null,
    changed integer not null default 0,
    refused integer not null default 0,
    primary key (workspace_id, connector_id, day, field, rule)
);
"""


def forget(_apps: Any, schema_editor: Any) -> None:
    planner.without_workspaces(schema_editor.connection, "channels")


class Migration(migrations.Migration):
    dependencies = [("channels", "0011_connector_kinds")]
    operations = [
        migrations.RunSQL(MAPPING, "drop table channels_mapping"),
        migrations.RunSQL(CLEANED, "drop table channels_cleaned"),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
