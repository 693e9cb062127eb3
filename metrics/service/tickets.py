"""Bought in one channel, served in another: tickets, how soon they were answered and resolved, what service costs.

A ticket belongs to the period of its earliest message. Its order is that of its own channel, else the only one with the
number it names; None: it names no order that is known. Times are from when it was opened to the first answer and to the
first time it was resolved; what is said to have been before it was opened is in no median. Opened again: metrics/facts/
tickets.py. Service costs what somebody says a ticket costs in a channel: where nobody does, it is said for how many
tickets, and nothing is guessed. Not here: the tickets behind a cell (ticket_rows.py).
"""

# ruff: noqa: S608 - nothing that somebody wrote is in these texts

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from metrics.journeys.base import Asked
from metrics.query import text
from metrics.service.base import about, asked_rows, hours, said

MINUTE: Final = Decimal(60_000_000)  # microseconds
PLACES: Final = Decimal("1E-4")
PERIOD: Final = "select * from tickets where occurred_at >= $begin and occurred_at < $end"
TOLD: Final = f"""with told as ({about(PERIOD)}),
timed as (
    select *,
        case when first_response_at >= opened_at then epoch_us(first_response_at) - epoch_us(opened_at) end as answer,
        case when resolved_at >= opened_at then epoch_us(resolved_at) - epoch_us(opened_at) end as resolution
    from told
)
"""
SUMS: Final = """count(*), count(resolved_at), count(*) filter (closed_at is null), count(answer), median(answer),
    median(resolution), count(*) filter (reopened > 0)"""
CELLS: Final = f"{TOLD}select bought, channel, {SUMS} from timed group by bought, channel"
CHANNELS: Final = f"{TOLD}select channel, {SUMS} from timed group by channel"
ALL: Final = f"{TOLD}select {SUMS} from timed"


class Handled(NamedTuple):
    """What became of tickets."""

    opened: int = 0
    resolved: int = 0  # once at least
    open: int = 0  # now
    answered: int = 0
    median_response_minutes: Decimal | None = None
    median_resolution_hours: Decimal | None = None
    reopened: int = 0

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return self._asdict() | {
            "median_response_minutes": said(self.median_response_minutes),
            "median_resolution_hours": said(self.median_resolution_hours),
        }


class Cell(NamedTuple):
    """Tickets about orders of a channel (None: about none that is known), served in a channel; by slug."""

    bought: str | None
    served: str
    handled: Handled

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {"bought": self.bought, "served": self.served, **self.handled.json()}


class Served(NamedTuple):
    """The tickets of a service channel, and what they cost there; None: nobody says what one costs."""

    channel: str
    handled: Handled
    each: Decimal | None

    @property
    def cost(self) -> Decimal | None:
        """All of them together."""
        return None if self.each is None else self.each * self.handled.opened

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        costs = {"cost_each": said(self.each), "cost": said(self.cost)}
        return {"channel": self.channel, **self.handled.json(), **costs}


class Tickets(NamedTuple):
    """The answer, in the order of the workspace's channels."""

    cells: list[Cell]
    channels: list[Served]
    total: Handled
    currency: str
    as_of: str | None

    @property
    def cost(self) -> Decimal:
        """What service costs where somebody says it."""
        return sum((one.cost for one in self.channels if one.cost is not None), Decimal(0))

    @property
    def missing_cost(self) -> int:
        """The tickets of which nobody says what they cost."""
        return sum(one.handled.opened for one in self.channels if one.each is None)

    def json(self) -> dict[str, Any]:
        """Contracts 11."""
        return {
            "cells": [cell.json() for cell in self.cells],
            "channels": [one.json() for one in self.channels],
            "total": self.total.json(),
            "cost": text(self.cost),
            "missing_cost": self.missing_cost,
            "currency": self.currency,
            "as_of": self.as_of,
        }


def tickets(asked: Asked, costs: Mapping[str, Decimal]) -> Tickets:
    """Who serves whose orders. `costs`: what a ticket costs, by the slug of the channel that serves it."""
    slugs = asked.settings.channels
    order = {channel: place for place, channel in enumerate(slugs)}
    found = sorted(
        asked_rows(asked, CELLS),
        key=lambda row: (row[0] is None, order.get(row[0] or 0, -1), order.get(row[1], -1)),
    )
    cells = [
        Cell(None if bought is None else slugs.get(bought), slugs.get(served, str(served)), _handled(rest))
        for bought, served, *rest in found
    ]
    served = {channel: _handled(rest) for channel, *rest in asked_rows(asked, CHANNELS)}
    channels = [
        Served(slug, served[channel], costs.get(slug)) for channel, slug in slugs.items() if channel in served
    ]
    (whole,) = asked_rows(asked, ALL)
    return Tickets(cells, channels, _handled(whole), asked.settings.currency, asked.as_of)


def _handled(row: Any) -> Handled:
    opened, resolved, still, answered, response, resolution, reopened = row
    minutes = None if response is None else (Decimal(response) / MINUTE).quantize(PLACES)
    return Handled(opened, resolved, still, answered, minutes, hours(resolution), reopened)
