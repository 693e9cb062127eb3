"""Pages of rows behind a figure of service, out of the mirror: what the figure counted, in its own words.

A list is a select with a name for each of its columns; what a column holds follows from the name: a channel (CHANNELS)
is given by its slug, microseconds (SPANS) in hours, `profile` by the customer's public id and name. A page begins where
the one before it ended, by place, as the state that is asked does not change beneath it often.
Not here: the selects (returns.py, ticket_rows.py, payments.py).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel import cursor
from kernel.cursor import Page
from kernel.db import Connection
from kernel.periods import utc_text
from kernel.web import access
from metrics.drill_mirror import place
from metrics.journeys.base import Asked
from metrics.query import text
from metrics.service.base import amount, asked_rows, hours
from profiles import queries as people

CHANNELS: Final = frozenset({"bought", "returned", "served", "channel", "paid_in", "refunded_in"})
SPANS: Final = {"took": "hours", "answer": "response_hours", "resolution": "resolution_hours"}


class Listing(NamedTuple):
    """A select over the mirror, its columns by name, and the order that settles every tie."""

    statement: str
    columns: tuple[str, ...]
    order: str


class Slice(NamedTuple):
    """What is asked of a list: from where on (a cursor), how many, by whom."""

    at: str | None = None
    limit: int = cursor.LIMIT
    masked: bool = True


def page(db: Connection, asked: Asked, of: Listing, wanted: Slice, **more: Any) -> Page:
    """A page of a list; `more`: what its select asks for beside the period."""
    begin = place(wanted.at)
    statement = f"{of.statement} order by {of.order} limit $most offset $before"
    found = asked_rows(asked, statement, most=wanted.limit + 1, before=begin, **more)
    items = _items(db, asked, of, found[: wanted.limit], masked=wanted.masked)
    return Page(
        items,
        cursor.encode(False, "", begin + wanted.limit) if len(found) > wanted.limit else None,
        cursor.encode(True, "", max(begin - wanted.limit, 0)) if begin else None,
    )


def _items(
    db: Connection, asked: Asked, of: Listing, found: Sequence[Sequence[Any]], *, masked: bool
) -> list[dict[str, Any]]:
    rows = [dict(zip(of.columns, row, strict=True)) for row in found]
    profiles = {row["profile"] for row in rows if row.get("profile") is not None}
    known = people.known(db, asked.settings.workspace, profiles)
    made = []
    for row in rows:
        item = dict(_shown(asked, name, value) for name, value in row.items() if name != "profile")
        if "profile" in row:
            who = known.get(row["profile"])
            item |= {"profile": str(who[0]) if who else None, "customer": who[1] if who else ""}
        if masked:
            words = {name for name, value in row.items() if isinstance(value, str)} | {"customer"}
            item |= access.scrub({name: item[name] for name in words & item.keys()})
        made.append(item)
    return made


def _shown(asked: Asked, name: str, value: Any) -> tuple[str, Any]:
    """A column as it is answered: its name and its value."""
    if name in CHANNELS:
        return name, None if value is None else asked.settings.channels.get(value, str(value))
    if name in SPANS:
        found = hours(value)
        return SPANS[name], None if found is None else text(found)
    if isinstance(value, datetime):
        return name, utc_text(value.replace(tzinfo=UTC))
    return name, amount(value) if isinstance(value, Decimal) else value
