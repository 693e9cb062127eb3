"""Tokens say what they are for and when they were last used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_no_workspaces_known")]
    operations = [
        migrations.AddField("apitoken", "name", models.CharField(default="", max_length=80)),
        migrations.AddField("apitoken", "used_at", models.DateTimeField(null=True)),
    ]
