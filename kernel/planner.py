"""What PostgreSQL's planner is to know of workspaces: nothing.

ANALYZE keeps the complete list of the workspaces a table holds. Of any other, the new one above all, the planner then
expects a single row, joins by the workspace alone, and its work grows with the square of what that workspace holds.
Without a list of them every workspace looks the same, the first and the hundredth: `workspace_id` is not looked at, and
where PostgreSQL takes our word (from 18 on) it is told that a table holds a handful. Else it supposes 200, and believes
that a workspace in a small table is a row or two, so that any index that begins with it will do.

A table with a workspace gets `without_workspaces` in a migration; one that is made while we run gets `plain`.
Sizes it knows when it plans. A plan that a session keeps was right for the sizes of its time: `afresh` sees to it.
Not here: the shapes of statements, which must not need statistics to begin with (the `.sql` files).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

from kernel.db import Connection, rows, run

WORKSPACES = 10  # that the planner supposes in each table
CLEARING_FROM = 180_000  # the version that lets an owner clear statistics, and write them
_UNSEEN = "alter table {table} alter column workspace_id set statistics 0"

# The tables of a part with a workspace: partitions with the table they belong to.
_TABLES = """
select c.oid::bigint, c.oid::regclass::text
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and a.attname = 'workspace_id' and not a.attisdropped and c.relname like %(part)s::text || '\\_%%'
order by c.relname
"""
# A table and its partitions: schema, name, whether it has partitions of its own, whether it was ever analysed.
_TREE = """
select n.nspname::text, c.relname::text, c.relkind = 'p', c.oid::regclass::text, c.reltuples > 0
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.oid = %(table)s::bigint::oid
    or c.oid in (select relid from pg_partition_tree(%(table)s::bigint::oid::regclass))
order by c.relname
"""
_KNOWN = """
select exists (
    select from pg_stats s
    where s.schemaname = %(schema)s::text and s.tablename = %(name)s::text and s.attname = 'workspace_id'
)
"""
_CLEAR = """
select pg_clear_attribute_stats(%(schema)s::text, %(name)s::text, 'workspace_id', %(inherited)s::boolean)
"""
_TELL = """
select pg_restore_attribute_stats(
    'schemaname', %(schema)s::text, 'relname', %(name)s::text, 'attname', 'workspace_id'::text, 'inherited', false,
    'null_frac', 0::real, 'avg_width', 8, 'n_distinct', %(workspaces)s::real
)
"""
_DELETE = """
delete from pg_statistic s using pg_class c join pg_namespace n on n.oid = c.relnamespace, pg_attribute a
where n.nspname = %(schema)s::text and c.relname = %(name)s::text and s.starelid = c.oid
    and a.attrelid = c.oid and a.attname = 'workspace_id' and s.staattnum = a.attnum
"""
# Before 18 an owner has no other way: a column that gets a type, be it its own, loses what was known of it. Nothing is
# written anew; views stand in the way meanwhile. It may fail (a lock, a foreign view): then the old list stays a while.
_RETYPE = """
do $$
declare
    kind text := (select format_type(atttypid, atttypmod) from pg_attribute
                  where attrelid = '{table}'::regclass and attname = 'workspace_id');
    view record;
    made text[] := '{{}}';
    again text;
begin
    perform set_config('lock_timeout', '5s', true);
    for view in
        select distinct r.ev_class::regclass::text as name, pg_get_viewdef(r.ev_class) as text
        from pg_depend d join pg_rewrite r on r.oid = d.objid
        where d.classid = 'pg_rewrite'::regclass and d.refobjid = '{table}'::regclass and d.deptype = 'n'
    loop
        made := made || format('create view %%s as %%s', view.name, view.text);
        execute format('drop view %%s', view.name);
    end loop;
    execute format('alter table {table} alter column workspace_id type %%s', kind);
    foreach again in array made loop
        execute again;
    end loop;
    perform set_config('lock_timeout', '0', true);
exception when others then
    raise notice 'what is known of the workspaces of {table} stays for now: %%', sqlerrm;
end $$
"""


SMALL_BYTES = 256 * 1024  # of a table: some thousand rows, of which any way of reading is good
MANY = 200  # messages: more of them change what is small
LOOK_SECONDS = 5.0  # between looks for the sake of a few messages
_SIZES = "select array(select pg_relation_size(c::regclass) from unnest(%(tables)s::text[]) as c)"


class _Seen:
    """What a session's kept plans were made for."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.at = float("-inf")

    def outgrown(self, sizes: list[int], messages: int) -> bool:
        """Whether a table has doubled, or is small and grows."""
        if not self.sizes:
            return True
        pairs = list(zip(self.sizes, sizes, strict=True))
        small = messages >= MANY and any(size < SMALL_BYTES and size != before for before, size in pairs)
        return small or any(size > 2 * before for before, size in pairs)


_seen: "WeakKeyDictionary[Any, _Seen]" = WeakKeyDictionary()


@contextmanager
def by_index(db: Connection) -> Iterator[None]:
    """For who works by key alone: no table is read whole because it was small when a plan was made."""
    run(db, "set enable_seqscan = off")
    try:
        yield
    finally:
        with suppress(
            Exception
        ):  # a session that broke has nothing to give back, and its error is the one to hear
            run(db, "reset enable_seqscan")


def afresh(db: Connection, tables: str, messages: int) -> None:
    """Plans kept for tables that were small are made anew: of a few rows all are read, and soon they are many."""
    session = getattr(db, "connection", None) or db  # Django's wrapper holds the session, and may change it
    seen = _seen.setdefault(session, _Seen())
    now = time.monotonic()
    if messages < MANY and now < seen.at + LOOK_SECONDS:
        return
    sizes = rows(db, _SIZES, tables=tables)[0][0]
    seen.at = now
    if seen.outgrown(sizes, messages):
        run(db, "discard plans")
        seen.sizes = sizes


def without_workspaces(db: Connection, part: str) -> None:
    """The planner forgets the workspaces of a part's tables and learns none again. For migrations; it never fails."""
    for oid, table in rows(db, _TABLES, part=part):
        for *_names, parent, quoted, counted in plain(db, oid, table):
            if (
                counted and not parent
            ):  # an empty table stays unknown: what is known to be empty is read whole
                run(db, f"analyze {quoted}")


def plain(db: Connection, oid: int, table: str) -> list[tuple[Any, ...]]:
    """One table and its partitions, as they are in `_TREE`: nothing is known of their workspaces from now on."""
    tree = rows(db, _TREE, table=oid)
    for schema, name, parent, _quoted, _counted in tree:
        if rows(db, _KNOWN, schema=schema, name=name)[0][0]:
            _forget(db, table, schema, name, parent)
    run(db, _UNSEEN.format(table=table))
    if _version(db) >= CLEARING_FROM:
        for schema, name, *_rest in tree:
            rows(db, _TELL, schema=schema, name=name, workspaces=WORKSPACES)
    return tree


def plain_by_name(db: Connection, table: str) -> None:
    """A table that was just made."""
    plain(db, rows(db, "select %(table)s::regclass::oid::bigint", table=table)[0][0], table)


def _version(db: Connection) -> int:
    return int(rows(db, "select current_setting('server_version_num')::int")[0][0])


def _forget(db: Connection, table: str, schema: str, name: str, parent: bool) -> None:
    """By the first way that this server and this user have."""
    if _version(db) >= CLEARING_FROM:
        for inherited in (False, True) if parent else (False,):
            rows(db, _CLEAR, schema=schema, name=name, inherited=inherited)
    elif rows(db, "select current_setting('is_superuser')::boolean")[0][0]:
        run(db, _DELETE, schema=schema, name=name)
    else:
        run(db, _RETYPE.format(table=table))
