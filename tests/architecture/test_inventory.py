"""No table with a text is forgotten where a person is erased: each stands in the inventory with what is done there."""

from django.db import connection

from cdp.pipeline.privacy import inventory
from channels import erase as channels
from kernel import erase as kernel
from kernel.db import rows
from metrics import erase as metrics
from profiles import erase as profiles

WITH_TEXT = """
select c.relname::text
from pg_class c
join pg_attribute a on a.attrelid = c.oid
join pg_type t on t.oid = a.atttypid
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and a.attnum > 0 and not a.attisdropped
    and t.typname in ('text', 'varchar', 'bpchar', 'json', 'jsonb', 'bytea', '_text', '_varchar', '_json', '_jsonb')
group by c.relname
"""
COLUMNS = """
select table_name || '.' || column_name from information_schema.columns where table_schema = current_schema()
"""


def test_every_table_with_a_text_is_in_the_inventory(db: None) -> None:
    there = {name for (name,) in rows(connection, WITH_TEXT)}
    forgotten = sorted(there - inventory.TABLES.keys())
    assert not forgotten, (
        f"{forgotten}: a line in cdp/pipeline/privacy/inventory.py, and what goes in its part's erase.py"
    )
    assert len(there) > 60


def test_the_inventory_names_what_is_there(db: None) -> None:
    tables = {
        name for (name,) in rows(connection, "select relname::text from pg_class where relkind in ('r', 'p')")
    }
    assert sorted(inventory.TABLES.keys() - tables) == []


def test_what_is_swept_is_there_and_listed(db: None) -> None:
    columns = {name for (name,) in rows(connection, COLUMNS)}
    swept = [
        channels.SWEPT,
        profiles.SWEPT,
        kernel.SWEPT,
        metrics.SWEPT,
        metrics.BY_ORDER,
        metrics.BY_SIGHTING,
    ]
    for part in swept:
        for table, names in part.items():
            assert inventory.TABLES[table] != inventory.NOBODY, table
            for name in names:
                assert f"{table}.{name}" in columns
