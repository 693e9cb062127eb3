"""The big tables of the profiles part, as they stand in schema.sql and identity/schema.sql, and the first partitions."""

from datetime import UTC, datetime
from pathlib import Path

from django.db import migrations

from profiles import partitions

PART = Path(__file__).parent.parent


def make_partitions(apps, schema_editor):
    partitions.ensure(schema_editor.connection, datetime.now(UTC).date())


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL((PART / "schema.sql").read_text(encoding="utf-8")),
        migrations.RunSQL((PART / "identity" / "schema.sql").read_text(encoding="utf-8")),
        migrations.RunPython(make_partitions, migrations.RunPython.noop),
    ]
