"""Segments: rules by name, who is in them and was, and each entering and leaving in the order it happened.

People stand by the public id they had then: it leads to who they are now, and outlives a rebuild.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from kernel import planner

TABLES = """
create table metrics_segment_member (
    id bigint generated always as identity primary key,
    segment_id bigint not null,
    workspace_id int not null,
    profile uuid not null,
    entered_at timestamptz not null,
    left_at timestamptz                    -- null: is in it
);
create unique index metrics_segment_member_once on metrics_segment_member (workspace_id, segment_id, profile)
    where left_at is null;
create index metrics_segment_member_profile on metrics_segment_member (workspace_id, profile) where left_at is null;
create index metrics_segment_member_left on metrics_segment_member (workspace_id, segment_id, left_at)
    where left_at is not null;

-- What entered and left, in the order of `number` within a workspace.
create table metrics_segment_change (
    workspace_id int not null,
    entered boolean not null,              -- false: left
    number bigint generated always as identity,
    segment_id bigint not null,
    profile uuid not null,
    at timestamptz not null,
    why text not null,                     -- event (or time passed), rule (made or changed), joined (go on as one)
    primary key (workspace_id, number)
);
create index metrics_segment_change_day on metrics_segment_change (workspace_id, segment_id, at);

-- How often anything changed in a workspace with segments, and what of it they were last asked for.
create table metrics_segment_turn (
    workspace_id int primary key,
    changed bigint not null default 0,
    seen bigint,                           -- of `changed`; null: never asked
    state uuid,                            -- of the mirror, when it was asked
    at timestamptz
) with (fillfactor = 20);

-- Whose an id that was ever given is now.
create view profiles_key as
select i.workspace_id, i.key, i.kind, i.profile_id, l.key as profile
from profiles_identifier i
join profiles_identifier l on l.workspace_id = i.workspace_id and l.id = i.profile_id;

-- People as metrics looks at them.
create view profiles_person as select workspace_id, profile_id, key, channels, orders from profiles_summary;

-- What profiles may ask of segments.
create view metrics_segment_named as select workspace_id, slug from metrics_segment;
create view metrics_segment_held as
select m.workspace_id, s.slug, m.profile
from metrics_segment_member m join metrics_segment s on s.id = m.segment_id
where m.left_at is null;
"""
DROP = """
drop view metrics_segment_held; drop view metrics_segment_named; drop view profiles_key; drop view profiles_person;
drop table metrics_segment_turn; drop table metrics_segment_change; drop table metrics_segment_member;
"""


def forget_workspaces(_apps, schema_editor):
    planner.without_workspaces(schema_editor.connection, "metrics")


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0008_member_channels"),
        ("metrics", "0014_attribution"),
        ("profiles", "0012_mirror_views"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=80)),
                ("rule", models.JSONField()),
                ("version", models.IntegerField(default=1)),
                ("filled", models.IntegerField(default=0)),
                ("count", models.BigIntegerField(null=True)),
                ("as_of", models.DateTimeField(null=True)),
                ("refreshed_at", models.DateTimeField(null=True)),
                ("trouble", models.TextField(default="")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="kernel.workspace"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "-created_at", "-id"], name="metrics_segment_newest")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "slug"), name="metrics_segment_once")
                ],
            },
        ),
        migrations.RunSQL(TABLES, DROP),
        migrations.RunPython(forget_workspaces, migrations.RunPython.noop),
    ]
