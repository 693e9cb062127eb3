"""A question to the mirror. Not here: files (files.py), the process that reads them (reader.py), the questions."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from kernel.errors import TryAgain

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


def open_mirror(workspace: int) -> AbstractContextManager[Mirror]:
    """A workspace's mirror, for the questions of one answer. Raises TryAgain where it cannot be read."""
    raise TryAgain(f"The mirror of workspace {workspace} is not there yet: ask again in a minute.")
