"""What thin notices only name: noted in the transaction that reads the notice, looked up at the platform afterwards.

What is found is kept as a delivery in the transaction that marks it done. It stays marked for good: a notice that comes
again, or is read again by a rebuild, asks nothing twice. Not here: who calls this (cdp/pipeline/pulls.py).
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction

from channels import connectors
from channels.connect.pulled import Failure
from channels.models import Connector
from channels.pulls import platform, work
from channels.pulls.platform import Platform
from kernel.db import Connection, Statements, array, rows, run
from kernel.errors import Trouble
from kernel.event import Lookup
from kernel.outside import Declined, NotThere, NotUnderstood, Said

sql = Statements(__file__)
logger = logging.getLogger("huiliu.pulls")

TURN_SECONDS: Final = 20.0  # then it is the other connectors' turn
AT_ONCE: Final = 50  # that are read at a time
MOST_MISSED: Final = 10  # times a platform may say that there is no such thing before it is given up
# About the one thing that was asked for; anything else is about the platform, and all that waits waits longer.
OF_ONE: Final = (NotThere, Declined, NotUnderstood, Said)


class Waiting(NamedTuple):
    """A thing to be looked up."""

    key: UUID
    name: str
    params: dict[str, Any]
    tries: int
    missed: int


def add(db: Connection, workspace: int, wanted: Sequence[Lookup]) -> int:
    """Notes what is to be looked up, each once for good; how many are new."""
    several = list({(one.connector, one.key): one for one in wanted}.values())
    return run(
        db,
        sql["add"],
        workspace=workspace,
        connectors=array(one.connector for one in several),
        keys=array(one.key for one in several),
        names=array(one.name for one in several),
        params=array(msgspec.json.encode(one.params).decode() for one in several),
    )


def due(db: Connection) -> list[Connector]:
    """Connectors with things that may be looked up now."""
    kinds = [name for name, kind in connectors.KINDS.items() if kind.look_up is not None]
    ids = [found for (found,) in rows(db, sql["due"], kinds=kinds)] if kinds else []
    by_id = Connector.objects.select_related("channel").in_bulk(ids)
    return [by_id[one] for one in ids if one in by_id]


def turn(db: Connection, connector: Connector, kept: Callable[[], object]) -> None:
    """As many as fit into a turn, the longest waiting first. Never raises for what a platform does."""
    until = time.monotonic() + TURN_SECONDS
    try:
        with platform.opened(db, connector) as api:
            for one in _next(db, connector):
                if not _one(db, api, one, kept) or time.monotonic() > until:
                    return
    except Trouble as why:  # secrets that cannot be opened
        _hold(db, connector, None, Failure(why.code, {}, "", str(why)), work.pause(0, None, 0))


def _next(db: Connection, connector: Connector) -> list[Waiting]:
    found = rows(db, sql["next"], connector=connector.pk, most=AT_ONCE)
    return [
        Waiting(key, name, msgspec.json.decode(params), tries, missed)
        for key, name, params, tries, missed in found
    ]


def _one(db: Connection, api: Platform, one: Waiting, kept: Callable[[], object]) -> bool:
    """Whether the next one may be asked for."""
    try:
        page = platform.looked_up(api, one.params)
    except OF_ONE as why:
        _missed(db, api, one, why)
        return True
    except Trouble as why:
        seconds = work.pause(one.tries, getattr(why, "again", None), 0)
        _hold(db, api.connector, one, api.failure(why), seconds)
        return False
    with transaction.atomic():
        if run(db, sql["done"], connector=api.connector.pk, key=one.key) and page.body:
            work.append(db, api.connector, page)
    if page.body:
        kept()
    return True


def _missed(db: Connection, api: Platform, one: Waiting, why: Trouble) -> None:
    """It may be there a moment later: notices overtake what they tell of."""
    failure = api.failure(why)
    logger.warning("look-up %s of %s: %s %s", one.name, api.connector.uuid, failure.text, failure.words)
    run(
        db,
        sql["missed"],
        connector=api.connector.pk,
        key=one.key,
        failure=msgspec.json.encode(failure).decode(),
        most=MOST_MISSED,
        seconds=work.pause(one.missed, getattr(why, "again", None) or 0.0, 0),
    )


def _hold(
    db: Connection, connector: Connector, one: Waiting | None, failure: Failure, seconds: float
) -> None:
    """All that waits for this platform waits so long."""
    logger.warning("look-ups of %s: %s %s", connector.uuid, failure.text, failure.words)
    run(
        db,
        sql["hold"],
        connector=connector.pk,
        key=one.key if one else None,
        failure=msgspec.json.encode(failure).decode(),
        seconds=seconds,
    )


def at_once(db: Connection, connector: Connector) -> int:
    """All that waits, and what was given up, is tried now; how many that are."""
    return run(db, sql["at_once"], connector=connector.pk)
