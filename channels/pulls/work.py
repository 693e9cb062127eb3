"""A pull: page after page of a connector, each kept in the transaction that moves its cursor.

A turn is as long as others can wait; a run is all turns from the first page to the last. A kill costs and doubles
nothing: the page that was not kept is asked for again. One worker at a time is at a connector (cdp/pipeline/pulls.py);
were there two, the cursor of the second has moved and nothing is kept.
Not here: asking a platform (platform.py), when a connector is due to whom (cdp/pipeline/pulls.py).
"""

import hashlib
import logging
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from channels import connectors, hooks, sender
from channels.connect.pulled import Failure
from channels.connectors.base import Page, Pulled
from channels.inbox import log
from channels.inbox.log import Entry
from channels.models import Connector
from channels.protocol import PULL as DOOR
from channels.pulls import platform
from channels.pulls.platform import Platform
from kernel.db import Connection, Statements, rows, run
from kernel.errors import Trouble
from kernel.outside import Circle, Endless

sql = Statements(__file__)
logger = logging.getLogger("huiliu.pulls")

TURN_SECONDS: Final = 20.0  # then it is the other connectors' turn
MOST_PAGES: Final = 10_000  # of a run
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 3600.0  # seconds; doubled with each failure
NEEDS_SOMEBODY: Final = 900.0  # seconds at least, where trying again is no use by itself
DIED_PAUSE: Final = 60.0  # seconds for each worker that died at one and the same page


class Begun(NamedTuple):
    """A run that is taken up. `digest`: of the page that was kept last."""

    pages: int
    tries: int
    digest: UUID | None
    cursor: dict[str, Any]


def due(db: Connection) -> list[Connector]:
    """Connectors whose time has come, the longest waiting first."""
    kinds = [name for name, kind in connectors.KINDS.items() if kind.fetch is not None]
    ids = [found for (found,) in rows(db, sql["due"], kinds=kinds)]
    by_id = Connector.objects.select_related("channel").in_bulk(ids)
    return [by_id[one] for one in ids if one in by_id]


def turn(db: Connection, connector: Connector, kept: Callable[[], object]) -> None:
    """As many pages as fit into a turn. `kept` is called after each that brought something. Never raises for what a
    platform does.
    """
    begun = _begin(db, connector)
    if begun is None:
        return
    try:
        with platform.opened(db, connector) as api:
            try:
                over = _pages(db, api, begun, kept)
            except Trouble as why:
                _failed(db, connector, begun, api.failure(why), why, api.connection.settings)
                return
    except Trouble as why:  # secrets that cannot be opened
        _failed(db, connector, begun, Failure(why.code, {}, "", str(why)), why, None)
        return
    if over:
        run(db, sql["ended"], connector=connector.pk, seconds=60 * _every(api.connection.settings))
    else:
        run(db, sql["rests"], connector=connector.pk)


def _begin(db: Connection, connector: Connector) -> Begun | None:
    """None: somebody else did it meanwhile."""
    found = rows(
        db,
        sql["begin"],
        workspace=connector.workspace_id,
        connector=connector.pk,
        pause=DIED_PAUSE,
        longest=LONGEST_PAUSE,
    )
    if not found:
        return None
    pages, tries, digest, cursor = found[0]
    return Begun(pages, tries, digest, msgspec.json.decode(cursor))


def _pages(db: Connection, api: Platform, begun: Begun, kept: Callable[[], object]) -> bool:
    """Whether the run is over; False when the turn is, or somebody paused it."""
    until, cursor, n = time.monotonic() + TURN_SECONDS, begun.cursor, begun.pages
    last, before, seen = begun.digest, None, {_mark(cursor)}
    while True:
        page = platform.fetched(api, cursor)
        digest = digest_of(page) if page.body else None
        if not _keep(db, api.connector, cursor, page, same=digest == last):
            return False
        if digest is not None and digest != last:
            kept()
        if not page.more:
            return True
        n, cursor = n + 1, page.cursor
        if _mark(cursor) in seen or (digest is not None and digest == before):
            raise Circle
        seen.add(_mark(cursor))
        last, before = digest or last, digest
        if n >= MOST_PAGES:
            raise Endless(pages=f"{n:,}")
        if time.monotonic() > until:
            return False


def _mark(cursor: dict[str, Any]) -> bytes:
    return hashlib.sha256(msgspec.json.encode(cursor, order="deterministic")).digest()[:16]


def digest_of(page: Page) -> UUID:
    """What a page brought, for a comparison."""
    return UUID(bytes=hashlib.sha256(page.topic.encode() + b"\n" + page.body).digest()[:16])


def _keep(db: Connection, connector: Connector, before: dict[str, Any], page: Page, *, same: bool) -> bool:
    """The page and its cursor, together or not at all; False when the cursor is no longer where it was. `same`: the
    last one that was kept says just that: platforms hand out the newest again and again.
    """
    with transaction.atomic():
        moved = run(
            db,
            sql["move"],
            connector=connector.pk,
            before=msgspec.json.encode(before).decode(),
            after=msgspec.json.encode(page.cursor).decode(),
        )
        if not moved:
            return False
        new = bool(page.body) and not same
        if new:
            append(db, connector, page)
        run(
            db,
            sql["counted"],
            connector=connector.pk,
            rows=page.rows if new else 0,
            digest=digest_of(page) if page.body else None,
        )
    return True


def append(db: Connection, connector: Connector, page: Page) -> None:
    """A page into the inbox, as a delivery of its connector's; within the caller's transaction."""
    text, encoded = hooks.as_text(page.body)
    entry = Entry(
        workspace=connector.workspace_id,
        received_at=rows(db, "select clock_timestamp()")[0][0],
        request=uuid4(),
        connector=connector.pk,
        door=DOOR,
        n=max(page.rows, 1),
        body=text,
        sender=sender.of_hook(sender.Hooked({}, page.topic, encoded)),
    )
    log.append(db, [entry])


def at_once(db: Connection, connector: Connector) -> None:
    """The next run begins now."""
    run(db, sql["now"], workspace=connector.workspace_id, connector=connector.pk)


def start_over(db: Connection, connector: Connector) -> None:
    """The next run begins with the first page, now. A page that is under way is not kept: its cursor is gone."""
    with transaction.atomic():
        run(db, sql["forget"], workspace=connector.workspace_id, connector=connector.pk)
        run(db, sql["over"], workspace=connector.workspace_id, connector=connector.pk)


# ---- how it went ----------------------------------------------------------------------------------


def _failed(
    db: Connection, connector: Connector, begun: Begun, failure: Failure, why: Trouble, settings: Any
) -> None:
    logger.warning("pull of %s: %s %s", connector.uuid, failure.text, failure.words)
    run(
        db,
        sql["failed"],
        connector=connector.pk,
        failure=msgspec.json.encode(failure).decode(),
        seconds=pause(begun.tries, getattr(why, "again", None), 60.0 * _every(settings)),
    )


def pause(tries: int, again: float | None, every: float) -> float:
    """Seconds until the next try, after so many that failed before. `again`: what the platform asked for; None: it is
    no use before somebody has changed something.
    """
    if again is None:
        return max(every, NEEDS_SOMEBODY)
    return max(again, min(FIRST_PAUSE * float(2 ** min(tries, 20)), LONGEST_PAUSE))


def _every(settings: Any) -> int:
    """Minutes between two runs."""
    return int(getattr(settings, "every", Pulled().every))
