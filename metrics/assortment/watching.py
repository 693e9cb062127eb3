"""New prices that set a SKU apart from itself on another channel: what an alarm says. Asked of every page and probe.

Judged from what stands in PostgreSQL, so an alarm comes with the record and goes with the next one. A board that takes
long to judge holds for a while, at most HELD_SECONDS. Not here: its words (metrics/alerts.py), all SKUs (parity.py).
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Final, NamedTuple

from kernel.db import Connection
from kernel.models import Workspace
from metrics import query
from metrics.assortment import parity, rules
from metrics.assortment.asking import asked

NEWS: Final = timedelta(days=1)  # so long a price is new
QUICK_SECONDS: Final = 0.1  # what is judged in so long is judged anew each time
REST: Final = 30  # times as long as it took, another holds
HELD_SECONDS: Final = 30.0


class Apart(NamedTuple):
    """SKUs that differ in price, some price of each new; the largest gap first."""

    workspace: int
    skus: Sequence[tuple[str, Decimal]]


class _Held(NamedTuple):
    """A judgement, and until when it is good (of the process's clock)."""

    until: float
    found: Apart


class _Memory:
    """Of this process: judgements that took long, by workspace."""

    held: ClassVar[dict[int, _Held]] = {}


def apart(db: Connection, workspace: int | None, now: datetime) -> list[Apart]:
    """Of one workspace, or of all: those with such SKUs."""
    places = (
        Workspace.objects.order_by("pk").values_list("pk", flat=True) if workspace is None else [workspace]
    )
    found = [_of(db, place, now) for place in places]
    return [one for one in found if one.skus]


def _of(db: Connection, workspace: int, now: datetime) -> Apart:
    known = _Memory.held.get(workspace)
    began = time.monotonic()
    if known and known.until > began:
        return known.found
    found = _judged(db, workspace, now)
    took = time.monotonic() - began
    if took > QUICK_SECONDS:
        _Memory.held[workspace] = _Held(began + min(took * REST, HELD_SECONDS), found)
    else:
        _Memory.held.pop(workspace, None)
    return found


def _judged(db: Connection, workspace: int, now: datetime) -> Apart:
    news = parity.fresh(db, workspace, now, NEWS)
    if not news:
        return Apart(workspace, [])
    place = Workspace.objects.get(pk=workspace)
    about = asked({"sku": news}, query.reporting_settings(db, place), now)
    held = rules.of(place)
    return Apart(workspace, [one for one in parity.apart(db, about, held) if one[1] > held.alert])
