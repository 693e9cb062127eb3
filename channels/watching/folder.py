"""A folder of this machine, below the one that the operator allows, in the workspace's own folder there.

Every step down is taken from the folder before it and never over a link: no name leads out, whoever changes what
meanwhile. Not here: what is done with a file (look.py).
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from typing import Final, NamedTuple
from uuid import uuid4

from django.conf import settings

from channels.watching.words import Changed, Unwatched

PIECE: Final = 1024 * 1024
MOST: Final = 100_000  # files that are looked at
DONE: Final = "done"
MOVED, DELETED = "moved", "deleted"
_DOWN: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe in its place holds nobody


class File(NamedTuple):
    """A file as it was found. `mark`: another one, when somebody has written to it; `at`: epoch seconds."""

    path: str
    size: int
    mark: str
    at: float
    wrong: str = ""  # of words.SAID: it is not to be read


class Folder:
    """Its files. Raises Unwatched."""

    atomic: Final = False  # a file may be half-written

    def __init__(self, line: int, path: str) -> None:
        self._line, self.path = line, path

    def list(self, pattern: str) -> tuple[list[File], bool]:
        """What matches, without hidden files; whether there is more than is looked at."""
        found = []
        try:
            with os.scandir(self._line) as entries:
                for entry in entries:
                    if _plain(entry.name) and fnmatchcase(entry.name, pattern):
                        found.append(_file(entry.name, entry.stat(follow_symlinks=False)))
                    if len(found) > MOST:
                        return found[:MOST], True
        except OSError as why:
            raise Unwatched("folder_says", why=_reason(why)) from None
        return [one for one in found if one.wrong != DONE], False

    def pieces(self, file: File) -> Iterator[bytes]:
        """Its bytes; raises Changed when they are no longer those that were looked at."""
        try:
            line = os.open(file.path, _READ, dir_fd=self._line)
        except OSError as why:
            raise Unwatched("not_read", why=_reason(why)) from None
        with os.fdopen(line, "rb", buffering=0) as opened:
            self._must_be(file, os.fstat(line))
            while piece := opened.read(PIECE):
                yield piece
            self._must_be(file, os.fstat(line))

    def clear(self, file: File, how: str) -> None:
        """Moves it into done/, or deletes it; one that took its place meanwhile stays. Raises Changed."""
        try:
            with suppress(FileExistsError):
                os.mkdir(DONE, dir_fd=self._line)
            with _opened(DONE, self._line) as done:
                self._move(file, done, how)
            if how == DELETED:
                with suppress(OSError):  # others lie there
                    os.rmdir(DONE, dir_fd=self._line)
        except OSError as why:
            raise Unwatched("not_cleared", why=_reason(why)) from None

    def _move(self, file: File, done: int, how: str) -> None:
        self._must_be(file, os.stat(file.path, dir_fd=self._line, follow_symlinks=False))
        to = _free(file.path, done)
        os.rename(file.path, to, src_dir_fd=self._line, dst_dir_fd=done)
        moved = os.stat(to, dir_fd=done, follow_symlinks=False)
        if _mark(moved) != file.mark:  # replaced in this very instant
            os.rename(to, file.path, src_dir_fd=done, dst_dir_fd=self._line)
            raise Changed
        if how == DELETED:
            os.unlink(to, dir_fd=done)

    @staticmethod
    def _must_be(file: File, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode) or _mark(found) != file.mark:
            raise Changed


def _file(name: str, found: os.stat_result) -> File:
    wrong = "" if stat.S_ISREG(found.st_mode) else DONE if stat.S_ISDIR(found.st_mode) else "link"
    return File(name, found.st_size, _mark(found), found.st_mtime, wrong)


def _mark(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}"


def _plain(name: str) -> bool:
    """A name that can be kept; hidden files are somebody's half-written ones."""
    return not name.startswith(".") and name.isprintable()


def _free(name: str, folder: int) -> str:
    """A name that nobody has there."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return name
    stem, dot, end = name.rpartition(".")
    mine = uuid4().hex[:8]
    return f"{stem}-{mine}{dot}{end}" if stem else f"{name}-{mine}"


def _reason(why: OSError) -> str:
    return os.strerror(why.errno) if why.errno else type(why).__name__


@contextmanager
def opened(workspace: str, path: str) -> Iterator[Folder]:
    """The folder of a workspace by its path there."""
    if not settings.WATCH_DIR:
        raise Unwatched("no_folders")
    parts = [part for part in path.split("/") if part]
    if (
        path.startswith("/")
        or not parts
        or any(part in {".", ".."} or not part.isprintable() for part in parts)
    ):
        raise Unwatched("bad_path", path=path)
    try:
        line = os.open(settings.WATCH_DIR, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in (workspace, *parts):
            line = _further(part, line)
    except OSError:
        raise Unwatched("no_folder", path="/".join((workspace, *parts))) from None
    try:
        yield Folder(line, path)
    finally:
        os.close(line)


def _further(part: str, line: int) -> int:
    try:
        return os.open(part, _DOWN, dir_fd=line)
    finally:
        os.close(line)


@contextmanager
def _opened(name: str, line: int) -> Iterator[int]:
    found = os.open(name, _DOWN, dir_fd=line)
    try:
        yield found
    finally:
        os.close(found)
