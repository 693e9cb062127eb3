"""Phones and e-mails are found by what their mask shows (profiles/identity/hints.py): a narrow row each, made here for
those that are there. Nothing else is written anew.
"""

from django.db import migrations

from kernel import planner
from profiles.identity import hints

TABLE = """
create table profiles_hint (
    identifier_id bigint not null,
    hint bigint not null,                  -- HMAC of (workspace, kind, what the mask shows): never the digits
    workspace_id int not null
)
"""


def fill(apps, schema_editor):
    planner.plain_by_name(schema_editor.connection, "profiles_hint")
    hints.fill(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("profiles", "0008_no_workspaces_known")]
    operations = [
        migrations.RunSQL(TABLE, "drop table profiles_hint"),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL("alter table profiles_hint add primary key (hint, identifier_id)"),
    ]
