"""The funnel: how many customers go through steps in order, where they are lost, and how long it takes them.

A start is an event of the first step in the period; every start of a person is tried. From it each step is met by the
earliest event that can be the next one, within the window of the start (its last moment is inside); nothing that comes
later could lead farther or be quicker. The start that leads farthest counts, among equals the quickest to its last
step, among these the earliest. Every time of a person is taken from that start, and so is the value of a break-down.

Two events of one instant count as in order, unless one event could be both steps: then the second has to be later.
- strict: between two steps lies nothing but events of the first of them. What could be both is the next step.
- exclude: from the excluded event after a start on no step of it counts. One of the start's own instant is before it,
  one of a step's own instant behind it, where they cannot be one event.
Not here: parameters and their refusals (funnel_api.py), the text of a step (steps.py).
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from metrics.journeys.base import OTHER, Asked
from metrics.journeys.funnel_walk import NONE, Question, Walk
from metrics.query import RATIO_PLACES, text

COLUMNS = 3  # of a step in a row of the statement
MICROSECONDS: Final = 1_000_000
MINUTE, HOUR, DAY = 60, 3_600, 86_400  # seconds
# Where the classes of times end, in seconds.
CLASSES: Final = (
    *(one * MINUTE for one in (1, 5, 15, 30)),
    *(one * HOUR for one in (1, 2, 4, 8, 12)),
    *(one * DAY for one in (1, 2, 3, 5, 7, 14, 21, 30, 60, 90, 180, 365)),
)


class Reached(NamedTuple):
    """A step of the answer: who reached it, and the times from their counting start to it, in seconds."""

    name: str
    customers: int
    share: Decimal | None  # of the first step's; None: that had nobody
    median: float | None
    p90: float | None

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "name": self.name,
            "customers": self.customers,
            "share": None if self.share is None else text(self.share),
            "median_seconds": self.median,
            "p90_seconds": self.p90,
        }


class Funnel(NamedTuple):
    """The steps of all, and by value of the break-down: the largest first, then OTHER, then NONE."""

    steps: list[Reached]
    by: dict[str, list[Reached]] | None


class Slot(NamedTuple):
    """Customers whose time to a step lies from `above` (not inside) to `upto` seconds."""

    above: float
    upto: float
    customers: int


def ask(asked: Asked, question: Question) -> Funnel:
    """The answer."""
    found = Walk(asked, question)
    rows = asked.mirror.rows(found.summed(), **found.values)
    whole = next((row[2:] for row in rows if row[1]), [0] * len(question.steps) * COLUMNS)
    by = {
        _shown(asked, question, row[0]): _line(question, row[2:])
        for row in rows
        if question.by and not row[1]
    }
    return Funnel(_line(question, whole), by if question.by else None)


def _line(question: Question, row: Sequence[Any]) -> list[Reached]:
    """The steps out of their columns."""
    made, first = [], row[0]
    for place, step in enumerate(question.steps):
        customers, *took = row[COLUMNS * place : COLUMNS * (place + 1)]
        share = (Decimal(customers) / first).quantize(RATIO_PLACES) if first else None
        median, p90 = (float(one) / MICROSECONDS if customers else None for one in took)
        made.append(Reached(step.name, customers, share, median, p90))
    return made


def _shown(asked: Asked, question: Question, label: str) -> str:
    """A value as the answer calls it."""
    if question.by != "channel" or label in {OTHER, NONE}:
        return label
    return asked.settings.channels.get(int(label), NONE)


def people(asked: Asked, question: Question, step: int, outcome: str, value: str | None = None) -> list[int]:
    """The profiles (serial ids) that reached a step, counted from 1, or were lost on the way to it from the one before.

    `value`: only those of a value of the break-down, as the answer calls it.
    """
    found = Walk(asked, question)
    if question.by == "channel" and value is not None:
        ids = {slug: str(channel) for channel, slug in asked.settings.channels.items()}
        value = ids.get(value, value)
    statement = found.people(step, outcome, value)
    return [profile for (profile,) in asked.mirror.rows(statement, **found.values)]


def times(asked: Asked, question: Question, step: int) -> list[Slot]:
    """How the times to a step (2 or more) are spread, in classes up to the window."""
    found = Walk(asked, question)
    window = question.window.total_seconds()
    edges = [0.0, *(float(edge) for edge in CLASSES if edge < window), window]
    rows = asked.mirror.rows(found.times(step, edges[1:]), **found.values)
    counted: dict[int, int] = dict(rows)
    return [Slot(edges[n], edges[n + 1], counted.get(n, 0)) for n in range(len(edges) - 1)]
