"""Targets say per what they are, who set them, and whether somebody took them away; nothing is rewritten.

A target from before has no period: metrics/targets.py says what that means. Who set it on a page stands in the audit.
"""

from django.db import migrations

TABLES = ("metrics_target", "metrics_kept_target")
ADD = """
alter table {0}
    add column period text collate "C" not null default '',
    add column author text not null default '',
    add column connector_id int,
    add column removed boolean not null default false
"""
DROP = "alter table {0} drop column period, drop column author, drop column connector_id, drop column removed"
AUTHORS = """
update metrics_kept_target t set author = a.actor
from (
    select distinct on (workspace_id, target, detail->>'channel', detail->>'from')
        workspace_id, target as metric, detail->>'channel' as channel, detail->>'from' as first, actor
    from kernel_audit
    where action = 'target.set'
    order by workspace_id, target, detail->>'channel', detail->>'from', at desc
) a
where a.workspace_id = t.workspace_id and a.metric = t.metric and a.first = t.first::text
    and coalesce(a.channel, '0') = t.channel_id::text;
update metrics_target t set author = k.author
from metrics_kept_target k
where k.workspace_id = t.workspace_id and k.metric = t.metric and k.id = t.id
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0003_no_workspaces_known"), ("kernel", "0001_initial")]
    operations = [
        *(migrations.RunSQL(ADD.format(table), DROP.format(table)) for table in TABLES),
        migrations.RunSQL(AUTHORS, migrations.RunSQL.noop),
    ]
