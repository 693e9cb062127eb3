"""How often a connector may send: a token bucket each, a second deep, shared by the web processes of this machine.

The buckets lie in a small file that every process maps, one at a time under its lock: two processes count as one.
Several machines count each for itself. Not here: who sets a limit
(console/channel/channel.py), the answer 429 (receive.py).
"""

import fcntl
import logging
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final, Protocol
from uuid import UUID

logger = logging.getLogger("huiliu.receive")

SLOT: Final = struct.Struct(
    "<qdd"
)  # half of the connector's uuid, level, at (seconds since the machine started)
SLOTS: Final = 4096
TRIED: Final = (
    8  # slots of one connector; then the last of them is taken from its owner, who gets a full bucket
)
TINY: Final = 1e-9  # what sums of fractions lack
LOCK_TRIES: Final = (
    50  # of a microsecond; then whoever holds it wants the core: it is given away between tries
)
LOCK_SECONDS: Final = 0.05  # a process stopped inside holds nobody up for longer; what it counted may be lost
CLOSED_SECONDS: Final = 60.0  # a limit of nothing: come back later


class Limited(Protocol):
    """A connector that may have a limit."""

    @property
    def uuid(self) -> UUID:
        """Whose bucket it is."""

    @property
    def rate_limit(self) -> int | None:
        """Requests a second; None: as many as it likes."""


class Buckets:
    """`wait` says how long; without a file (or when it cannot be had) this process counts for itself."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = -1
        self._map: mmap.mmap | bytearray = bytearray(SLOTS * SLOT.size)
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            os.ftruncate(self._file, SLOTS * SLOT.size)
            self._map = mmap.mmap(self._file, SLOTS * SLOT.size)
        except OSError as trouble:
            logger.warning("each web process counts requests for itself: %s", trouble)

    def wait(self, source: Limited, now: float) -> float:
        """0 when the request may go on, else the seconds until the next one may."""
        rate = source.rate_limit
        if rate is None:
            return 0.0
        if rate <= 0:
            return CLOSED_SECONDS
        with self._alone():
            mine = source.uuid.int >> 65
            place = self._place(mine)
            owner, level, at = SLOT.unpack_from(self._map, place)
            if owner != mine or now < at:
                level, at = float(rate), now  # a new one, or of a machine that was started anew
            level = min(float(rate), level + (now - at) * rate)
            passed = level >= 1 - TINY
            SLOT.pack_into(self._map, place, mine, level - passed, now)
        return 0.0 if passed else (1 - level) / rate

    def _place(self, mine: int) -> int:
        """Where a connector's bucket lies, or shall lie."""
        place = 0
        for turn in range(TRIED):
            place = (mine + turn) % SLOTS * SLOT.size
            found = SLOT.unpack_from(self._map, place)[0]
            if found in (0, mine):
                break
        return place

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process counts meanwhile. The kernel opens the lock of one that is killed."""
        if self._file < 0:
            yield
            return
        tries, until = 0, 0.0
        while True:
            with suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            tries += 1
            if tries >= LOCK_TRIES:
                until = until or monotonic() + LOCK_SECONDS
                if monotonic() > until:
                    break
                os.sched_yield()
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
