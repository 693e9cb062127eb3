"""One SKU: its price on each channel over time, which to move, and the customers who met two prices of it.

Not here: how prices are compared (metrics/assortment).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel
from console.consistency import shelf
from console.consistency.parity_prices import Cell, Way, cells, way
from console.journey import people as listed
from kernel.errors import NotFound
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.assortment import parity, people, rules
from metrics.assortment.comparing import Held
from metrics.assortment.parity import SkuDay
from metrics.journeys.base import Asked

FAMILY = gettext_lazy("Price parity")
MOST_RECORDS = 100  # price records that are listed, the newest


class Line(TypedDict):
    """A channel's price over time."""

    name: str
    c: str
    data: list[float | None]
    main: bool
    step: str


class Chart(TypedDict):
    """What charts.js draws as a curve: JSON."""

    unit: str
    symbol: str
    x: list[str]
    lines: list[Line]
    data: list[float | None]
    say: str
    ratio: bool
    begins: str


@dataclass(frozen=True, slots=True)
class Record:
    """A price as it came."""

    channel: Channel | None
    price: str
    list_price: str
    promotion: str
    at: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shelf.ShelfPage):
    """The page."""

    title: str
    finding: str
    called: str
    prices: list[tuple[Channel, Cell, str]]  # with what was sold there
    exposure: str
    ways: list[Way]
    money: str
    agrees: bool
    chart: Chart
    days: list[tuple[SkuDay, str]]
    records: list[Record]
    more: int  # records that are not listed


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    asked = shelf.Asked(request)
    about = asked.about._replace(category="", channels=())
    found = parity.history(connection, about, asked.rules, asked.sku, asked.days)
    if not found.records:
        raise NotFound(_("There is no price of this SKU so far: look at all prices."))
    sku = parity.skus(connection, about, asked.rules, [asked.sku])[asked.sku]
    columns = [asked.by_id[one.channel] for one in sku.prices]
    currency = asked.settings.currency
    there = [one for one in cells(sku, columns, asked.rules) if one]
    sold = [format.number(sku.units.get(channel.pk, Decimal(0))) for channel in columns]
    shown = Page(
        **asked.around(),
        title=asked.said(sku.name) or asked.said(sku.sku),
        finding=_finding(sku, currency),
        called=asked.said(sku.sku),
        prices=list(zip(columns, there, sold, strict=True)),
        exposure=format.money(sku.exposure, currency) if sku.exposure else "",
        ways=[way(move, asked.by_id) for move in sku.suggestion.moves] if sku.suggestion else [],
        money=format.money(sku.suggestion.money, currency) if sku.suggestion else "",
        agrees=sku.judged.agree is not False,
        chart=_chart(found.days, asked.by_id, currency),
        days=[(one, format.percent(one.judged.gap)) for one in reversed(found.days)],
        records=[_record(asked, one) for one in found.records[: -MOST_RECORDS - 1 : -1]],
        more=max(len(found.records) - MOST_RECORDS, 0),
    )
    return render(request, "consistency/parity_sku.html", shown)


@access.require_role("viewer")
def behind(request: WorkspaceRequest) -> HttpResponse:
    """The customers who met two prices within the period: of one SKU, or of any."""
    back = "parity-sku" if request.GET.get("sku") else "parity"
    held = rules.of(request.workspace)

    def find(asked: Asked, given: Mapping[str, str]) -> listed.Who:
        sku = given.get("sku", "")[: shelf.LONGEST]
        found = people.people(connection, asked, held, sku)
        if sku:
            named = str(access.scrub(sku)) if request.access.masked else sku
            return found, _("Customers who met %(sku)s at two prices on two channels") % {"sku": named}
        return found, _("Customers who met a SKU at two prices on two channels")

    return listed.show(request, back, find, FAMILY)


def _record(asked: shelf.Asked, one: Held) -> Record:
    return Record(
        asked.by_id.get(one.channel),
        format.money(one.price, one.currency),
        format.money(one.list_price, one.currency) if one.list_price is not None else format.NOTHING,
        asked.said(one.promotion or ""),
        one.at,
    )


def _chart(days: Sequence[SkuDay], channels: Mapping[int, Channel], currency: str) -> Chart:
    """A line for each channel that had a price, as the customer pays it."""
    by_day = [{one.channel: one.worth for one in day.prices if one.worth is not None} for day in days]
    there = [channel for channel in channels if any(channel in prices for prices in by_day)]
    lines: list[Line] = [
        {
            "name": shell.channel_name(channels[channel]),
            "c": shell.colour(channels[channel]).removeprefix("c-"),
            "data": [float(prices[channel]) if channel in prices else None for prices in by_day],
            "main": False,
            "step": "end",
        }
        for channel in there
    ]
    return {
        "unit": "money",
        "symbol": format.symbol(currency),
        "x": [format.day(day.day) for day in days],
        "lines": lines,
        "data": [value for line in lines for value in line["data"]],
        "say": _("The price on each channel, day by day; the table below has what came."),
        "ratio": True,
        "begins": _("The axis begins at %s"),
    }


def _finding(sku: parity.Sku, currency: str) -> str:
    agree = sku.judged.agree
    if agree is None:
        return _("There is one price alone to look at: nothing to compare.")
    if agree:
        return _("It costs the same on all its channels.")
    return _("Its prices lie %(spread)s apart, %(gap)s of the usual %(usual)s.") % {
        "spread": format.money(sku.judged.spread, currency),
        "gap": format.percent(sku.judged.gap),
        "usual": format.money(sku.judged.usual, currency),
    }
