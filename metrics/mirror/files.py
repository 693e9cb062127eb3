"""The mirror's files: which make up its present state, and how that state is exchanged. Not here: what is in them.

`manifest.json` of a workspace names every file of it; it is swapped by a rename, so a reader sees the state before a
change or after it, and what was killed half-way is not there. A file is never changed. One that no manifest names any
more stays for GRACE, for those who still read by an earlier one.
"""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec

from metrics.mirror.tables import TABLES

NAME: Final = "manifest.json"
GRACE: Final = 600.0  # seconds: longer than any question may take
FORM: Final = 1  # of the files: another one is made anew
DAY_ONE: Final = datetime(1970, 1, 1, tzinfo=UTC)


class File(msgspec.Struct, frozen=True):
    """A Parquet file: its name within the folder, the month of its rows ("": all), how many there are."""

    name: str
    month: str
    rows: int


class Manifest(msgspec.Struct, frozen=True):
    """A state of a workspace's mirror."""

    generation: str  # which making of it; the database knows the same
    version: int = 0  # grows with every change
    applied: int = 0  # the last change that is in it
    newest: int | None = None  # microseconds since 1970: the newest event in it
    files: dict[str, list[File]] = {}
    again: list[str] = []  # orders whose lines are read again with the last of the changes that wait
    form: int = FORM

    @property
    def as_of(self) -> datetime | None:
        """The newest event in it."""
        return None if self.newest is None else DAY_ONE + timedelta(microseconds=self.newest)

    def of(self, table: str, month: str | None = None) -> list[File]:
        """The files of a table, of a month where one is named."""
        return [file for file in self.files.get(table, []) if month is None or file.month == month]

    @property
    def names(self) -> Iterator[str]:
        """All its files."""
        return (file.name for files in self.files.values() for file in files)


class Folder:
    """Where a workspace's mirror lies."""

    def __init__(self, root: Path, workspace: int) -> None:
        self.path = root / str(workspace)

    def manifest(self) -> Manifest | None:
        """The present state; None where there is none that we can read."""
        try:
            found = msgspec.json.decode((self.path / NAME).read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError):
            return None
        return found if found.form == FORM and found.files.keys() <= TABLES.keys() else None

    def swap(self, manifest: Manifest) -> None:
        """Makes this the present state, for good: written through before it takes the other's place."""
        for name in manifest.names:
            _through(self.path / name)
        draft = self.path / f"{NAME}.{uuid4().hex}"
        draft.write_bytes(msgspec.json.encode(manifest))
        _through(draft)
        draft.replace(self.path / NAME)
        _through(self.path)

    def new(self, table: str, month: str) -> Path:
        """A name for a file that is not there yet."""
        self.path.mkdir(parents=True, exist_ok=True)
        return self.path / f"{table}-{month or 'all'}-{uuid4().hex[:12]}.parquet"

    def tidy(self, keep: Iterable[str], grace: float = GRACE) -> None:
        """Removes what no state names and nobody reads any more, drafts of what was killed among it."""
        named, now = {NAME, *keep}, time.time()
        for path in self.path.iterdir() if self.path.exists() else ():
            if path.name not in named and now - path.stat().st_mtime > grace:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)


_written: set[Path] = set()  # of this process: files that are on the disk for sure


def _through(path: Path) -> None:
    """Waits until the disk has it."""
    if path in _written:
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    if path.suffix == ".parquet":
        _written.add(path)
