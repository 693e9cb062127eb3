import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_saved_view")]

    operations = [
        migrations.CreateModel(
            name="FilePart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("text", models.TextField()),
                (
                    "job",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="kernel.job"),
                ),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(fields=("job", "number"), name="kernel_file_part_once"),
                ),
            },
        ),
    ]
