"""The tables of channels: models first, then the big ones out of schema.sql. `main`, the workspace everybody has."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SCHEMA = Path(__file__).resolve().parent.parent / "schema.sql"
DROP = """
drop function channels_inbox_day(date);
drop table channels_inbox, channels_inbox_open, channels_seen, channels_reject, channels_minute;
"""
COMPRESS = """
do $$ begin
    if exists (select from pg_settings where name = 'default_toast_compression' and 'lz4' = any(enumvals)) then
        alter table channels_inbox alter column body set compression lz4;
        alter table channels_inbox_rest alter column body set compression lz4;
    end if;
end $$;
"""

DAYS = "select channels_inbox_day((now() at time zone 'UTC')::date + ahead) from generate_series(-1, 7) as ahead;"


def main_workspace(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """What commands mean without `--workspace`."""
    apps.get_model("kernel", "Workspace").objects.get_or_create(slug="main", defaults={"name": "Main"})


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("web", "Web shop"),
                            ("app", "App"),
                            ("mini_program", "Mini program"),
                            ("marketplace", "Marketplace"),
                            ("social", "Social"),
                            ("store", "Store"),
                            ("call_centre", "Call centre"),
                            ("email", "E-mail"),
                            ("ads", "Advertising"),
                            ("crm", "CRM"),
                            ("erp", "ERP"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=20,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("timezone", models.CharField(max_length=60)),
                ("commission", models.DecimalField(decimal_places=5, default=0, max_digits=6)),
                ("color", models.CharField(blank=True, default="", max_length=9)),
                ("settings", models.JSONField(default=dict)),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="kernel.workspace"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "slug"), name="channels_channel_slug")
                ],
            },
        ),
        migrations.CreateModel(
            name="Connector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("kind", models.CharField(default="http", max_length=40)),
                ("settings", models.JSONField(default=dict)),
                ("rate_limit", models.IntegerField(blank=True, null=True)),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "channel",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="channels.channel"),
                ),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="kernel.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WriteKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "connector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="keys",
                        to="channels.connector",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(SCHEMA.read_text(encoding="utf-8"), DROP),
        migrations.RunSQL(COMPRESS, migrations.RunSQL.noop),
        migrations.RunSQL(DAYS, migrations.RunSQL.noop),
        migrations.RunPython(main_workspace, migrations.RunPython.noop),
    ]
