"""The namespaces of a kind of identifier are asked for at every look-up by identifier: without an index a whole scan."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("profiles", "0002_hot_rows")]
    operations = [
        migrations.RunSQL(
            "create index profiles_identifier_space on profiles_identifier (workspace_id, kind, namespace)"
            " where namespace <> ''"
        ),
    ]
