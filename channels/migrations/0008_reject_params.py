"""A reject is a code and parameters; rows from before have neither and keep their sentence in `hint`. Nothing is rewritten."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("channels", "0007_no_workspaces_known")]
    operations = [
        migrations.RunSQL(
            "alter table channels_reject add column code text, add column params jsonb",
            "alter table channels_reject drop column code, drop column params",
        )
    ]
