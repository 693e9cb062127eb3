"""Writes the mirror's files by DuckDB: rows of a build, and what changes add, replace and take away.

A table that only grows gets a small file for each change and month; EIGHT alike are made into one, so a row is written
again three or four times in its life. Of a table with a key, the months that held a replaced key are written anew.
Not here: where changes come from (sync.py), the manifest (files.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import duckdb

from metrics.mirror import touched
from metrics.mirror.files import File, Folder, Manifest
from metrics.mirror.renames import BEFORE_ALL, Renames
from metrics.mirror.selects import quoted, select_of
from metrics.mirror.tables import AGAIN, CUSTOMERS, GONE, MONTH, RENAMED, TABLES, TOUCHES, Column, Table

EIGHT: Final = 8
SMALL: Final = 4_096  # rows: all files below it are alike
SMALL_DOCUMENT: Final = (
    1 << 20
)  # bytes of a change as JSON: DuckDB takes twice the largest one's as its buffer
LASTING: Final = (
    "format parquet, compression zstd, row_group_size 122880, row_group_size_bytes '16MB'"  # sorted too
)
PASSING: Final = "format parquet, compression snappy"  # soon one of EIGHT that are made into one

# How a column of a change stands in its JSON, and how it becomes the column's own.
TOLD: Final[Mapping[str, tuple[str, str]]] = {
    "timestamp": ("bigint", "make_timestamp({0})"),
    "date": ("varchar", "{0}::date"),
    "varchar": ("varchar", "{0}"),
    "json": ("json", "{0}"),
    "bigint": ("bigint", "{0}"),
    "integer": ("integer", "{0}"),
    "boolean": ("boolean", "{0}"),
}
DECIMAL: Final = ("varchar", "try_cast({0} as {1})")  # what is beyond it is not known here


class Writer:
    """Files on their way from one state to the next. Nothing of it is seen before its manifest is."""

    def __init__(self, folder: Folder, memory_mb: int, threads: int = 1) -> None:
        self.folder, self._touched = folder, False
        folder.path.mkdir(parents=True, exist_ok=True)
        self.db = duckdb.connect()
        self.db.execute(f"set memory_limit = '{memory_mb}MB'")
        self.db.execute(f"set threads = {threads}")
        self.db.execute("set preserve_insertion_order = false")
        self.db.execute("set TimeZone = 'UTC'")
        self.db.execute(f"set temp_directory = '{quoted(folder.path / 'spill')}'")

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(duckdb.Error):
            self.db.close()

    def rows(self, text: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self.db.execute(text, values).fetchall()

    # ---- a table anew --------------------------------------------------------------------------

    def put(self, table: Table, select: str, how: str = LASTING) -> list[File]:
        """The files of the rows of a select, one for each month."""
        if not table.month:
            return self._put(table, select, "", how)
        months = [
            month for (month,) in self.rows(f"select distinct {_month(table)} from ({select}) order by 1")
        ]
        files: list[File] = []
        for month in months:
            rows = (
                select if len(months) == 1 else f"select * from ({select}) where {_month(table)} = '{month}'"
            )
            files += self._put(table, rows, month, how)
        return files

    def _put(self, table: Table, select: str, month: str, how: str = LASTING) -> list[File]:
        path = self.folder.new(table.name, month)
        columns = ", ".join(table.names)
        order = f" order by {', '.join(table.order)}" if table.order and how == LASTING else ""
        n = self.db.execute(
            f"copy (select {columns} from ({select}){order}) to '{quoted(path)}' ({how})"
        ).fetchall()[0][0]
        if not n:
            path.unlink()
            return []
        return [File(path.name, month, n, path.stat().st_size)]

    def scan(self, table: Table, files: Iterable[File]) -> str:
        """A select of the rows of files."""
        return select_of(table, self.folder.path, files)

    # ---- changes -------------------------------------------------------------------------------

    def read(self, documents: Path, touches: Sequence[bytes] = ()) -> None:
        """Takes up changes: files `<number>.json` in a folder, and touches as batches packed them."""
        self._touched = touched.load(self.db, touches)
        largest = max((path.stat().st_size for path in documents.glob("*.json")), default=0)
        if not largest:  # touches alone
            columns = ", ".join(f"{name} struct({_lists(columns)})" for name, columns in _documents().items())
            self.db.execute(f"create or replace temp table change (number bigint, {columns})")
            return
        shapes = ", ".join(f"{name}: 'struct({_lists(columns)})'" for name, columns in _documents().items())
        self.db.execute(
            "create or replace temp table change as select "
            "regexp_extract(filename, '([0-9]+)[.]json$', 1)::bigint as number, * exclude (filename) "
            f"from read_json('{quoted(documents)}/*.json', columns = {{{shapes}}}, filename = true, "
            f"format = 'unstructured', maximum_object_size = {max(largest + 1, SMALL_DOCUMENT)})"
        )

    def _changed(self, name: str, columns: tuple[Column, ...]) -> str:
        """A select of what the changes say under a name, with the number of the change."""
        made = ", ".join(f"{_made(column)} as {column.name}" for column in columns)
        lists = ", ".join(f"unnest({name}.{column.name}) as {column.name}" for column in columns)
        return f"select number, {made} from (select number, {lists} from change where {name} is not null)"

    def named(self, name: str) -> set[str]:
        """The order numbers that changes say under a name."""
        found = self.rows(f"select distinct unnest({name}.order_id) from change where {name} is not null")
        return {number for (number,) in found}

    def follow(self, manifest: Manifest, again: Mapping[str, str]) -> dict[str, list[File]]:
        """The files after the changes that were read. `again`: table -> select of all rows of orders read anew."""
        files = dict(manifest.files)
        said = self._said() | ({TOUCHES.name} if self._touched else set())
        for table in TABLES.values():
            names = {table.name, table.name + GONE, RENAMED if table == CUSTOMERS else table.name}
            if not said & names and table.name not in again:
                continue
            if table == CUSTOMERS:
                found = self._customers(manifest)
            elif table.key:
                found = self._replaced(manifest, table, again.get(table.name, ""))
            else:
                found = self._grown(manifest, table)
            files[table.name] = found
        return files

    def _said(self) -> set[str]:
        """Of what the changes say anything."""
        names = list(_documents())
        counts = self.rows(f"select {', '.join(f'count({name})' for name in names)} from change")[0]
        return {name for name, n in zip(names, counts, strict=True) if n}

    def _grown(self, manifest: Manifest, table: Table) -> list[File]:
        if table == TOUCHES:
            came = "select * from touched"
        else:
            came = "select * from came"
            self.db.execute(
                f"create or replace temp table came as {self._changed(table.name, table.columns)}"
            )
        files = [*manifest.of(table.name), *self.put(table, came, PASSING)]
        alike: dict[tuple[str, int], list[File]] = defaultdict(list)
        for file in files:
            alike[file.month, _size(file.rows)].append(file)
        for (month, _), them in alike.items():
            if len(them) >= EIGHT:
                gone = set(them)
                files = [file for file in files if file not in gone]
                files += self._put(table, self.scan(table, them), month)
        return files

    def _replaced(self, manifest: Manifest, table: Table, again: str) -> list[File]:
        """New rows in, rows of replaced keys out: by a later change, or out of the files of their months."""
        key = ", ".join(table.key)
        keys = tuple(column for column in table.columns if column.name in table.key)
        gone = self._changed(table.name + GONE, (*keys, Column(MONTH, "varchar")))
        self.db.execute(f"create or replace temp table came as {self._changed(table.name, table.columns)}")
        self.db.execute(f"create or replace temp table gone as {gone}")
        if again:
            last = "9223372036854775807::bigint"
            self.db.execute(f"insert into gone select distinct {last}, {key}, {_month(table)} from ({again})")
            self.db.execute(f"insert into came select {last}, {', '.join(table.names)} from ({again})")
        same = " and ".join(f"g.{name} = c.{name}" for name in table.key)
        live = (
            "select * exclude (number) from came c "
            f"where not exists (select 1 from gone g where {same} and g.number > c.number)"
        )
        months = {month for (month,) in self.rows(f"select distinct {MONTH} from gone")}
        files = [file for file in manifest.of(table.name) if file.month not in months]
        fresh = {month for (month,) in self.rows(f"select distinct {_month(table)} from ({live})")}
        for month in sorted(months | fresh):
            old = manifest.of(table.name, month)
            parts = [f"select * from ({live}) where {_month(table)} = '{month}'"]
            if month in months or len(old) >= EIGHT:
                files = [file for file in files if file.month != month]
                parts.append(
                    f"select c.* from ({self.scan(table, old)}) c "
                    f"where not exists (select 1 from gone g where {same} and g.{MONTH} = '{month}')"
                )
            files += self._put(table, " union all by name ".join(parts), month)
        return files

    def _customers(self, manifest: Manifest) -> list[File]:
        """Sightings with the profile they belong to now: the last that was said of them, under its last number."""
        pairs = (Column("old", "bigint"), Column("new", "bigint"))
        told = Renames(self.rows(f"{self._changed(RENAMED, pairs)} order by number"))
        self.db.execute(
            "create or replace temp table moved as select sighting, arg_max(profile, number) as profile, "
            "max(number) as since, bool_or(identified) as identified "
            f"from ({self._changed(CUSTOMERS.name, CUSTOMERS.columns)}) group by sighting"
        )
        self.db.execute("create or replace temp table renamed (profile bigint, since bigint, final bigint)")
        places = [(old, BEFORE_ALL) for old in told.olds]
        self._rename(told, places)
        self._rename(
            told,
            self.rows("select distinct m.profile, m.since from moved m semi join renamed using (profile)"),
        )
        moved = (
            "select m.sighting, coalesce(r.final, m.profile) as profile, m.identified "
            "from moved m left join renamed r on r.profile = m.profile and r.since = m.since"
        )
        files = manifest.of(CUSTOMERS.name)
        known = self.rows("select count(*) filter (identified is null) from moved")[0][0]
        if not told.olds and not known and len(files) < EIGHT:
            return [*files, *self._put(CUSTOMERS, moved, "", PASSING)]
        select = (
            "select coalesce(m.sighting, c.sighting) as sighting, "
            "coalesce(m.profile, r.final, c.profile) as profile, "
            "coalesce(c.identified, m.identified, false) as identified "
            f"from ({self.scan(CUSTOMERS, files)}) c full join ({moved}) m on m.sighting = c.sighting "
            f"left join renamed r on r.profile = c.profile and r.since = {BEFORE_ALL}"
        )
        return self._put(CUSTOMERS, select, "")

    def _rename(self, told: Renames, places: list[tuple[Any, ...]]) -> None:
        """Notes what number those have in the end who bore one when a change was done."""
        if places:
            self.db.execute(
                "insert into renamed select unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bigint[])",
                [
                    [profile for profile, _ in places],
                    [since for _, since in places],
                    [told.final(profile, since) for profile, since in places],
                ],
            )


def _documents() -> dict[str, tuple[Column, ...]]:
    """What may stand in a change: name -> columns."""
    found: dict[str, tuple[Column, ...]] = {}
    for table in TABLES.values():
        if table == TOUCHES:  # packed
            continue
        found[table.name] = table.columns
        if table.key and table.month:
            keys = tuple(column for column in table.columns if column.name in table.key)
            found[table.name + GONE] = (*keys, Column(MONTH, "varchar"))
    found[RENAMED] = (Column("old", "bigint"), Column("new", "bigint"))
    found[AGAIN] = (Column("order_id", "varchar"),)
    return found


def _lists(columns: tuple[Column, ...]) -> str:
    return ", ".join(f"{column.name} {_told(column)[0]}[]" for column in columns)


def _told(column: Column) -> tuple[str, str]:
    return DECIMAL if column.type.startswith("decimal") else TOLD[column.type]


def _made(column: Column) -> str:
    return _told(column)[1].format(column.name, column.type)


def _month(table: Table) -> str:
    return f"strftime({table.month}, '%Y-%m')"


def _size(rows: int) -> int:
    """How large a file is, in powers of EIGHT."""
    size = 0
    while rows > SMALL:
        rows //= EIGHT
        size += 1
    return size
