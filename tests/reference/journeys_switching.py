"""From which channel to which, person by person. Slow and plain: the judge of metrics/journeys/switching.py."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import NamedTuple

from tests.reference.journeys import CHANNELS, Happened

VISITED = ("browse", "cart", "store")
PAUSE = timedelta(minutes=30)


class Act(NamedTuple):
    """An order or a visit; sorts as a customer's acts follow one another."""

    at: datetime
    tie: int
    channel: int
    number: str


def orders(happened: Happened) -> dict[int, list[Act]]:
    """Each customer's, in order."""
    found: dict[int, list[Act]] = defaultdict(list)
    for one in happened.orders:
        if one.customer is not None:
            found[one.customer].append(Act(one.at, one.tie, one.channel, one.number))
    return {who: sorted(acts) for who, acts in found.items()}


class Visit(NamedTuple):
    """From its first touch to its last."""

    act: Act
    ended: datetime


def visited(happened: Happened) -> dict[int, list[Visit]]:
    """Each customer's visits: touches of one channel one after the other, cut at pauses of half an hour or more."""
    found: dict[int, list[Visit]] = defaultdict(list)
    for who in {one.customer for one in happened.touches}:
        for channel in CHANNELS:
            touches = sorted(
                (one.at, one.tie)
                for one in happened.touches
                if one.customer == who and one.channel == channel and one.touchpoint in VISITED
            )
            latest: datetime | None = None
            for at, tie in touches:
                if latest is None or at - latest >= PAUSE:
                    found[who].append(Visit(Act(at, tie, channel, ""), at))
                else:
                    found[who][-1] = found[who][-1]._replace(ended=at)
                latest = at
    return {who: sorted(visits) for who, visits in found.items()}


class Cell(NamedTuple):
    """What of a pair of channels there was."""

    people: set[int]
    days: list[Fraction | None]


def cells(happened: Happened, on: str, period: tuple[date, date]) -> dict[tuple[str | None, str], Cell]:
    """By pair of channels."""
    acts = (
        orders(happened)
        if on == "orders"
        else {who: [visit.act for visit in visits] for who, visits in visited(happened).items()}
    )
    found: dict[tuple[str | None, str], Cell] = defaultdict(lambda: Cell(set(), []))
    for who, mine in acts.items():
        for place, act in enumerate(mine):
            if not period[0] <= happened.day(act.at) <= period[1]:
                continue
            before = mine[place - 1] if place else None
            cell = found[CHANNELS[before.channel] if before else None, CHANNELS[act.channel]]
            cell.people.add(who)
            gap = act.at - before.at if before else None
            cell.days.append(
                None if gap is None else Fraction(gap // timedelta(microseconds=1), 86_400_000_000)
            )
    return found


def typical(cell: Cell) -> Fraction | None:
    """The median of the days between."""
    known = [one for one in cell.days if one is not None]
    return median(known) if known else None
