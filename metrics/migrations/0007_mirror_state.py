"""Which state of the mirror's files is the present one: said by the database, with the changes that are in it forgotten.

There is none at first, so the files are made anew.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("metrics", "0006_boards")]
    operations = [
        migrations.RunSQL(
            "alter table metrics_mirror add column state uuid",
            "alter table metrics_mirror drop column state",
        )
    ]
