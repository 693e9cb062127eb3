"""An S3-compatible bucket: objects put, fetched, listed and removed, each within a bounded time.

Nothing of it is loaded where the mirror lies in a folder. What goes wrong is said in our words: a server's answer may
repeat what was sent to it, keys among it. Not here: what the objects are (cache.py).
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import obstore
from django.conf import settings
from obstore.exceptions import BaseError
from obstore.store import S3Store

from kernel.errors import TryAgain

CONNECT_SECONDS: Final = 3
REQUEST_SECONDS: Final = 20  # one request, with what it carries: a PART at most
RETRIES: Final = 2
RETRY_SECONDS: Final = 30  # no retry is begun later than this
PART: Final = 8 << 20  # bytes of a file in one request: 3 Mbit/s carry them in time
PARTS_AT_ONCE: Final = 2
DRAFTS: Final = "*.parquet.*"  # files that are on their way here
STATUS: Final = re.compile(r"status code: (\d{3}[A-Za-z ]*)")
CODE: Final = re.compile(r"<Code>(\w{1,60})</Code>")
NO_BUCKET: Final = "NoSuchBucket"
SHORTER: Final = "416"  # an object ends before the part that was asked for


class Unreachable(TryAgain):
    """The bucket does not answer, or not as it should; the text says how, and never with what key it was asked."""


class Object(NamedTuple):
    """Of a listing: name, and age in seconds since 1970."""

    name: str
    modified: float


class Bucket:
    """A folder of a bucket. Raises Unreachable."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def put(self, name: str, content: Path | bytes) -> None:
        """Lays down an object: whole, or not at all."""
        with _said("be written to"):
            obstore.put(self._store, name, content, chunk_size=PART, max_concurrency=PARTS_AT_ONCE)

    def read(self, name: str) -> bytes | None:
        """A small object; None: there is none."""
        try:
            with _said("be read"):
                return bytes(obstore.get(self._store, name).bytes())
        except FileNotFoundError:
            return None

    def fetch(self, name: str, size: int, path: Path) -> bool:
        """Brings an object of a known size into a file, whole or not at all; False: it is not there as it should be."""
        draft = path.with_name(f"{path.name}.{uuid4().hex}")
        try:
            with draft.open("wb") as out:
                for start in range(0, size, PART):
                    with _said("be read"):
                        part = obstore.get_range(self._store, name, start=start, end=min(start + PART, size))
                    out.write(part)
                out.flush()
                os.fsync(out.fileno())
            if draft.stat().st_size != size:
                return False
            draft.replace(path)
        except FileNotFoundError:
            return False
        finally:
            draft.unlink(missing_ok=True)
        return True

    def list(self, folder: str) -> Iterator[Object]:
        """What lies in a folder."""
        with _said("be listed"):
            for some in obstore.list(self._store, prefix=folder):
                for found in some:
                    yield Object(found["path"], found["last_modified"].timestamp())

    def remove(self, names: Iterable[str]) -> None:
        """Takes objects away; of what is not there nothing is said."""
        listed = list(names)
        if listed:
            with _said("be tidied"):
                obstore.delete(self._store, listed)


def ours() -> Bucket:
    """The one that the settings name; each process has connections of its own."""
    return Bucket(
        _store(
            os.getpid(),
            settings.MIRROR_URL,
            settings.MIRROR_ENDPOINT,
            settings.MIRROR_REGION,
            settings.MIRROR_ACCESS_KEY,
            settings.MIRROR_SECRET_KEY,
        )
    )


@lru_cache(maxsize=2)
def _store(_process: int, url: str, endpoint: str, region: str, key: str, secret: str) -> S3Store:
    """Without a key: that of the environment or of the machine (AWS_ACCESS_KEY_ID …, a role)."""
    at, server = urlsplit(url), urlsplit(endpoint)
    config: dict[str, Any] = {"region": region} if region else {}
    if key:
        config |= {"access_key_id": key, "secret_access_key": secret}
    if endpoint:  # https://bucket.host: the bucket's own name, as some services want it
        own = (server.hostname or "").startswith(f"{at.netloc}.")
        config |= {"endpoint": endpoint.rstrip("/"), "virtual_hosted_style_request": own}
    return S3Store(
        at.netloc,
        prefix=at.path.strip("/") or None,
        config=config,  # type: ignore[arg-type]
        client_options={
            "allow_http": server.scheme == "http",
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "timeout": timedelta(seconds=REQUEST_SECONDS),
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
    )


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Turns what the library raises into our words. FileNotFoundError stays: an object that is not there."""
    try:
        yield
    except FileNotFoundError as error:
        if NO_BUCKET in str(error):
            raise Unreachable(_sentence(what, str(error))) from None
        raise
    except (BaseError, ValueError) as error:
        status = STATUS.search(str(error))
        if status is not None and status.group(1).startswith(SHORTER):
            raise FileNotFoundError from None
        raise Unreachable(_sentence(what, str(error))) from None


def _sentence(what: str, said: str) -> str:
    found = (STATUS.search(said), CODE.search(said))
    why = ", ".join(one.group(1).strip() for one in found if one is not None)
    return f"The mirror's bucket cannot {what}: {why or 'it does not answer'}."
