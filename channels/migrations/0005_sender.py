"""What a request's headers say that its reading depends on (channels/sender.py): null for nearly all."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("channels", "0004_pace")]
    operations = [
        migrations.RunSQL(
            "alter table channels_inbox add column sender text",
            "alter table channels_inbox drop column sender",
        )
    ]
