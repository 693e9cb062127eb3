"""The planner learns nothing of workspaces: kernel/planner.py says why. Nothing here writes a row anew."""

from django.db import migrations

from kernel import planner


def forget(apps, schema_editor):
    planner.without_workspaces(schema_editor.connection, "profiles")


class Migration(migrations.Migration):
    dependencies = [("profiles", "0007_surroundings")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
