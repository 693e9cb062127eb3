"""What a process fetches for its readers: one fetch at a time for a folder, and no haste after a failure."""

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Final

from kernel.errors import TryAgain
from metrics.mirror.files import Manifest

logger = logging.getLogger("huiliu.mirror")

Fetched = Manifest | None
PAUSE_SECONDS: Final = 3.0  # after a failure, before it is tried again
_lock = threading.Lock()
_under_way: dict[tuple[int, Path], Future[Fetched]] = {}  # by the process that asks: a fork has its own
_failed: dict[tuple[int, Path], float] = {}


def begin(folder: Path, work: Callable[[], Fetched]) -> Future[Fetched]:
    """What comes of a fetch into a folder: of the one under way, else of a new one."""
    key = (os.getpid(), folder)
    with _lock:
        coming = _under_way.get(key)
        if coming is None:
            coming = _under_way[key] = Future()
            if time.monotonic() - _failed.get(key, -PAUSE_SECONDS) < PAUSE_SECONDS:
                del _under_way[key]
                coming.set_result(None)
            else:
                threading.Thread(target=_fetch, args=(key, work, coming), name="fetch", daemon=True).start()
    return coming


def _fetch(key: tuple[int, Path], work: Callable[[], Fetched], coming: Future[Fetched]) -> None:
    found: Fetched = None
    try:
        found = work()
    except TryAgain as trouble:
        logger.warning("%s The mirror is read as it lies here.", trouble)
    except Exception:
        logger.exception("the mirror's files could not be fetched")
    with _lock:
        del _under_way[key]
        if found is None:
            _failed[key] = time.monotonic()
        else:
            _failed.pop(key, None)
    coming.set_result(found)
