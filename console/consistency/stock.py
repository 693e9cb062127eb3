"""Stock by SKU and channel: what lies there and for how long, what its want cost, what to move, what was sold without.

Not here: how it is counted (metrics/assortment/stock.py), what moves (metrics/assortment/transfers.py), the files
(stock_files.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.models import Channel
from console.consistency import shelf
from kernel import cursor
from kernel.errors import BadRequest
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.assortment import stock
from metrics.assortment.stock import Item, Oversold, Totals
from metrics.assortment.transfers import Transfer

PER_PAGE: Final = 50
MOST_MOVES: Final = 100  # that are listed; the file has all
PARTS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "shelves": gettext_lazy("Stock by SKU and channel"),
        "transfers": gettext_lazy("Transfers proposed"),
        "oversold": gettext_lazy("Oversold orders"),
    }
)
WORDS: Final[Mapping[str, tuple[Promise, str]]] = MappingProxyType(
    {
        "out": (gettext_lazy("Out of stock"), "bad"),
        "short": (gettext_lazy("Running out"), "warn"),
        "even": (gettext_lazy("Enough"), "good"),
        "long": (gettext_lazy("Stuck"), "note"),
    }
)
USUAL: Final = "-lost_sales"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A part of the page, or a state of items."""

    words: str
    count: int | None
    address: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A SKU on a channel."""

    sku: str
    name: str
    address: str  # of the same SKU everywhere; "": it holds contact data that this person must not see
    channel: Channel
    word: str
    tone: str
    level: str
    cover: str
    turnover: str
    days_out: int
    stock_outs: int
    days: int
    lost: str
    range: str
    value: str
    units: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A transfer."""

    sku: str
    name: str
    source: Channel
    target: Channel
    pieces: str
    levels: tuple[str, str, str, str]  # of the source before and after, of the target before and after
    covers: tuple[str, str, str, str]
    turnover: tuple[str, str]
    more: str
    sales: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of an order that took what was not there."""

    one: Oversold
    order_id: str
    sku: str
    name: str
    channel: Channel | None
    quantity: str
    level: str
    address: str  # of the order's message


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shelf.ShelfPage):
    """The page."""

    title: str
    finding: str
    totals: Totals
    rate: str
    lost: str
    value: str
    notes: list[str]
    part: str
    parts: list[Tab]
    states: list[Tab]
    state: str
    ordering: str
    rows: list[Row]
    moves: list[Move]
    moves_more: int
    lines: list[Line]
    page: cursor.Page


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    asked = shelf.Asked(request)
    found = stock.items(connection, asked.about)
    totals, moves = stock.totals(found), stock.moves(found)
    part, state = asked.chosen("part", tuple(PARTS), "shelves"), asked.chosen("state", tuple(WORDS))
    ordering = request.GET.get("ordering", USUAL)
    ordering = ordering if ordering.removeprefix("-") in stock.ORDERINGS else USUAL
    page = _listed(asked, found, part, state, ordering)
    by_item = {(one.sku, one.channel): one for one in found}
    currency = asked.settings.currency
    shown = Page(
        **asked.around(),
        title=_title(totals, asked),
        finding=_finding(totals, moves, currency),
        totals=totals,
        rate=format.percent(totals.stock_out_rate),
        lost=format.money(totals.lost_sales, currency),
        value=format.money(totals.value, currency),
        notes=_notes(totals),
        part=part,
        parts=_parts(request, part, totals, moves),
        states=_states(request, state, totals),
        state=state,
        ordering=ordering,
        rows=[_row(asked, one) for one in page.items] if part == "shelves" else [],
        moves=[_move(asked, one, by_item) for one in moves[:MOST_MOVES]] if part == "transfers" else [],
        moves_more=max(len(moves) - MOST_MOVES, 0),
        lines=[_line(asked, one) for one in page.items] if part == "oversold" else [],
        page=page,
    )
    return render(request, "consistency/stock.html", shown)


def _listed(asked: shelf.Asked, found: Sequence[Item], part: str, state: str, ordering: str) -> cursor.Page:
    """What is shown page by page; a cursor there is none of is said, and left out."""

    def ask(at: str | None) -> cursor.Page:
        if part == "oversold":
            return stock.oversold(connection, asked.about, at, PER_PAGE)
        return stock.page(found, ordering, state, at, PER_PAGE)

    try:
        return ask(asked.request.GET.get("cursor") or None)
    except BadRequest as wrong:
        asked.problem = str(wrong)
        return ask(None)


# ---- rows ------------------------------------------------------------------------------------------------


def _row(asked: shelf.Asked, one: Item) -> Row:
    words, tone = WORDS[one.state]
    currency = asked.settings.currency
    lost = one.money(one.lost)
    low, high = one.lost_range or (None, None)
    span = ""
    if one.lost and low is not None and one.price is not None:
        ends = {"low": format.money_short(one.money(low), currency)}
        span = _("%(low)s to %(high)s") % (ends | {"high": format.money_short(one.money(high), currency)})
    return Row(
        sku=asked.said(one.sku),
        name=asked.said(one.name),
        address=shell.address(asked.request, sku=one.sku, state="") if asked.shows(one.sku) else "",
        channel=asked.by_id[one.channel],
        word=str(words),
        tone=tone,
        level=format.number(one.level),
        cover=_days(one.cover),
        turnover=format.number(one.turnover, 2) if one.turnover is not None else format.NOTHING,
        days_out=one.days_out,
        stock_outs=one.stock_outs,
        days=one.days,
        lost=format.money(lost, currency) if lost is None or lost else "",
        range=span,
        value=format.money(one.value, currency),
        units=format.number(one.units),
    )


def _move(asked: shelf.Asked, one: Transfer, items: Mapping[tuple[str, int], Item]) -> Move:
    source, target = one.after
    item = items[target.sku, target.channel]
    before, after = one.turnover
    both = (one.source, source, one.target, target)
    levels = tuple(format.number(shelf_.level) for shelf_ in both)
    covers = tuple(_days(shelf_.cover) for shelf_ in both)
    return Move(
        sku=asked.said(item.sku),
        name=asked.said(item.name),
        source=asked.by_id[source.channel],
        target=asked.by_id[target.channel],
        pieces=format.number(one.pieces),
        levels=(levels[0], levels[1], levels[2], levels[3]),
        covers=(covers[0], covers[1], covers[2], covers[3]),
        turnover=(_turns(before), _turns(after)),
        more=format.number(one.more, 1),
        sales=format.money(item.money(one.more), asked.settings.currency),
    )


def _line(asked: shelf.Asked, one: Oversold) -> Line:
    return Line(
        one=one,
        order_id=asked.said(one.order_id),
        sku=asked.said(one.sku),
        name=asked.said(one.name),
        channel=asked.channels.get(one.channel or ""),
        quantity=format.number(one.quantity),
        level=format.number(one.level),
        address=reverse("event", args=[one.message_id]) if asked.shows(one.message_id) else "",
    )


def _days(cover: Decimal | None) -> str:
    return format.NOTHING if cover is None else _("%(n)s d") % {"n": format.number(cover, 1)}


def _turns(value: Decimal | None) -> str:
    return format.NOTHING if value is None else format.number(value, 2)


# ---- words -----------------------------------------------------------------------------------------------


def _parts(request: WorkspaceRequest, current: str, totals: Totals, moves: Sequence[Transfer]) -> list[Tab]:
    counts = {"shelves": totals.items, "transfers": len(moves), "oversold": None}
    return [
        Tab(
            words=str(words),
            count=counts[name],
            address=shell.address(request, part="" if name == "shelves" else name, ordering="", state=""),
            current=name == current,
        )
        for name, words in PARTS.items()
    ]


def _states(request: WorkspaceRequest, current: str, totals: Totals) -> list[Tab]:
    every = Tab(
        words=_("All"), count=totals.items, address=shell.address(request, state=""), current=not current
    )
    return [every] + [
        Tab(
            words=str(words),
            count=totals.states[name],
            address=shell.address(request, state=name),
            current=name == current,
        )
        for name, (words, _tone) in WORDS.items()
    ]


def _title(totals: Totals, asked: shelf.Asked) -> str:
    if not totals.items:
        return _("No stock levels yet") if asked.now else _("No stock levels on that day")
    out = totals.states["out"]
    if not out:
        return _("Everything is in stock on every channel")
    return ngettext(
        "%(out)s of %(n)s stock position is out of stock",
        "%(out)s of %(n)s stock positions are out of stock",
        totals.items,
    ) % {
        "out": format.number(out),
        "n": format.number(totals.items),
    }


def _finding(totals: Totals, moves: Sequence[Transfer], currency: str) -> str:
    parts = []
    if totals.lost_sales:
        amount = format.money(totals.lost_sales, currency)
        parts.append(_("Days without stock cost about %(amount)s of sales in 30 days.") % {"amount": amount})
    if moves:
        said = ngettext(
            "%(n)s transfer would bring stock where it sells.",
            "%(n)s transfers would bring stock where it sells.",
            len(moves),
        )
        parts.append(said % {"n": format.number(len(moves))})
    return " ".join(parts)


def _notes(totals: Totals) -> list[str]:
    """What is left out of the sums."""
    notes = []
    if totals.unpriced:
        said = ngettext(
            "%(n)s stock position lost sales and has no price: not in the sum.",
            "%(n)s stock positions lost sales and have no price: not in the sum.",
            totals.unpriced,
        )
        notes.append(said % {"n": format.number(totals.unpriced)})
    if totals.uncosted:
        said = ngettext(
            "%(n)s stock position has stock and no cost: not in the worth.",
            "%(n)s stock positions have stock and no cost: not in the worth.",
            totals.uncosted,
        )
        notes.append(said % {"n": format.number(totals.uncosted)})
    return notes
