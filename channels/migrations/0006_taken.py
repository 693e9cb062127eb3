"""Less for every message ever taken: a narrow workspace, and a key without it. What others may read of them: where an
event lies.
"""

from pathlib import Path

from django.db import migrations

# An id is the hash of its connector and messageId, so it is one workspace's alone.
NARROW = """
alter table channels_seen
    alter column workspace_id type int,
    drop constraint channels_seen_pkey,
    add primary key (id)
"""
TAKEN = Path(__file__).resolve().parent.parent / "taken.sql"


class Migration(migrations.Migration):
    dependencies = [("channels", "0005_sender")]
    operations = [
        migrations.RunSQL(NARROW),
        migrations.RunSQL(TAKEN.read_text(encoding="utf-8"), "drop view channels_taken"),
    ]
