"""The planner learns nothing of workspaces: kernel/planner.py says why. Nothing here writes a row anew."""

from django.db import migrations

from kernel import planner


def forget(apps, schema_editor):
    planner.without_workspaces(schema_editor.connection, "kernel")


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_file_part")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
