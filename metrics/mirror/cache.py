"""The mirror in a bucket, with a folder of this machine before it: what a reader or writer lacks is fetched once.

Nothing in the bucket is ever changed. A writer puts new files, then the manifest that names them, and only then the
database is told (sync.py): it alone says which state is the present one, so a reader asks the bucket for nothing but
what is new to it, and a put that arrives late, twice or never harms nobody. When the bucket does not answer, a reader
reads the newest state that lies here whole. Not here: requests (bucket.py), one fetch at a time (fetching.py).
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from django.conf import settings

from metrics.mirror import bucket, fetching
from metrics.mirror.files import GRACE, MANIFESTS, File, Folder, Known, Manifest, manifest_name

logger = logging.getLogger("huiliu.mirror")
T = TypeVar("T")

AT_ONCE: Final = 4  # files on their way side by side
WAIT_SECONDS: Final = 1.0  # for the newest state; then an earlier one is read, if there is one
WAIT_LONGER: Final = 4.0  # seconds more for one who has nothing; then he is told to try again
_listed: dict[Path, float] = {}  # of this process: when the bucket was looked through


class Cache(Folder):
    """A workspace's files in the bucket that the settings name, and those of them that lie here."""

    def __init__(self, root: Path, workspace: int) -> None:
        super().__init__(root, workspace)
        self.place = settings.MIRROR_URL
        self._bucket, self._prefix = bucket.ours(), f"{workspace}/"

    # ---- reading -------------------------------------------------------------------------------

    def manifest(self, known: Known) -> Manifest | None:
        """From here, else out of the bucket. Raises Unreachable."""
        found = self.held(known.state, known.generation)
        if found is None:
            name = manifest_name(known.state)
            body = self._bucket.read(self._prefix + name)
            found = None if body is None else self.understood(body, known.generation)
            if found is not None and body is not None:
                self.lay(name, body)
        return found

    def readable(self, known: Known) -> Manifest | None:
        """The state that the database knows, where it is here or comes in time; else the newest that is here whole."""
        found = self.whole(known.state, known.generation)
        if found is None:
            coming = fetching.begin(self.path, lambda: self._fetched(known))
            for seconds in (WAIT_SECONDS, WAIT_LONGER):
                with suppress(Late):
                    found = coming.result(seconds)
                if found is None:
                    found = self._newest(known.generation)
                if found is not None or coming.done():
                    break
        if found is not None:
            with suppress(OSError):
                os.utime(self.path / found.name)  # in use: see _sweep
        return found

    def whole(self, state: str, generation: str) -> Manifest | None:
        """A state that lies here with all its files."""
        found = self.held(state, generation)
        return found if found is not None and not self._missing(found) else None

    def _newest(self, generation: str) -> Manifest | None:
        """The newest state of a making that lies here whole."""
        prefix, suffix = MANIFESTS.split("*")
        states = (path.name[len(prefix) : -len(suffix)] for path in self.path.glob(MANIFESTS))
        held = [one for one in (self.held(state, generation) for state in states) if one is not None]
        held.sort(key=lambda one: one.version, reverse=True)
        return next((one for one in held if not self._missing(one)), None)

    def _fetched(self, known: Known) -> Manifest | None:
        manifest = self.manifest(known)
        if manifest is None or not self.fill(manifest):
            raise bucket.Unreachable(
                f"The mirror's bucket lacks what belongs to {self.path.name}/{manifest_name(known.state)}: "
                "manage.py mirror --rebuild makes it anew."
            )
        self._sweep(manifest)
        return manifest

    # ---- writing -------------------------------------------------------------------------------

    def fill(self, manifest: Manifest) -> bool:
        """Fetches what is not here. Raises Unreachable."""
        missing = self._missing(manifest)
        if missing:
            self.path.mkdir(parents=True, exist_ok=True)
        return all(_beside(self._fetch, missing))

    def reach(self) -> None:
        """Asks the bucket for what is not there. Raises Unreachable."""
        self._bucket.read(f"{self._prefix}reached")

    def keep(self, manifest: Manifest, before: Manifest | None) -> None:
        """New files first, then the manifest; here as there. What cannot be put is not kept here either."""
        there = set() if before is None else set(before.names)
        new = [name for name in manifest.names if name not in there]
        try:
            _beside(self._put, new)
            self._bucket.put(self._prefix + manifest.name, msgspec.json.encode(manifest))
        except bucket.Unreachable:
            for name in new:
                (self.path / name).unlink(missing_ok=True)
            raise
        super().keep(manifest, before)

    def tidy(self, manifest: Manifest) -> None:
        """Here at once; in the bucket each GRACE, and what a state names and is not there is put again."""
        super().tidy(manifest)
        now = time.time()
        if now - _listed.get(self.path, 0.0) < GRACE:
            return
        try:
            found = {one.name.removeprefix(self._prefix): one for one in self._bucket.list(self._prefix)}
            kept = manifest.kept
            old = [name for name, one in found.items() if name not in kept and now - one.modified > GRACE]
            self._bucket.remove(self._prefix + name for name in old)
            _beside(self._put, [name for name in manifest.names if name not in found])
            _listed[self.path] = now
        except bucket.Unreachable as trouble:
            logger.warning("%s Files that nobody reads any more stay there until it is tried again.", trouble)

    def only(self, manifest: Manifest) -> None:
        """Here and in the bucket. Raises Unreachable."""
        super().only(manifest)
        kept = {manifest.name, *manifest.names}
        found = [one.name.removeprefix(self._prefix) for one in self._bucket.list(self._prefix)]
        self._bucket.remove(self._prefix + name for name in found if name not in kept)

    # ---- helpers -------------------------------------------------------------------------------

    def _missing(self, manifest: Manifest) -> list[File]:
        return [file for file in manifest.all if _size(self.path / file.name) != file.size]

    def _fetch(self, file: File) -> bool:
        return self._bucket.fetch(self._prefix + file.name, file.size, self.path / file.name)

    def _put(self, name: str) -> None:
        self._bucket.put(self._prefix + name, self.path / name)

    def _sweep(self, present: Manifest) -> None:
        """Removes files of states that nobody here has read for GRACE. Of what no manifest here names nothing is known:
        a writer beside us may be at it, and tidies by itself."""
        kept, gone, now = present.kept, list[Path](), time.time()
        for path in self.path.glob(MANIFESTS):
            with suppress(OSError):
                if path.name != present.name and now - path.stat().st_mtime > GRACE:
                    gone.append(path)
                else:
                    kept |= _named(path)
        for path in gone:
            for name in _named(path) - kept:
                (self.path / name).unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        for draft in self.path.glob(bucket.DRAFTS):
            with suppress(OSError):
                if now - draft.stat().st_mtime > GRACE:
                    draft.unlink()


def _named(path: Path) -> set[str]:
    """The files of a manifest of whatever form."""
    with suppress(OSError, msgspec.MsgspecError):
        return set(msgspec.json.decode(path.read_bytes(), type=Manifest).names)
    return set()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _beside(work: Callable[[T], object], those: Iterable[T]) -> list[object]:
    """Does a work for each, some side by side, by threads that hold up no process that ends. Raises what one raised."""
    waiting, done, wrong = deque(those), list[object](), list[Exception]()

    def some() -> None:
        while not wrong:
            try:
                done.append(work(waiting.popleft()))
            except IndexError:
                return
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=some, daemon=True) for _ in range(min(AT_ONCE, len(waiting)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    return done
