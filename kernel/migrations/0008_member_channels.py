"""The channels whose people a member is: none, and they are no channel's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0007_people")]
    operations = [migrations.AddField("member", "channels", models.JSONField(default=list))]
