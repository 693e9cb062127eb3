"""What people keep of metrics: analyses, boards, tiles. No two tiles of a board share a cell, whoever writes them."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from kernel import planner

# A column and a row are ranges that end before the next one; a board is a range of one number.
APART = """
alter table metrics_tile add constraint metrics_tile_apart exclude using gist (
    int8range(board_id, board_id, '[]') with &&,
    int4range(x, x + w) with &&,
    int4range(y, y + h) with &&
)
"""
TOUCHING = "alter table metrics_tile drop constraint metrics_tile_apart"


def forget(apps, schema_editor):
    for table in ("metrics_analysis", "metrics_board"):
        planner.plain_by_name(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0005_no_workspaces_known"),
        ("metrics", "0005_mirror"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Analysis",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=20)),
                ("params", models.JSONField(default=dict)),
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
        ),
        migrations.CreateModel(
            name="Board",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=80)),
                ("shared", models.BooleanField(default=False)),
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
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("x", models.PositiveSmallIntegerField()),
                ("y", models.PositiveSmallIntegerField()),
                ("w", models.PositiveSmallIntegerField()),
                ("h", models.PositiveSmallIntegerField()),
                (
                    "analysis",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tiles",
                        to="metrics.analysis",
                    ),
                ),
                (
                    "board",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tiles", to="metrics.board"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="analysis",
            index=models.Index(fields=["workspace", "-created_at", "-id"], name="metrics_analysis_newest"),
        ),
        migrations.AddIndex(
            model_name="board",
            index=models.Index(fields=["workspace", "-created_at", "-id"], name="metrics_board_newest"),
        ),
        migrations.AddConstraint(
            model_name="board",
            constraint=models.UniqueConstraint(fields=("workspace", "slug"), name="metrics_board_once"),
        ),
        migrations.AddConstraint(
            model_name="tile",
            constraint=models.UniqueConstraint(fields=("board", "analysis"), name="metrics_tile_once"),
        ),
        migrations.AddConstraint(
            model_name="tile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("h__gte", 1),
                    ("h__lte", 12),
                    ("w__gte", 1),
                    (
                        "x__lte",
                        django.db.models.expressions.CombinedExpression(models.Value(12), "-", models.F("w")),
                    ),
                    (
                        "y__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.Value(400), "-", models.F("h")
                        ),
                    ),
                ),
                name="metrics_tile_inside",
            ),
        ),
        migrations.RunSQL(APART, TOUCHING),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
