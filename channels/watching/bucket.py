"""A folder of an S3-compatible bucket, with keys of its connector's own: never with those of this machine.

Over https alone, unless the operator named the endpoint: a name that changes its address between the look-up and the
call cannot prove to be what it was. Not here: what is done with a file (look.py).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any, Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, PreconditionError
from obstore.store import S3Store

from channels.watching.folder import DONE, MOST, MOVED, PIECE, File
from channels.watching.words import Changed, Unwatched
from kernel import outbound

CONNECT_SECONDS: Final = 5
REQUEST_SECONDS: Final = 60
RETRIES: Final = 2
RETRY_SECONDS: Final = 60
PLACE: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,62})(?:/(.*))?")
STATUS: Final = re.compile(r"status code: (\d{3}[A-Za-z ]*)")
CODE: Final = re.compile(r"<Code>(\w{1,60})</Code>")
NO_BUCKET: Final = "NoSuchBucket"
AWS: Final = "https://s3.%(region)s.amazonaws.com"
HOME: Final = "us-east-1"  # where none is said
PORTS: Final = {"http": 80, "https": 443}


class Bucket:
    """Its objects. Raises Unwatched."""

    atomic: Final = True  # an object is there whole or not at all

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def list(self, pattern: str) -> tuple[list[File], bool]:
        """What matches directly below the prefix; whether there is more than is looked at."""
        with _said("bucket_says"):
            objects = obstore.list_with_delimiter(self._store)["objects"]
        found = []
        for one in objects:
            name = one["path"]
            if name and name.isprintable() and fnmatchcase(name, pattern):
                mark = one.get("e_tag") or f"{one['size']}-{one['last_modified'].timestamp()}"
                found.append(File(name, one["size"], mark, one["last_modified"].timestamp()))
        return sorted(found)[:MOST], len(found) > MOST

    def pieces(self, file: File) -> Iterator[bytes]:
        """Its bytes; raises Changed when it is another object by now."""
        with _said("not_read"):
            got = obstore.get(self._store, file.path)
            if got.meta.get("e_tag") and file.mark != got.meta["e_tag"]:
                raise Changed
            for piece in got.stream(min_chunk_size=PIECE):
                yield bytes(piece)

    def clear(self, file: File, how: str) -> None:
        """Moves it to done/, or deletes it; raises Changed for another object of its name."""
        with _said("not_cleared"):
            if (obstore.head(self._store, file.path).get("e_tag") or file.mark) != file.mark:
                raise Changed
            if how == MOVED:
                obstore.copy(self._store, file.path, f"{DONE}/{file.path}")
            obstore.delete(self._store, file.path)

    def put(self, path: str, body: bytes) -> None:
        """A whole object, in place of any of its name."""
        with _said("bucket_says"):
            obstore.put(self._store, path, body)


@contextmanager
def opened(own: Any, access_key: str, secret_key: str) -> Iterator[Bucket]:
    """The bucket that a connector's settings name."""
    at = PLACE.fullmatch(own.watch)
    if at is None or ".." in (at[2] or ""):
        raise Unwatched("bad_bucket", path=own.watch)
    if not (access_key and secret_key):
        raise Unwatched("no_keys")
    region = own.region or HOME
    endpoint = (own.endpoint or AWS % {"region": region}).rstrip("/")
    server = _judged(endpoint)
    keys: Any = {"access_key_id": access_key, "secret_access_key": secret_key, "expires_at": None}
    config: Any = {
        "region": region,
        "endpoint": endpoint,
        # https://bucket.host: the bucket's own name, as some services want it
        "virtual_hosted_style_request": (server.hostname or "").startswith(f"{at[1]}."),
        "skip_signature": False,
    }
    store = S3Store(
        at[1],
        prefix=(at[2] or "").strip("/") or None,
        config=config,
        credential_provider=lambda: keys,
        client_options={
            "allow_http": server.scheme == "http",
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "timeout": timedelta(seconds=REQUEST_SECONDS),
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
    )
    yield Bucket(store)


def _judged(endpoint: str) -> Any:
    """An endpoint that may be asked."""
    try:
        server = urlsplit(endpoint)
        port = server.port or PORTS[server.scheme]
    except (ValueError, KeyError):
        raise Unwatched("bad_endpoint", url=endpoint) from None
    if not server.hostname or server.username or server.query or server.path:
        raise Unwatched("bad_endpoint", url=endpoint)
    if server.scheme == "http" and not outbound.allowed(server.hostname, port):
        raise Unwatched("plain_http", host=server.hostname)
    outbound.addresses(server.hostname, port)
    return server


@contextmanager
def _said(code: str) -> Iterator[None]:
    """What the library raises, in our words: a server's answer may repeat what was sent to it, keys among it."""
    try:
        yield
    except (FileNotFoundError, PreconditionError) as error:
        if (named := CODE.search(str(error))) and named[1] == NO_BUCKET:
            raise Unwatched(code, why=NO_BUCKET) from None
        raise Changed from None
    except (BaseError, ValueError, OSError) as error:
        found = (STATUS.search(str(error)), CODE.search(str(error)))
        why = ", ".join(one[1].strip() for one in found if one)
        raise Unwatched(code, why=why or "it does not answer") from None
