"""A look at a watched place: files that have settled become imports, one by one; what was read is cleared away.

A file is taken in the transaction that notes it as taken, and moved or deleted only when its import is done: a kill at
any moment costs and doubles nothing. Bytes that the connector has read already are not read again.
Not here: the places (folder.py, bucket.py), reading a file (channels/imports/), who looks (cdp/pipeline/watching.py).
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from channels.connect import setup as connecting
from channels.connectors.base import Connection as Opened
from channels.imports import store as imports
from channels.models import Connector
from channels.watching import bucket, folder, store
from channels.watching.bucket import Bucket
from channels.watching.folder import MOST, File, Folder
from channels.watching.store import GONE, REFUSED, SAME, SEEN, TAKEN, Known
from channels.watching.words import Changed, Unwatched, noted
from kernel import audit
from kernel.db import Connection
from kernel.errors import Refused

FOLDER_SECONDS: Final = 5.0  # between two looks
BUCKET_SECONDS: Final = 60.0  # each of them is a request
FAILED_SECONDS: Final = 60.0
TURN_SECONDS: Final = 60.0  # then it is the other connectors' turn
LEFT: Final = "left"
S3: Final = "s3://"
ACTOR: Final = "watch"
MB: Final = 1024 * 1024
Place = Folder | Bucket
Read = Callable[[], object]


class _Had(Exception):
    """These bytes came before."""


def opened(connector: Connector, one: Opened) -> AbstractContextManager[Place]:
    """The place that a connector watches; raises Refused when it is entered."""
    if one.settings.watch.startswith(S3):
        secrets = one.secrets
        return bucket.opened(one.settings, secrets.get("access_key", ""), secrets.get("secret_key", ""))
    return folder.opened(connector.workspace.slug, one.settings.watch)


def turn(db: Connection, connector: Connector, read: Read) -> None:
    """One look. `read`: does the imports that wait. Never raises for what lies there."""
    one = connecting.opened(connector)
    pause = BUCKET_SECONDS if one.settings.watch.startswith(S3) else FOLDER_SECONDS
    failure: dict[str, Any] | None = None
    files: list[File] = []
    try:
        with opened(connector, one) as place:
            files, more = place.list(one.settings.pattern)
            failure = {"code": "crowded", "params": {"most": f"{MOST:,}"}} if more else None
            _files(db, connector, one, place, files, read)
    except Changed:
        pass  # the next look sees what it is now
    except Refused as why:
        failure, pause = noted(why), max(pause, FAILED_SECONDS)
    store.looked(db, connector, pause, len(files), failure)


def _files(
    db: Connection, connector: Connector, one: Opened, place: Place, files: Sequence[File], read: Read
) -> None:
    """The oldest first: of two that say the same order the later one wins."""
    known = store.known(db, connector, files)
    made_for = _settings(one)
    fresh = [file for file in files if _is_fresh(file, known.get(file.path), made_for)]
    store.seen(db, connector, fresh)
    known |= store.known(db, connector, fresh)
    until = time.monotonic() + TURN_SECONDS
    for file in sorted(files, key=lambda file: (file.at, file.path)):
        mine = known[file.path]
        if mine.state == SEEN and _settled(place, one, mine):
            if store.busy(db, connector) or time.monotonic() > until:
                return
            if not _took(db, connector, place, file, mine, made_for):
                continue
            read()
            mine = store.known(db, connector, [file])[file.path]
        _clear(db, one, place, file, mine)


def _is_fresh(file: File, mine: Known | None, made_for: UUID) -> bool:
    """Whether it has to settle: it is new, another one, there again, or its reading failed by other settings."""
    if mine is None or mine.mark != file.mark or mine.state == GONE:
        return True
    failed = mine.state == REFUSED or (mine.state == TAKEN and mine.import_state == "failed")
    return failed and mine.made_for is not None and mine.made_for != made_for


def _settled(place: Place, one: Opened, mine: Known) -> bool:
    return place.atomic or (timezone.now() - mine.since).total_seconds() >= one.settings.settle


def _settings(one: Opened) -> UUID:
    """By what a file is read."""
    own = one.settings
    said = repr((own.rows, sorted(own.columns.items()), own.dates, own.zone, own.currency))
    return UUID(bytes=hashlib.sha256(said.encode()).digest()[:16])


def _took(
    db: Connection, connector: Connector, place: Place, file: File, mine: Known, made_for: UUID
) -> bool:
    """Whether it is an import now."""
    try:
        if file.wrong:
            raise Unwatched(file.wrong)
        if file.size > settings.IMPORT_MB * MB:
            raise Unwatched("too_large", size=f"{file.size / MB:,.0f}", limit=f"{settings.IMPORT_MB:,}")
        with transaction.atomic():
            return _kept(db, connector, place, file, mine, made_for)
    except _Had:
        store.become(db, mine, SAME, made_for=made_for)
        return True
    except Changed:
        store.seen(db, connector, [file])
    except Unwatched as why:
        store.become(db, mine, REFUSED, noted(why), made_for=made_for)
    return False


def _kept(
    db: Connection, connector: Connector, place: Place, file: File, mine: Known, made_for: UUID
) -> bool:
    if not store.held(db, mine):
        return False
    made = imports.begin(db, connector, place.pieces(file), file.path, ACTOR, dry_run=False, wanted={})
    if store.had(db, connector, made.sha256, made_for):
        raise _Had
    store.become(db, mine, TAKEN, sha256=made.sha256, number=made.pk, made_for=made_for)
    audit.note(
        connector.workspace_id,
        ACTOR,
        "import.start",
        str(made.pk),
        file=made.name,
        sha256=made.sha256,
        connector=str(connector.uuid),
        dry_run=False,
    )
    return True


def _clear(db: Connection, one: Opened, place: Place, file: File, mine: Known) -> None:
    """What was read to its end goes as it is set; a file whose reading failed stays where it is."""
    over = mine.state == SAME or (mine.state == TAKEN and mine.import_state == "done")
    if not over or one.settings.after == LEFT or mine.mark != file.mark:
        return
    try:
        place.clear(file, one.settings.after)
    except Changed:
        return
    except Unwatched as why:
        if not mine.noted:
            store.become(db, mine, mine.state, noted(why))
        return
    store.become(db, mine, GONE)
