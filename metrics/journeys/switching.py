"""From which channel to which: each order, or visit, of the period and the same customer's one before, however old.

The first one a customer ever had has nothing before it: it comes from None. Orders that nobody is known of are left
out; cancelled orders are orders. A visit (visits.py) belongs to the period in which it began. Times between are from
one to the next, in days of 24 hours. Not here: what those who switch are worth (channel_value.py).
"""

from decimal import Decimal
from typing import Any, NamedTuple

from metrics.journeys import values
from metrics.journeys.base import Asked
from metrics.query import text
from metrics.visits import TOUCHPOINTS, beginnings

ON = ("orders", "visits")
DAY = Decimal(86_400_000_000)  # microseconds
DAY_PLACES = Decimal("1E-6")


class Cell(NamedTuple):
    """Steps from one channel to another, by slug. `median_days` None: there was nothing before."""

    origin: str | None
    to: str
    customers: int
    steps: int
    median_days: Decimal | None

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        days = None if self.median_days is None else text(self.median_days)
        return {
            "from": self.origin,
            "to": self.to,
            "customers": self.customers,
            "count": self.steps,
            "median_days": days,
        }


class Switching(NamedTuple):
    """The answer: the channels that occur, as the workspace shows them, and a cell for each pair that does."""

    channels: list[str]
    cells: list[Cell]
    as_of: str | None

    def json(self) -> dict[str, Any]:
        """Contracts 8."""
        cells = [cell.json() for cell in self.cells]
        return {"channels": self.channels, "cells": cells, "as_of": self.as_of}


# What customers did up to the period's end, each with the one before. Of visits, which are many, only theirs who
# had one in the period.
STEPS = """with acts as ({acts}),
steps as (
    select profile, channel, at_time, lag(channel) over customer as before, lag(at_time) over customer as before_time
    from acts window customer as (partition by profile order by at_time, tie)
)
"""
ORDERS = """select profile, channel, occurred_at as at_time, tie from orders join customers using (sighting)
where occurred_at < $end"""
WANTED = f"""select distinct profile from contacts
where touchpoint in {TOUCHPOINTS} and occurred_at >= $begin and occurred_at < $end"""  # noqa: S608 (ours)
VISITS = f"""select profile, channel, began as at_time, tie
from ({beginnings(f"occurred_at < $end and profile in ({WANTED})")})"""  # noqa: S608 (ours)
CELLS = """select before, channel, count(distinct profile), count(*), median(epoch_us(at_time) - epoch_us(before_time))
from steps where at_time >= $begin group by before, channel"""
PEOPLE = """select distinct profile from steps
where at_time >= $begin and before is not distinct from $origin and channel = $to"""


def switching(asked: Asked, on: str = "orders") -> Switching:
    """Who moved from which channel to which. `on`: one of ON."""
    slugs = asked.settings.channels
    order = {channel: place for place, channel in enumerate((None, *slugs))}
    found = sorted(_rows(asked, on, CELLS), key=lambda row: (order.get(row[0], 0), order.get(row[1], 0)))
    cells = [
        Cell(None if before is None else slugs[before], slugs[channel], customers, count, _days(median))
        for before, channel, customers, count, median in found
        if channel in slugs and (before is None or before in slugs)
    ]
    occurring = {slug for cell in cells for slug in (cell.origin, cell.to)}
    return Switching([slug for slug in slugs.values() if slug in occurring], cells, asked.as_of)


def people(asked: Asked, on: str, origin: int | None, to: int) -> list[int]:
    """The profiles of a cell; channels by their ids, `origin` None: it was their first."""
    return [profile for (profile,) in _rows(asked, on, PEOPLE, origin=origin, to=to)]


def _rows(asked: Asked, on: str, told: str, **more: Any) -> list[tuple[Any, ...]]:
    steps = STEPS.format(acts=ORDERS if on == "orders" else VISITS)
    given = {"begin": asked.begin, "end": asked.end} | more
    return asked.mirror.rows(steps + told, **values.bound(steps + told, given))


def _days(microseconds: float | None) -> Decimal | None:
    return None if microseconds is None else (Decimal(microseconds) / DAY).quantize(DAY_PLACES)
