"""Rows that follow from others: read what is there, write only the difference. Not here: what the rows mean.

A table is declared once (name, row form, key, SQL types) and its statements are made from that; the names come from our
code alone. Rows are written in key order, so that two workers never wait for each other in a circle.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from kernel.db import Connection, PreparedStatement, array, copy, rows, run

Key = tuple[Any, ...]
Row = Any  # a NamedTuple of the table's form


class Table:
    """A table whose rows are `form`s; its columns are the form's fields, its key the first `keys` names given."""

    def __init__(self, name: str, form: Any, keys: tuple[str, ...], types: Mapping[str, str]) -> None:
        self.name, self.form, self.keys, self.types = name, form, keys, dict(types)
        self.columns: tuple[str, ...] = form._fields
        self._places = [self.columns.index(key) for key in keys]
        assert set(self.types) == set(self.columns), name  # noqa: S101 (a declaration of ours, checked at import)

    def key(self, row: Row) -> Key:
        """What a row is found by."""
        return tuple([row[place] for place in self._places])

    def keyed(self, found: Iterable[Row]) -> dict[Key, Row]:
        """Rows by their key."""
        return {self.key(row): row for row in found}

    @cached_property
    def update(self) -> PreparedStatement:
        """Writes rows over those with the same key."""
        rest = ", ".join(f"{column} = d.{column}" for column in self.columns if column not in self.keys)
        return self._kept("update", f"update {self.name} x set {rest} from {self._found(self.columns)}")  # noqa: S608

    @cached_property
    def delete(self) -> PreparedStatement:
        """Takes rows away by their key."""
        return self._kept("delete", f"delete from {self.name} x using {self._found(self.keys)}")  # noqa: S608

    def _found(self, columns: tuple[str, ...]) -> str:
        """The rows `x` of given keys, each looked up by its key, then by where it lies.

        A plain join is the planner's to turn round: of a table it takes for small it reads all that a workspace has
        there, for every batch. Nobody else moves a row between the two steps: its key is locked.
        """
        return (
            f"(select d.*, found.row_at from {self._unnest(columns)} cross join lateral ("  # noqa: S608
            f"select x.ctid as row_at from {self.name} x "
            f"where x.workspace_id = %(workspace)s::int and {self._same(self.keys)} offset 0) found) d "
            "where x.ctid = d.row_at"
        )

    def select(self, by: tuple[str, ...]) -> str:
        """Yields the rows that have one of the given values in the columns `by`."""
        return (
            f"select {', '.join('x.' + column for column in self.columns)} "  # noqa: S608
            f"from {self._unnest(by)} cross join lateral (select * from {self.name} x "
            f"where x.workspace_id = %(workspace)s::int and {self._same(by)} offset 0) x"
        )

    def _kept(self, name: str, text: str) -> PreparedStatement:
        """One that goes by key, row by row: planned for a long list it would read the whole workspace."""
        return PreparedStatement(f"facts_{self.name}_{name}", text)

    def _same(self, columns: tuple[str, ...]) -> str:
        return " and ".join(f"x.{column} = d.{column}" for column in columns)

    def _unnest(self, columns: tuple[str, ...]) -> str:
        arrays = ", ".join(f"%({column})s::{self.types[column]}[]" for column in columns)
        return f"unnest({arrays}) as d({', '.join(columns)})"


def load(
    db: Connection, workspace: int, table: Table, by: tuple[str, ...], wanted: Collection[Key]
) -> dict[Key, Row]:
    """The rows with one of the wanted values in the columns `by`, by their key."""
    if not wanted:
        return {}
    found = rows(db, table.select(by), workspace=workspace, **_arrays(by, sorted(wanted)))
    return table.keyed(map(table.form._make, found))


def write(
    db: Connection, workspace: int, table: Table, before: Mapping[Key, Row], after: Mapping[Key, Row]
) -> None:
    """Makes the rows `before` into the rows `after`. Their keys are locked, so what is not in `before` is not there."""
    gone = sorted(before.keys() - after.keys())
    new = sorted(after.keys() - before.keys())
    changed = sorted(key for key in before.keys() & after.keys() if before[key] != after[key])
    if gone:
        run(db, table.delete, workspace=workspace, **_arrays(table.keys, gone))
    if changed:
        lines = [after[key] for key in changed]
        run(db, table.update, workspace=workspace, **_arrays(table.columns, lines))
    copy(db, table.name, ("workspace_id", *table.columns), [(workspace, *after[key]) for key in new])


def _arrays(columns: tuple[str, ...], lines: Iterable[Key]) -> dict[str, str]:
    return {column: array(values) for column, values in zip(columns, zip(*lines, strict=True), strict=True)}
