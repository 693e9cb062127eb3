"""After-sales across channels: bought here and returned there, how long money takes, tickets, what service costs.

Not here: how it is counted (metrics/service), the rows behind a figure (rows.py), one order whole (order.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from channels.models import Channel
from channels.queries import channels_of
from console.journey import base as journey
from console.journey.figures import heat
from console.service import base
from console.service.base import Line, Square, lasting, named
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.journeys.base import Asked
from metrics.service import asking
from metrics.service.asking import NULL
from metrics.service.returns import Cell, Returns, returns
from metrics.service.tickets import Handled, Tickets, tickets

COST = "cost-"  # before a channel's slug, in an address: what a ticket costs there


class Refunding(NamedTuple):
    """How long money takes where goods are returned."""

    channel: Channel | None
    returns: str
    href: str
    waiting: int
    typical: str
    slow: str


class Serving(NamedTuple):
    """The tickets of a service channel; `field`: the input of what one costs, with what was given."""

    channel: Channel | None
    slug: str
    opened: str
    href: str
    open: str
    open_href: str
    response: str
    resolution: str
    reopened: str
    reopened_href: str
    given: str
    cost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(base.ServicePage):
    """The page."""

    there: bool  # the mirror answered
    finding: str
    columns: list[Channel]
    lines: list[Line]
    times: list[Refunding]
    unconverted: list[tuple[str, str]]
    serving_columns: list[Channel]
    serving_lines: list[Line]
    serving: list[Serving]
    cost: str
    missing: str


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The matrix of returns, refund times, the matrix of tickets, what they cost."""
    here = journey.Here.of(request)

    def find(asked: Asked, given: Mapping[str, str]) -> tuple[Returns, Tickets]:
        return returns(connection, asked), tickets(asked, costs(asked, given))

    found, problem = journey.read(here, find)
    back, served = found or (Returns([], [], "", None), Tickets([], [], Handled(), "", None))
    channels = channels_of(request.workspace.pk)
    shown = Page(
        **base.around(request, here.period, problem),
        there=found is not None,
        finding=finding(back, channels) if found else "",
        columns=_columns(channels, {cell.returned for cell in back.cells if cell.returned}),
        lines=_lines(here, back, channels),
        times=_times(here, back, channels),
        unconverted=[
            (code, format.number(value)) for code, value in sorted(back.total.money.unconverted.items())
        ],
        serving_columns=_columns(channels, {cell.served for cell in served.cells}),
        serving_lines=_serving_lines(here, served, channels),
        serving=[_serving(here, served, one.channel, channels) for one in served.channels],
        cost=format.money(served.cost, served.currency) if _said(served) else "",
        missing=_missing(served),
    )
    return render(request, "service/aftersales.html", shown)


def costs(asked: Asked, given: Mapping[str, str]) -> dict[str, Decimal]:
    """What a ticket costs by channel, of an address; a BadRequest for what is no amount."""
    said = {name.removeprefix(COST): text.strip() for name, text in given.items() if name.startswith(COST)}
    return asking.costs(asked.settings.channels, [f"{slug}:{text}" for slug, text in said.items() if text])


def _columns(channels: Mapping[str, Channel], slugs: set[str]) -> list[Channel]:
    return [channel for slug, channel in channels.items() if slug in slugs]


# ---- returns --------------------------------------------------------------------------------------------


def finding(back: Returns, channels: Mapping[str, Channel]) -> str:
    """The sentence that says it: how many crossed channels, and where most did."""
    total = back.total
    if not total.returns:
        return _("No goods came back in this period.")
    text = _("%(share)s of returns came back in another channel than they were bought in (%(base)s).") % {
        "share": format.percent(total.elsewhere / total.returns),
        "base": format.base(total.elsewhere, total.returns),
    }
    between = [cell for cell in back.cells if cell.returned and cell.returned != cell.bought and cell.returns]
    if not between:
        return text
    most = max(between, key=lambda cell: cell.returns)
    ways = {"source": named(channels, most.bought), "target": named(channels, most.returned)}
    return text + " " + _("Most of them went from %(source)s to %(target)s.") % ways


def _lines(here: journey.Here, back: Returns, channels: Mapping[str, Channel]) -> list[Line]:
    """A line for each channel where was bought; its last square is money back without goods."""
    cells = {(cell.bought, cell.returned): cell for cell in back.cells}
    columns: list[str | None] = [
        slug for slug in channels if any(cell.returned == slug for cell in back.cells)
    ]
    most = max((cell.returns for cell in back.cells), default=0)
    lines = []
    for slug, channel in channels.items():
        mine = [cell for cell in back.cells if cell.bought == slug]
        if mine:
            amount = sum((cell.money.amount for cell in mine), Decimal(0))
            lines.append(
                Line(
                    channel,
                    [_square(here, cells.get((slug, to)), most, back.currency) for to in (*columns, None)],
                    format.number(sum(cell.returns for cell in mine)),
                    format.money_short(amount, back.currency),
                    here.address("aftersales-rows", rows="returns", bought=slug),
                )
            )
    return lines


def _square(here: journey.Here, cell: Cell | None, most: int, currency: str) -> Square | None:
    if cell is None:
        return None
    amount = format.money_short(cell.money.amount, currency)
    rows = "returns" if cell.returned and cell.returns else "refunds"
    address = here.address("aftersales-rows", rows=rows, bought=cell.bought, returned=cell.returned or NULL)
    if cell.returned is None:
        return Square(amount, "", _judged(cell), 0, address)
    tip = _("%(amount)s refunded") % {"amount": format.money(cell.money.amount, currency)}
    if cell.median_hours is not None:
        tip += "; " + _("half of the refunds within %(time)s") % {"time": lasting(cell.median_hours)}
    judged = _judged(cell)
    return Square(
        format.number(cell.returns),
        amount,
        f"{tip}; {judged}" if judged else tip,
        heat(cell.returns, most),
        address,
    )


def _judged(cell: Cell) -> str:
    if not cell.answered:
        return ""
    return _("%(share)s satisfied (%(base)s)") % {
        "share": format.percent(cell.satisfied / cell.answered),
        "base": format.base(cell.satisfied, cell.answered),
    }


def _times(here: journey.Here, back: Returns, channels: Mapping[str, Channel]) -> list[Refunding]:
    return [
        Refunding(
            channels.get(one.channel),
            format.number(one.returns),
            here.address("aftersales-rows", rows="returns", returned=one.channel),
            one.waiting,
            lasting(one.median_hours),
            lasting(one.slow_hours),
        )
        for one in back.times
    ]


# ---- tickets --------------------------------------------------------------------------------------------


def _tickets(here: journey.Here, which: str = "opened", **of: str) -> str:
    return here.address("aftersales-rows", rows="tickets", which=which, **of)


def _serving_lines(here: journey.Here, served: Tickets, channels: Mapping[str, Channel]) -> list[Line]:
    """A line for each channel whose orders tickets are about; the last for tickets about no order."""
    cells = {(cell.bought, cell.served): cell.handled for cell in served.cells}
    columns = [slug for slug in channels if any(cell.served == slug for cell in served.cells)]
    most = max((handled.opened for handled in cells.values()), default=0)
    lines = []
    for bought in (*channels, None):
        mine = [cell.handled.opened for cell in served.cells if cell.bought == bought]
        if mine:
            squares = [
                _ticket_square(here, cells.get((bought, to)), most, {"bought": bought or NULL, "served": to})
                for to in columns
            ]
            href = _tickets(here, bought=bought or NULL)
            lines.append(
                Line(channels[bought] if bought else None, squares, format.number(sum(mine)), "", href)
            )
    return lines


def _ticket_square(
    here: journey.Here, handled: Handled | None, most: int, of: Mapping[str, str]
) -> Square | None:
    if handled is None:
        return None
    tip = _("%(n)s resolved, %(open)s open, %(again)s opened again") % {
        "n": format.number(handled.resolved),
        "open": format.number(handled.open),
        "again": format.number(handled.reopened),
    }
    return Square(format.number(handled.opened), "", tip, heat(handled.opened, most), _tickets(here, **of))


def _serving(here: journey.Here, served: Tickets, slug: str, channels: Mapping[str, Channel]) -> Serving:
    one = next(found for found in served.channels if found.channel == slug)
    handled = one.handled
    response = handled.median_response_minutes
    return Serving(
        channels.get(slug),
        slug,
        format.number(handled.opened),
        _tickets(here, served=slug),
        format.number(handled.open),
        _tickets(here, "open", served=slug),
        lasting(None if response is None else response / base.MINUTES),
        lasting(handled.median_resolution_hours),
        format.number(handled.reopened),
        _tickets(here, "reopened", served=slug),
        "" if one.each is None else f"{one.each:f}",
        format.NOTHING if one.cost is None else format.money(one.cost, served.currency),
    )


def _said(served: Tickets) -> bool:
    return any(one.each is not None for one in served.channels)


def _missing(served: Tickets) -> str:
    if not served.missing_cost:
        return ""
    return _("Of %(n)s of %(all)s tickets nobody says what one costs: they are in no sum.") % {
        "n": format.number(served.missing_cost),
        "all": format.number(served.total.opened),
    }
