"""Tokens that may read one thing alone: what stands in their scope."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0008_member_channels")]
    operations = [migrations.AddField("apitoken", "scope", models.CharField(max_length=20, default=""))]
