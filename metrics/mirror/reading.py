"""A question to the mirror. Not here: files (files.py), the process that reads them (reader.py), the questions."""

from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def open_mirror(workspace: int) -> Iterator[Mirror]:
    """The mirror of a workspace, for one answer. Raises TryAgain where there is none yet."""
    raise TryAgain("The mirror is being built: try again in a minute.")
    yield  # what makes it a context manager
