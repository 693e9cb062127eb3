"""The journal of erasures, outside of the database: after a backup is restored it says who was erased since.

One line of JSON an erasure, with keyed hashes alone: it tells nobody who it was, and finds the person again in the
database that the same IDENTITY_SECRET belongs to. Keep it with the backups, and newer than them.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings


def path() -> Path:
    """Where it lies."""
    return Path(settings.ERASURES)


def write(line: dict[str, Any]) -> None:
    """One more, on the disk when this returns. Twice the same is the same."""
    place = path()
    place.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, json.dumps(line, sort_keys=True).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def lines() -> Iterator[dict[str, Any]]:
    """All of them; the end of one that was cut off is no erasure."""
    if not path().exists():
        return
    for line in path().read_text(encoding="utf-8").splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found
