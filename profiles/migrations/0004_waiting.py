"""What reaches beyond the bounds of a batch's replay waits here for the background (profiles/identity/waiting.py).

A row is an edge that joins nobody yet; or an identifier twice, whose profile lost something: it is replayed with all that
leads out of it. No column of the edges: the tables that every batch writes stay as they are.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("profiles", "0003_spaces")]
    operations = [
        migrations.RunSQL(
            "create table profiles_waiting ("
            " workspace_id int not null,"
            " a bigint not null,"
            " b bigint not null,"
            " since timestamptz not null default now(),"
            " primary key (workspace_id, a, b))"
        ),
    ]
