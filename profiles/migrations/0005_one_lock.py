"""A workspace's identity is held as a whole (identity/locks.py): no row a person to lock."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("profiles", "0004_waiting")]
    operations = [migrations.RunSQL("drop table profiles_profile")]
