"""The rows behind what only the mirror counts: visits, carts, events. Not here: their SQL (breakdown/lists.py)."""

from datetime import UTC, datetime
from typing import Any

from kernel import cursor
from kernel.cursor import Page
from kernel.db import Connection
from kernel.errors import BadRequest
from metrics import drill_order, drill_row, query
from metrics.breakdown import reading
from metrics.catalogue.base import Metric
from metrics.catalogue.parts import Part
from metrics.mirror import reading as mirror

MOST_DIGITS = 9  # of a place in a list


def orderings(part: Part) -> tuple[str, ...]:
    """By what a list can be ordered."""
    return tuple(one.field for one in part.rows.columns if one.form in drill_order.FORMS)


def page(  # noqa: PLR0913 (one list, whole)
    db: Connection,
    settings: query.ReportingSettings,
    whose: tuple[Metric, Part],
    ask: query.Ask,
    at: str | None,
    limit: int,
    ordering: str,
) -> Page:
    """A page of them, the newest first unless something else is asked for."""
    metric, part = whose
    known = orderings(part)
    if ordering and ordering.removeprefix("-") not in known:
        raise drill_order.unknown(dict.fromkeys(known))
    of, begin = part.rows, place(at)
    order = ordering or of.usual
    sort = f"{order}_id" if order.removeprefix("-") == "channel" else order
    with mirror.open_mirror(settings.workspace) as there:
        asked = query.asked_of(db, settings, metric, ask._replace(by=""), there)
        found = reading.listed(asked, part.name, of.shown, sort, limit + 1, begin)
    shown = [tuple(map(_aware, row)) for row in found[:limit]]
    items = drill_row.answers(db, settings, of, shown, masked=ask.masked)
    return Page(
        [item | {"counts": "1"} for item in items],
        cursor.encode(False, "", begin + limit) if len(found) > limit else None,
        cursor.encode(True, "", max(begin - limit, 0)) if begin else None,
    )


def place(at: str | None) -> int:
    """How many rows stand before a page."""
    offset = cursor.decode(at)[2] if at else "0"
    if not offset.isascii() or not offset.isdigit() or len(offset) > MOST_DIGITS:
        raise BadRequest("This cursor is none of ours: begin the list without one.", "bad_cursor")
    return int(offset)


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
