"""The tracking plan, version by version; what breaks it, counted."""

from typing import Any

from django.db import migrations

from kernel import planner

PLAN = """
create table channels_plan (
    workspace_id bigint not null,
    version integer not null,
    digest bytea not null,
    text text not null,
    author text not null,
    why text not null default '',
    saved_at timestamptz not null default now(),
    valid_from timestamptz not null,
    primary key (workspace_id, version)
);
alter table channels_plan alter column text set statistics 0;
"""
COUNTS = """
create table channels_planned (
    workspace_id bigint not null,
    day date not null,
    event text not null,
    connector_id bigint not null,
    checked integer not null default 0,
    broken integer not null default 0,
    refused integer not null default 0,
    primary key (workspace_id, day, event, connector_id)
);
create table channels_violation (
    workspace_id bigint not null,
    day date not null,
    event text not null,
    connector_id bigint not null,
    property text not null,
    code text not null,
    count integer not null default 0,
    refused integer not null default 0,
    wanted text not null,
    value text not null,
    message_id text not null,
    received_at timestamptz not null,
    request uuid not null,
    position integer not null,
    primary key (workspace_id, day, event, connector_id, property, code)
);
alter table channels_violation alter column value set statistics 0;
alter table channels_violation alter column message_id set statistics 0;
"""


def forget(_apps: Any, schema_editor: Any) -> None:
    planner.without_workspaces(schema_editor.connection, "channels")


class Migration(migrations.Migration):
    dependencies = [("channels", "0015_watched")]
    operations = [
        migrations.RunSQL(PLAN, "drop table channels_plan"),
        migrations.RunSQL(COUNTS, "drop table channels_planned; drop table channels_violation"),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
