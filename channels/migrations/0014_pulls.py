"""What is pulled: how each pull stands, access tokens, and what thin notices only name."""

from typing import Any

from django.db import migrations

from kernel import planner

PULL = """
create table channels_pull (
    connector_id bigint primary key,
    workspace_id bigint not null,
    next_run timestamptz not null,
    started_at timestamptz,
    ended_at timestamptz,
    succeeded_at timestamptz,
    failed_at timestamptz,
    failure jsonb,
    tries integer not null default 0,
    begun integer not null default 0,
    pages integer not null default 0,
    rows bigint not null default 0,
    digest uuid
);
"""
TOKENS = """
create table channels_token (
    workspace_id bigint not null,
    connector_id bigint not null,
    name text not null,
    made_for uuid not null,
    sealed text not null,
    until timestamptz not null,
    primary key (connector_id, name)
);
"""
LOOKUP = """
create table channels_lookup (
    workspace_id bigint not null,
    connector_id bigint not null,
    key uuid not null,
    name text not null,
    params jsonb not null,
    state text not null default 'waiting',
    tries integer not null default 0,
    missed integer not null default 0,
    next_try timestamptz not null default now(),
    added_at timestamptz not null default now(),
    ended_at timestamptz,
    failure jsonb,
    primary key (connector_id, key),
    constraint channels_lookup_state check (state in ('waiting', 'done', 'failed'))
);
create index channels_lookup_due on channels_lookup (next_try) where state = 'waiting';
create index channels_lookup_open on channels_lookup (workspace_id, connector_id) where state <> 'done';
"""
BACK = "drop table channels_pull; drop table channels_token; drop table channels_lookup"


def forget(_apps: Any, schema_editor: Any) -> None:
    planner.without_workspaces(schema_editor.connection, "channels")


class Migration(migrations.Migration):
    dependencies = [("channels", "0013_imports")]
    operations = [
        migrations.RunSQL(PULL + TOKENS + LOOKUP, BACK),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
