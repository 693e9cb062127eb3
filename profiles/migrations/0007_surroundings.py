"""What events say alike of their surroundings stands once a distinct value (profiles/surroundings.py), and no row of the
four largest tables holds anything twice (profiles/tables.sql): where an event's request lies, the message taken knows
(channels_taken), and so its time by its id; the message id of the earliest evidence is the event's.

The four tables are written anew, once, each beside its former self: that needs as much free disk as they take while it runs.
Events stored before keep their surroundings in their own rows; a rebuild shares them.
"""

from pathlib import Path

from django.db import migrations

from kernel.db import rows, run

PART = Path(__file__).parent.parent

# A table, its partitions and their indexes, by kind.
RELATIONS = """
with tables as (
    select %(table)s::text::regclass::oid as id
    union
    select inhrelid from pg_inherits where inhparent = %(table)s::text::regclass
)
select c.relname::text, c.relkind in ('i', 'I') from pg_class c where c.oid in (
    select id from tables union select indexrelid from pg_index where indrelid in (select id from tables)
)
"""
PARTITIONS = """
select c.relname::text, pg_get_expr(c.relpartbound, c.oid)
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'profiles_event'::regclass
order by 1
"""
# Columns that stay as they are, and those that change.
TABLES = {
    "profiles_event": {
        **dict.fromkeys(
            ("occurred_at", "received_at", "sighting_id", "workspace_id", "channel_id", "connector_id")
        ),
        **dict.fromkeys(("id", "type", "name", "touchpoint", "message_id")),
        "marks": "array_to_string(marks, ',')",
        "data": "data::text::json",
    },
    "profiles_identifier": dict.fromkeys(
        ("id", "profile_id", "first_seen", "workspace_id", "shared", "key", "kind", "namespace", "value")
    ),
    "profiles_sighting": {
        **dict.fromkeys(("id", "owner", "first_t", "workspace_id", "key", "first_e")),
        "ids": "case when cardinality(ids) > 1 then ids end",
    },
    "profiles_edge": dict.fromkeys(("a", "b", "first_t", "workspace_id", "centred", "refused", "first_e")),
}


def narrow(apps, schema_editor):
    db = schema_editor.connection
    partitions = rows(db, PARTITIONS)
    run(db, "drop view profiles_owner")
    for table in TABLES:
        for name, index in rows(db, RELATIONS, table=table):
            run(db, f"alter {'index' if index else 'table'} {name} rename to former_{name}")
    run(db, (PART / "tables.sql").read_text(encoding="utf-8"))
    for name, bounds in partitions:
        run(db, f"create table {name} partition of profiles_event {bounds}")
        run(db, f"alter table {name} alter column data set statistics 0")
    for table, columns in TABLES.items():
        cells = ", ".join(value or name for name, value in columns.items())
        run(db, f"insert into {table} ({', '.join(columns)}) select {cells} from former_{table}")  # noqa: S608
        run(db, f"drop table former_{table}")
    run(db, (PART / "keys.sql").read_text(encoding="utf-8"))
    for table in TABLES:
        if rows(db, f"select exists (select from {table})")[0][0]:  # noqa: S608  # an empty one is not known as empty
            run(db, f"analyze {table}")


class Migration(migrations.Migration):
    dependencies = [("profiles", "0006_no_event_no_customer"), ("channels", "0006_taken")]
    operations = [
        migrations.RunSQL("create sequence profiles_surrounding_id as int"),
        migrations.RunSQL(
            "create table profiles_surrounding ("
            " workspace_id int not null,"
            " id int not null,"
            " key uuid not null,"
            " data json not null,"
            " primary key (workspace_id, id),"
            " unique (workspace_id, key))"
        ),
        migrations.RunSQL("alter table profiles_surrounding alter column data set statistics 0"),
        migrations.RunPython(narrow),
    ]
