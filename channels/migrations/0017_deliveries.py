"""Destinations: where we send, what they ask for; and what went out."""

import uuid
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from kernel import planner

ASKED = """
create table channels_asked (
    workspace_id bigint not null,
    destination_id bigint not null,
    name text not null,
    channel_id bigint,
    since timestamptz not null default now(),
    primary key (destination_id, name)
);
create index channels_asked_workspace on channels_asked (workspace_id);
"""
DELIVERIES = """
create table channels_delivery (
    id bigint generated always as identity primary key,
    workspace_id bigint not null,
    destination_id bigint not null,
    key uuid not null,
    cause text not null,
    name text not null,
    at timestamptz not null,
    event_id uuid,
    profile uuid,
    state text not null default 'waiting',
    reason text not null default '',
    params jsonb,
    tries integer not null default 0,
    next_try timestamptz not null default now(),
    status integer,
    answer text not null default '',
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint channels_delivery_state
        check (state in ('waiting', 'sending', 'sent', 'failed', 'dead', 'held', 'refused')),
    constraint channels_delivery_cause check (cause in ('event', 'entered', 'left'))
);
create unique index channels_delivery_once on channels_delivery (destination_id, key);
create index channels_delivery_due on channels_delivery (destination_id, next_try, id)
    where state in ('waiting', 'failed', 'sending');
create index channels_delivery_newest on channels_delivery (workspace_id, id desc);
create index channels_delivery_profile on channels_delivery (workspace_id, profile, id desc) where profile is not null;
create index channels_delivery_ended on channels_delivery (destination_id, state, ended_at);
alter table channels_delivery alter column answer set statistics 0;
alter table channels_delivery alter column params set statistics 0;
"""


def forget(_apps: Any, schema_editor: Any) -> None:
    planner.without_workspaces(schema_editor.connection, "channels")


class Migration(migrations.Migration):
    dependencies = [("channels", "0016_plan")]
    operations = [
        migrations.CreateModel(
            name="Destination",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=40)),
                ("settings", models.JSONField(default=dict)),
                ("secrets", models.TextField(blank=True, default="")),
                ("segments", models.JSONField(default=list)),
                ("purpose", models.CharField(blank=True, default="", max_length=60)),
                ("purpose_channel", models.CharField(blank=True, default="", max_length=60)),
                ("fields", models.JSONField(default=list)),
                ("cap", models.JSONField(null=True)),
                ("quiet", models.JSONField(null=True)),
                ("holdout", models.DecimalField(decimal_places=4, default=0, max_digits=5)),
                ("enabled", models.BooleanField(default=True)),
                ("changes_read", models.BigIntegerField(default=0)),
                ("held_until", models.DateTimeField(null=True)),
                ("troubles", models.IntegerField(default=0)),
                ("trouble", models.JSONField(null=True)),
                ("served_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="kernel.workspace"),
                ),
            ],
        ),
        migrations.RunSQL(ASKED + DELIVERIES, "drop table channels_asked; drop table channels_delivery"),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
