"""The views other parts may read."""

from pathlib import Path

from django.db import migrations

VIEWS = Path(__file__).resolve().parent.parent / "views.sql"


class Migration(migrations.Migration):
    dependencies = [("channels", "0001_initial")]
    operations = [
        migrations.RunSQL(
            VIEWS.read_text(encoding="utf-8"), "drop view channels_source; drop view channels_setting;"
        )
    ]
