"""The mirror's files: which make up a state, and how it is laid down. Not here: what is in them, a bucket (cache.py).

A manifest names every file of a state. Neither is ever changed: a new state is new files and a new manifest, and the
database says which one is the present (sync.sql), so a reader sees the state before a change or after it, and what was
killed half-way is not there. What an earlier state names stays for GRACE, for those who still read it.
"""

import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

import msgspec

from metrics.mirror.tables import TABLES

GRACE: Final = 600.0  # seconds: longer than any question may take
FORM: Final = 4  # of the files: another one is made anew
MANIFESTS: Final = "manifest-*.json"
DAY_ONE: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Known(NamedTuple):
    """What the database says of a workspace's files: the making they belong to, and the present state."""

    generation: str
    state: str


class File(msgspec.Struct, frozen=True):
    """A Parquet file: its name within the folder, the month of its rows ("": all), how many there are, its bytes."""

    name: str
    month: str
    rows: int
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """A state of a workspace's mirror."""

    generation: str  # which making of it
    version: int = 0  # grows with every change
    applied: int = 0  # the last change that is in it
    newest: int | None = None  # microseconds since 1970: the newest event in it
    files: dict[str, list[File]] = {}
    again: list[str] = []  # orders whose lines are read again with the last of the changes that wait
    state: str = msgspec.field(default_factory=lambda: uuid4().hex)
    place: str = ""  # the bucket where it lies; "": a folder of this machine
    left: dict[str, float] = {}  # files that only earlier states name, since when (seconds since 1970)
    form: int = FORM

    @property
    def as_of(self) -> datetime | None:
        """The newest event in it."""
        return None if self.newest is None else DAY_ONE + timedelta(microseconds=self.newest)

    def of(self, table: str, month: str | None = None) -> list[File]:
        """The files of a table, of a month where one is named."""
        return [file for file in self.files.get(table, []) if month is None or file.month == month]

    @property
    def all(self) -> Iterator[File]:
        """All its files."""
        return (file for files in self.files.values() for file in files)

    @property
    def names(self) -> Iterator[str]:
        """Their names."""
        return (file.name for file in self.all)

    @property
    def name(self) -> str:
        """Its own file's."""
        return manifest_name(self.state)

    @property
    def kept(self) -> set[str]:
        """All that must stay: its own, and what those may read who took up an earlier state."""
        return {self.name, *self.names, *self.left}

    def following(self, before: "Manifest | None", place: str, now: float) -> "Manifest":
        """The same as what comes after a state, at a place."""
        names, left = set(self.names), {}
        if before is not None:
            left = {name: since for name, since in before.left.items() if now - since <= GRACE}
            left |= {name: now for name in (before.name, *before.names) if name not in names}
        return msgspec.structs.replace(self, place=place, left=left)


def manifest_name(state: str) -> str:
    """The name of a state's manifest."""
    return MANIFESTS.replace("*", state)


class Folder:
    """Where a workspace's mirror lies."""

    place = ""

    def __init__(self, root: Path, workspace: int) -> None:
        self.path = root / str(workspace)

    # ---- reading -------------------------------------------------------------------------------

    def manifest(self, known: Known) -> Manifest | None:
        """The state that the database knows; None where it is not here, or not of a form that we can read."""
        return self.held(known.state, known.generation)

    def readable(self, known: Known) -> Manifest | None:
        """A state whose files can be read at once: the one that the database knows."""
        return self.manifest(known)

    def held(self, state: str, generation: str) -> Manifest | None:
        """A manifest of this folder."""
        try:
            body = (self.path / manifest_name(state)).read_bytes()
        except OSError:
            return None
        return self.understood(body, generation)

    def understood(self, body: bytes, generation: str) -> Manifest | None:
        """A manifest, if it is one of ours."""
        try:
            found = msgspec.json.decode(body, type=Manifest)
        except msgspec.MsgspecError:
            return None
        ours = (found.form, found.place, found.generation) == (FORM, self.place, generation)
        return found if ours and found.files.keys() <= TABLES.keys() else None

    # ---- writing -------------------------------------------------------------------------------

    def reach(self) -> None:
        """Raises TryAgain where nothing could be laid down now: it would be written in vain."""

    def fill(self, manifest: Manifest) -> bool:
        """Brings a state's files here, before they are written on from; False: some are not to be had any more."""
        return True

    def keep(self, manifest: Manifest, before: Manifest | None) -> None:
        """Lays a state down for good, beside the one before it: written through before anybody is told."""
        for name in manifest.names:
            _through(self.path / name)
        self.lay(manifest.name, msgspec.json.encode(manifest))
        _through(self.path)

    def lay(self, name: str, body: bytes) -> None:
        """A whole file, or none."""
        self.path.mkdir(parents=True, exist_ok=True)
        draft = self.path / f"{name}.{uuid4().hex}"
        draft.write_bytes(body)
        _through(draft)
        draft.replace(self.path / name)

    def new(self, table: str, month: str) -> Path:
        """A name for a file that is not there yet."""
        self.path.mkdir(parents=True, exist_ok=True)
        return self.path / f"{table}-{month or 'all'}-{uuid4().hex[:12]}.parquet"

    def tidy(self, manifest: Manifest) -> None:
        """Removes what no state names and nobody reads any more, drafts of what was killed among it."""
        kept, now = manifest.kept, time.time()
        for path in self.path.iterdir() if self.path.exists() else ():
            if path.name not in kept and now - path.stat().st_mtime > GRACE:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

    def only(self, manifest: Manifest) -> None:
        """Removes all but a state's own files, whoever may still read others."""
        kept = {manifest.name, *manifest.names}
        for path in self.path.iterdir() if self.path.exists() else ():
            if path.name not in kept:
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
