"""Rows of profiles that own no event go: an identifier that belongs to nobody's event is no customer in lists and counts."""

from django.db import migrations

DROP = """
with gone as (delete from profiles_summary where events = 0 returning workspace_id, profile_id)
delete from profiles_gram g using gone where g.workspace_id = gone.workspace_id and g.profile_id = gone.profile_id
"""


class Migration(migrations.Migration):
    dependencies = [("profiles", "0005_one_lock")]
    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
