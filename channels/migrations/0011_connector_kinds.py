"""Connectors of many kinds: their secrets, sealed, and what was refused at their hooks, counted."""

from typing import Any

from django.db import migrations, models

from kernel import planner

UNSIGNED = """
create table channels_unsigned (
    workspace_id bigint not null,
    connector_id bigint not null,
    day date not null,
    code text not null,
    n integer not null default 0,
    last_at timestamptz not null,
    primary key (workspace_id, connector_id, day, code)
);
"""


def forget(_apps: Any, schema_editor: Any) -> None:
    planner.without_workspaces(schema_editor.connection, "channels")


class Migration(migrations.Migration):
    dependencies = [("channels", "0010_uncounted")]
    operations = [
        migrations.AddField("connector", "secrets", models.TextField(blank=True, default="")),
        migrations.AddField("connector", "cursor", models.JSONField(default=dict)),
        migrations.RunSQL(UNSIGNED, "drop table channels_unsigned"),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
