"""The planner learns nothing of workspaces: kernel/planner.py says why. Days made from now on are made so."""

from pathlib import Path

from django.db import migrations

from kernel import planner

DAYS = Path(__file__).resolve().parent.parent / "days.sql"


def forget(apps, schema_editor):
    planner.without_workspaces(schema_editor.connection, "channels")


class Migration(migrations.Migration):
    dependencies = [("channels", "0006_taken")]
    operations = [
        migrations.RunSQL(DAYS.read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
