"""Bodies that are larger than a page's: files for imports. Who may not send one is told before it is read.

Not here: reading a body (body.py), what becomes of the file (channels/imports/api.py).
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

from django.conf import settings

from cdp.serve.bridge import environ
from channels.imports.words import TooLarge

MB: Final = 1024 * 1024
PATHS: Final = frozenset(("/api/imports", "/imports"))  # of the API, of the page
PAGE: Final = "/imports"
AROUND: Final = MB  # of a form around its file
SECONDS: Final = 3_600.0  # a file of some hundred MB on a slow line
READ_ON: Final = 8 * 1024 * MB  # of one that is refused; it goes nowhere
READ_ON_SECONDS: Final = 60.0
ASKED: Final = b"limit=1"  # what an admin may look at is what an admin may add to
TOO_LARGE: Final = "too_large"  # what the page is asked to say, with the bytes
DIGITS: Final = 20  # of a length of 64 bits

Refusal = tuple[int, bytes, str, tuple[tuple[str, str], ...]]


def is_one(scope: dict[str, Any]) -> bool:
    """Whether a request brings a file."""
    return bool(scope["method"] == "POST") and scope["path"].rstrip("/") in PATHS


def limit() -> int:
    """Bytes of such a body."""
    return int(settings.IMPORT_MB) * MB + AROUND


def admit(scope: dict[str, Any], announced: str) -> None:
    """Refuses a file by the length of its body, before a byte of it is read. A page says so itself (refused)."""
    if _too_large(announced) and scope["path"].rstrip("/") != PAGE:
        raise TooLarge(int(announced[-DIGITS:]))


def _too_large(announced: str) -> bool:
    return announced.isdecimal() and int(announced[-DIGITS:]) > limit()


def refused(scope: dict[str, Any], application: Callable[..., Any], announced: str) -> Refusal | None:
    """What whoever sends this is told, with the same token or cookie, when he looks at the list; None: he may.

    Status, body, type and headers of the answer. A page is asked with how large the file is, where that is too much.
    """
    path, asked = scope["path"].rstrip("/") + "/", ASKED
    if _too_large(announced):
        asked = f"{TOO_LARGE}={int(announced[-DIGITS:])}".encode()
    headers = [
        (name, value)
        for name, value in scope["headers"]
        if name not in (b"content-type", b"content-length", b"transfer-encoding", b"accept-encoding")
    ]
    looking = scope | {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": asked}
    started: list[tuple[int, list[tuple[str, str]]]] = []

    def start(status: str, said: list[tuple[str, str]], _failed: Any = None) -> Callable[[bytes], None]:
        started.append((int(status[:3]), said))
        return lambda _piece: None

    answer = application(environ(looking | {"headers": headers}, BytesIO(), 0), start)
    try:
        body = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    status, given = started[-1]
    if status == 200:
        return None
    kind = next((value for name, value in given if name.lower() == "content-type"), "application/json")
    kept = tuple(
        (name.lower(), value)
        for name, value in given
        if name.lower() not in ("content-type", "content-length")
    )
    return status, body, kind, kept
