"""Targets that people set on a page: no inbox has them, so a rebuild must not take them away."""

from django.db import migrations

MAKE = """
create table metrics_kept_target (like metrics_target including defaults including indexes)
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, "drop table metrics_kept_target")]
