"""What people decided is found by who it is about, and a conflict may be left for later (profiles/identity/later.py)."""

from django.db import migrations

from kernel import planner


def plain(apps, schema_editor):
    planner.plain_by_name(schema_editor.connection, "profiles_later")


class Migration(migrations.Migration):
    dependencies = [("profiles", "0009_hints")]
    operations = [
        migrations.RunSQL(
            "create index profiles_edit_a on profiles_edit (workspace_id, (a ->> 'key'))",
            "drop index profiles_edit_a",
        ),
        migrations.RunSQL(
            "create index profiles_edit_b on profiles_edit (workspace_id, (b ->> 'key'))",
            "drop index profiles_edit_b",
        ),
        migrations.RunSQL(
            "create table profiles_later ("
            " workspace_id int not null,"
            " a uuid not null,"  # keys of the two identifiers, the stronger one first: they outlive a rebuild
            " b uuid not null,"
            " until timestamptz not null,"
            " seen bigint not null,"  # events that named both when it was decided
            " at timestamptz not null,"
            " actor text not null,"
            " primary key (workspace_id, a, b))",
            "drop table profiles_later",
        ),
        migrations.RunPython(plain, migrations.RunPython.noop),
    ]
