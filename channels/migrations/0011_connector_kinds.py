"""Connectors of many kinds: their secrets, sealed, and what was refused at their hooks, counted."""

from django.db import migrations, models

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
alter table channels_unsigned alter column workspace_id set statistics 0;
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0010_uncounted")]
    operations = [
        migrations.AddField("connector", "secrets", models.TextField(blank=True, default="")),
        migrations.AddField("connector", "cursor", models.JSONField(default=dict)),
        migrations.RunSQL(UNSIGNED, "drop table channels_unsigned"),
    ]
