"""Folders and buckets that are watched for files: how the last look went, and each file that was found."""

from typing import Any

from django.db import migrations

from kernel import planner

TABLES = """
create table channels_watch (
    connector_id bigint primary key,
    workspace_id bigint not null,
    looked_at timestamptz not null default now(),
    next_look timestamptz not null default now(),
    files integer not null default 0,
    failure jsonb
);
create table channels_watched (
    id bigint generated always as identity primary key,
    workspace_id bigint not null,
    connector_id bigint not null,
    path text not null,
    mark text not null,
    since timestamptz not null default now(),
    state text not null default 'seen',
    sha256 text not null default '',
    import_id bigint,
    made_for uuid,
    note jsonb,
    constraint channels_watched_state check (state in ('seen', 'taken', 'same', 'refused', 'gone')),
    constraint channels_watched_once unique (connector_id, path)
);
create index channels_watched_newest on channels_watched (connector_id, since desc);
"""
BACK = "drop table channels_watch; drop table channels_watched"


def forget(_apps: Any, schema_editor: Any) -> None:
    planner.without_workspaces(schema_editor.connection, "channels")


class Migration(migrations.Migration):
    dependencies = [("channels", "0014_pulls")]
    operations = [
        migrations.RunSQL(TABLES, BACK),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
