"""Open rejects are counted on every page and listed newest first: without the many that are mended or closed."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("channels", "0002_views")]
    operations = [
        migrations.RunSQL(
            "create index channels_reject_open on channels_reject (workspace_id, received_at desc, id)"
            " include (reason, connector_id) where state = 'open'",
            "drop index channels_reject_open",
        )
    ]
