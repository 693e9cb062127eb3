"""A question to the mirror. Not here: files (files.py), the process that reads them (reader.py), the questions."""

from datetime import datetime
from typing import Any, Protocol

Rows = list[tuple[Any, ...]]


class Mirror(Protocol):
    """One workspace's mirror, open for the questions of one answer: all see the same state."""

    @property
    def as_of(self) -> datetime | None:
        """The newest event that is in it, aware and in UTC; None: nothing is."""

    def rows(self, sql: str, **values: Any) -> Rows:
        """The rows of a SELECT of DuckDB over the tables and views of tables.py; `$name` stands for a value.

        Times go in and come out naive, in UTC. Raises TryAgain for what takes too long.
        """
