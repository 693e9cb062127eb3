"""Who moves from which channel to which: the matrix, the largest moves, who never moves, what those who do are worth.

Not here: how it is counted (metrics/journeys/switching.py, channel_value.py), the people behind a cell (people.py).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel
from channels.queries import channels_of
from console.journey import base, people
from console.journey.figures import Link, choices, chosen, heat, points
from console.journey.spread import Spread, spreads
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.effects.intervals import Difference
from metrics.journeys import switching_api
from metrics.journeys.base import Asked
from metrics.journeys.channel_value import ChannelValue, Group, channel_value
from metrics.journeys.switching import ON, Cell, Switching, switching

MOST_MOVES = 8
WORDS = {"orders": gettext_lazy("Orders"), "visits": gettext_lazy("Visits")}


class Square(NamedTuple):
    """A cell of the matrix."""

    text: str
    tip: str
    heat: int
    href: str


class Line(NamedTuple):
    """What was before, and what came: by channel. `channel` None: nothing was before."""

    channel: Channel | None
    total: str
    squares: list[Square | None]


class Move(NamedTuple):
    """From one channel to another."""

    source: Channel
    target: Channel
    steps: str
    href: str
    customers: str
    days: str
    part: int
    whole: int


class Stays(NamedTuple):
    """Customers of several orders, all on one channel."""

    channel: Channel
    customers: str
    part: int
    whole: int


class Compared(NamedTuple):
    """A figure of cross-channel customers and of single-channel ones, and how they differ."""

    name: str
    cross: str
    single: str
    difference: str
    range: str
    spread: Spread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(base.AnalysisPage):
    """The page."""

    there: bool  # the mirror answered
    finding: str
    on: str
    words: list[Link]
    columns: list[Channel]
    lines: list[Line]
    moves: list[Move]
    stays: list[Stays]
    staying: str
    compared: list[Compared]
    groups: str
    unconverted: list[tuple[str, str]]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here = base.Here.of(request)
    on = chosen(here.given, "on", ON)

    def find(asked: Asked, _given: Mapping[str, str]) -> tuple[Switching, ChannelValue]:
        return switching(asked, on), channel_value(connection, asked)

    found, problem = base.read(here, find)
    flows, worth = found or (Switching([], [], None), None)
    channels = channels_of(request.workspace.pk)
    moved, address = moved_of(flows), leading(here, on)
    return render(
        request,
        "journey/switching.html",
        Page(
            **base.around(request, here.period, problem),
            **base.keeping(here, "switching", {"on": on}, problem),
            there=found is not None,
            finding=finding(moved, channels, on) if found else "",
            on=on,
            words=choices(request, "on", on, dict(WORDS)),
            columns=[channels[slug] for slug in flows.channels],
            lines=_lines(flows, channels, address),
            moves=_moves(moved, channels, address),
            stays=_stays(worth, channels),
            staying=_staying(worth),
            compared=_value(worth),
            groups=_groups(worth),
            unconverted=[(code, format.number(value)) for code, value in sorted(worth.unconverted.items())]
            if worth
            else [],
        ),
    )


@access.require_role("viewer")
def behind(request: WorkspaceRequest) -> HttpResponse:
    """Those who went from one channel to another."""
    return people.show(request, "journey-switching", _people)


def _people(asked: Asked, given: Mapping[str, str]) -> people.Who:
    found = switching_api.people(asked, given)
    words = base.Words(asked.settings.workspace)
    source, target = given.get("source", switching_api.FIRST), words.of("channel", given["target"])
    if source == switching_api.FIRST:
        return found, _("Customers who came to %(target)s, with nothing before") % {"target": target}
    ways = {"source": words.of("channel", source), "target": target}
    return found, _("Customers who went from %(source)s to %(target)s") % ways


def moved_of(flows: Switching) -> list[Cell]:
    """The cells with something before."""
    return [cell for cell in flows.cells if cell.origin]


def leading(here: base.Here, on: str) -> Callable[[Cell], str]:
    """The address of a cell's people."""

    def address(cell: Cell) -> str:
        ways = {"source": cell.origin or switching_api.FIRST, "target": cell.to}
        return here.address("journey-switching-people", on=on, **ways)

    return address


def _lines(flows: Switching, channels: dict[str, Channel], address: Callable[[Cell], str]) -> list[Line]:
    """A line for each channel that was before, the first one for nothing before."""
    cells = {(cell.origin, cell.to): cell for cell in flows.cells}
    totals: dict[str | None, int] = defaultdict(int)
    for cell in flows.cells:
        totals[cell.origin] += cell.steps
    most = max((cell.steps for cell in flows.cells if cell.origin), default=0)
    return [
        Line(
            channels[origin] if origin else None,
            format.number(totals[origin]),
            [_square(cells.get((origin, to)), totals[origin], most, address) for to in flows.channels],
        )
        for origin in (None, *flows.channels)
        if totals[origin]
    ]


def _square(cell: Cell | None, total: int, most: int, address: Callable[[Cell], str]) -> Square | None:
    if cell is None:
        return None
    tip = _("%(base)s, of %(customers)s customers") % {
        "base": format.base(cell.steps, total),
        "customers": format.number(cell.customers),
    }
    if cell.median_days is not None:
        tip = f"{tip}; {_days(cell)}"
    shade = heat(cell.steps, most) if cell.origin else 0
    return Square(format.number(cell.steps), tip, shade, address(cell))


def _days(cell: Cell) -> str:
    return _("half of them within %(n)s days") % {"n": format.number(cell.median_days, 1)}


def _moves(moved: list[Cell], channels: dict[str, Channel], address: Callable[[Cell], str]) -> list[Move]:
    """From one channel to another one: the most frequent first."""
    between = sorted((cell for cell in moved if cell.origin != cell.to), key=lambda cell: -cell.steps)
    whole = max((cell.steps for cell in between), default=0)
    return [
        Move(
            channels[cell.origin or ""],
            channels[cell.to],
            format.number(cell.steps),
            address(cell),
            format.number(cell.customers),
            format.number(cell.median_days, 1),
            cell.steps,
            whole,
        )
        for cell in between[:MOST_MOVES]
    ]


def finding(moved: list[Cell], channels: dict[str, Channel], on: str) -> str:
    """The sentence that says it: how many moved, and where most did."""
    whole = sum(cell.steps for cell in moved)
    if not whole:
        return _("Nobody came back in this period.")
    between = [cell for cell in moved if cell.origin != cell.to]
    switched = sum(cell.steps for cell in between)
    said = {"share": format.percent(switched / whole), "base": format.base(switched, whole)}
    text = (
        _("%(share)s of repeat orders were on another channel than the one before (%(base)s).")
        if on == "orders"
        else _("%(share)s of repeat visits were on another channel than the one before (%(base)s).")
    ) % said
    if not between:
        return text
    most = max(between, key=lambda cell: cell.steps)
    ways = {
        "source": shell.channel_name(channels[most.origin or ""]),
        "target": shell.channel_name(channels[most.to]),
    }
    return text + " " + _("Most moved from %(source)s to %(target)s.") % ways


def _stays(worth: ChannelValue | None, channels: dict[str, Channel]) -> list[Stays]:
    staying = sorted(worth.staying, key=lambda one: -one.customers) if worth else []
    whole = max((one.customers for one in staying), default=0)
    return [
        Stays(channels[one.channel], format.number(one.customers), one.customers, whole) for one in staying
    ]


def _staying(worth: ChannelValue | None) -> str:
    if worth is None or not worth.customers:
        return ""
    never = sum(one.customers for one in worth.staying)
    return _("%(share)s of the customers with several orders never switched (%(base)s).") % {
        "share": format.percent(never / worth.customers),
        "base": format.base(never, worth.customers),
    }


def _groups(worth: ChannelValue | None) -> str:
    if worth is None or not (worth.cross.customers and worth.single.customers):
        return ""
    return _("%(cross)s customers of several channels, %(single)s of one") % {
        "cross": format.number(worth.cross.customers),
        "single": format.number(worth.single.customers),
    }


def _value(worth: ChannelValue | None) -> list[Compared]:
    """What a customer of either group does; nothing where one of them is empty."""
    if worth is None or not (worth.cross.customers and worth.single.customers):
        return []
    found = worth.differences
    currency = worth.currency

    def money(value: float) -> str:
        return format.money_short(round(value, 2), currency)

    def plain(value: float) -> str:
        return format.number(value, 2)

    def each(group: Group, name: str) -> float:
        total = {
            "retention": group.returned,
            "orders": group.orders.total,
            "revenue": group.revenue.total,
        }
        return float(total[name]) / group.customers

    rows = (
        ("retention", _("Ordered again in the period"), format.percent, points),
        ("orders", _("Orders per customer"), plain, lambda value: _signed(value, plain)),
        ("revenue", _("Revenue per customer"), money, lambda value: _signed(value, money)),
    )
    made = []
    for name, words, said, signed in rows:
        difference: Difference | None = found[name]
        made.append(
            Compared(
                words,
                said(each(worth.cross, name)),
                said(each(worth.single, name)),
                signed(difference.value) if difference else format.NOTHING,
                _("%(low)s to %(high)s") % {"low": signed(difference.low), "high": signed(difference.high)}
                if difference
                else "",
                spreads([difference])[0],
            )
        )
    return made


def _signed(value: float, said: Callable[[float], str]) -> str:
    return ("+" if value > 0 else "") + said(value)
