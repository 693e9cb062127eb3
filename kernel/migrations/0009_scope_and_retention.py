"""Tokens that may read one thing alone: what stands in their scope. How long each kind of data is kept."""

import django.db.models.deletion
from django.db import migrations, models

from kernel import planner


def plain(apps, schema_editor):
    planner.plain_by_name(schema_editor.connection, "kernel_retention")


class Migration(migrations.Migration):
    dependencies = [("kernel", "0008_member_channels")]
    operations = [
        migrations.AddField("apitoken", "scope", models.CharField(max_length=20, default="")),
        migrations.CreateModel(
            name="Retention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("months", models.IntegerField(null=True)),
                ("gone_before", models.DateTimeField(null=True)),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="kernel.workspace"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["workspace", "kind"], name="kernel_retention_once")
                ],
            },
        ),
        migrations.RunPython(plain, migrations.RunPython.noop),
    ]
