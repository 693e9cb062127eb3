"""Whether goods cost the same on every channel: the share by day, prices SKU by channel, which price to move.

Not here: how prices are compared (metrics/assortment), one SKU (parity_sku.py), the rules' form (parity_rules.py).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from types import MappingProxyType
from typing import Any, Final, NotRequired, TypedDict

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from channels.models import Channel
from channels.queries import channels_of
from console.consistency import parity_rules, shelf
from console.consistency.parity_prices import FAR, Cell, Way, cells, way
from console.metric import board as campaigns
from console.metric import export, target_status
from kernel import audit, cursor
from kernel.errors import BadRequest
from kernel.periods import utc_text
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import query, targets
from metrics.assortment import parity, rules
from metrics.assortment.parity import DayRate, Sku, Totals
from metrics.catalogue.inventory import PRICE_PARITY
from metrics.scope import Days

PER_PAGE: Final = 50
WORDS: Final = MappingProxyType(
    {
        "apart": gettext_lazy("Apart"),
        "agreeing": gettext_lazy("The same"),
        "single": gettext_lazy("Nothing to compare"),
        "all": gettext_lazy("All"),
    }
)
USUAL: Final = "-gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A state one may look at alone."""

    words: str
    skus: int
    address: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A SKU: its price on each of the page's channels."""

    sku: str
    name: str
    address: str  # "": it holds contact data that this person must not see
    cells: list[Cell | None]
    gap: str
    spread: str
    units: Decimal
    exposure: str
    ways: list[Way]
    money: str


class Chart(TypedDict):
    """What charts.js draws as a line: JSON."""

    unit: str
    symbol: str
    x: list[str]
    name: str
    data: list[float | None]
    step: str
    base: list[str]
    partial: list[int]
    partialText: str
    ref: dict[str, Any]
    marks: list[campaigns.Mark]
    say: str
    ratio: bool
    begins: str
    target: NotRequired[float]
    targetText: NotRequired[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shelf.ShelfPage):
    """The page."""

    title: str
    finding: str
    there: bool  # some price is
    totals: Totals
    rate: str
    change: format.Change | None
    against: str
    target: target_status.TargetStatus | None
    missing: str  # to the target
    exposure: str
    chart: Chart
    days: list[tuple[DayRate, str]]
    tabs: list[Tab]
    ordering: str
    columns: list[Channel]
    far: str  # from the usual price: marked strongly
    rows: list[Row]
    page: cursor.Page
    form: parity_rules.Form


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    return page(request, None)


def page(request: WorkspaceRequest, form: parity_rules.Form | None, status: int = 200) -> HttpResponse:
    """The page; `form`: the rules as somebody typed them, with what is wrong."""
    asked = shelf.Asked(request)
    state, ordering = asked.chosen("state", tuple(WORDS)), request.GET.get("ordering", USUAL)
    totals, board = _board(asked, state or "apart", ordering)
    if not state:
        state = "apart" if _apart(totals) else "all"
        board = board if state == "apart" else _board(asked, state, ordering).page
    series = parity.by_day(connection, asked.about, asked.rules, asked.days)
    columns = [
        channel
        for channel in asked.channels.values()
        if any(one.channel == channel.pk for sku in board.items for one in sku.prices)
    ]
    shown = Page(
        **asked.around(),
        title=_title(totals, asked),
        finding=" ".join(filter(None, (_finding(totals, asked), _cause(asked, board, state)))),
        there=bool(totals.skus),
        totals=totals,
        rate=format.percent(totals.rate),
        change=_change(totals, series),
        against=format.day(series[0].day) if series else "",
        target=_target(asked, totals),
        missing=_missing(asked, totals),
        exposure=format.money(totals.exposure, asked.settings.currency),
        chart=_chart(asked, series),
        days=[(one, format.percent(_rate(one))) for one in reversed(series)],
        tabs=_tabs(request, totals, state),
        ordering=ordering if ordering.removeprefix("-") in parity.ORDERINGS else USUAL,
        columns=columns,
        far=format.percent(FAR, 0),
        rows=[_row(asked, sku, columns) for sku in board.items],
        page=board,
        form=form or parity_rules.form_of(asked.rules, asked.channels),
    )
    return render(request, "consistency/parity.html", shown, status)


@require_POST
@access.require_role("admin")
def keep(request: WorkspaceRequest) -> HttpResponse:
    """The rules that were typed; what cannot be is said above the form, with all that was typed kept."""
    place = request.workspace
    channels = channels_of(place.pk)
    try:
        wanted = rules.read(parity_rules.given(request, channels), channels, rules.of(place))
        with transaction.atomic():
            if changed := rules.keep(place, wanted):
                audit.by(request, "parity.rules", place.slug, **changed)
    except BadRequest as wrong:
        return page(request, parity_rules.typed(request, channels, str(wrong)), 422)
    messages.info(request, _("Saved.") if changed else _("Nothing was different."))
    return redirect("parity")


@access.require_role("viewer")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """Prices as CSV, a line for each SKU and channel, as this person may see them."""
    asked = shelf.Asked(request)
    state = asked.chosen("state", tuple(WORDS), "all")
    head = [
        *(_("SKU"), _("Name"), _("Category"), _("Channel"), _("Price"), _("Currency"), _("List price")),
        *(_("Promotion"), _("Since"), _("Comparable price"), _("May differ"), _("Agrees"), _("Gap")),
        *(_("Sold, 30 days"), _("Exposure")),
    ]
    return export.answer(request, f"parity-{asked.about.day}", head, _lines(asked, state))


def _lines(asked: shelf.Asked, state: str) -> Iterator[list[Any]]:
    wanted = "" if state == "all" else state
    for sku in parity.every(connection, asked.about, asked.rules, wanted, USUAL):
        for one in sku.prices:
            channel = asked.by_id[one.channel]
            yield [
                *(asked.said(sku.sku), asked.said(sku.name), asked.said(sku.category), channel.slug),
                *(query.text(one.price), one.currency, one.list_price and query.text(one.list_price)),
                *(asked.said(one.promotion or ""), utc_text(one.at)),
                *(None if one.worth is None else query.text(one.worth), one.allowed, sku.judged.agree),
                sku.judged.gap and query.text(sku.judged.gap),
                *(query.text(sum(sku.units.values(), Decimal(0))), query.text(sku.exposure)),
            ]


def _board(asked: shelf.Asked, state: str, ordering: str) -> parity.Board:
    """A page of SKUs; an order or cursor there is none of is said, and left out."""
    ask = parity.Ask(
        "" if state == "all" else state, ordering, asked.request.GET.get("cursor") or None, PER_PAGE
    )
    try:
        return parity.board(connection, asked.about, asked.rules, ask)
    except BadRequest as wrong:
        asked.problem = str(wrong)
        return parity.board(connection, asked.about, asked.rules, ask._replace(ordering=USUAL, at=None))


def _row(asked: shelf.Asked, sku: Sku, columns: Sequence[Channel]) -> Row:
    currency = asked.settings.currency
    return Row(
        sku=asked.said(sku.sku),
        name=asked.said(sku.name),
        address=shell.in_period(asked.request, "parity-sku", sku=sku.sku) if asked.shows(sku.sku) else "",
        cells=cells(sku, columns, asked.rules),
        gap=format.percent(sku.judged.gap),
        spread=format.money(sku.judged.spread, currency),
        units=sum(sku.units.values(), Decimal(0)),
        exposure=format.money(sku.exposure, currency) if sku.exposure else format.NOTHING,
        ways=[way(move, asked.by_id) for move in sku.suggestion.moves] if sku.suggestion else [],
        money=format.money(sku.suggestion.money, currency) if sku.suggestion else "",
    )


def _tabs(request: WorkspaceRequest, totals: Totals, current: str) -> list[Tab]:
    counts: Mapping[str, int] = {
        "apart": _apart(totals),
        "agreeing": totals.agreeing,
        "single": totals.skus - totals.compared,
        "all": totals.skus,
    }
    return [
        Tab(
            words=str(words),
            skus=counts[state],
            address=shell.address(request, state=state) + "#rows",
            current=state == current,
        )
        for state, words in WORDS.items()
    ]


# ---- the share, and over time -----------------------------------------------------------------------------


def _apart(totals: Totals) -> int:
    return totals.compared - totals.agreeing


def _rate(one: DayRate) -> Decimal | None:
    return Decimal(one.agreeing) / one.compared if one.compared else None


def _change(totals: Totals, series: Sequence[DayRate]) -> format.Change | None:
    """Since the first day of the period."""
    return format.change(totals.rate, _rate(series[0]), "share", "up") if series else None


def _target(asked: shelf.Asked, totals: Totals) -> target_status.TargetStatus | None:
    day = asked.about.day
    goal = targets.goals(connection, asked.workspace.pk, [PRICE_PARITY], Days(day, day)).get(
        PRICE_PARITY.name
    )
    return target_status.of(PRICE_PARITY, totals.rate, goal, 1, asked.settings.currency)


def _missing(asked: shelf.Asked, totals: Totals) -> str:
    """How many SKUs are missing to the target."""
    wanted = parity.target(connection, asked.about)
    if wanted is None or not totals.compared:
        return ""
    short = int((wanted * totals.compared).to_integral_value(ROUND_CEILING)) - totals.agreeing
    if short <= 0:
        return ""
    return ngettext(
        "%(n)s SKU more with one price, and the target is met.",
        "%(n)s SKUs more with one price, and the target is met.",
        short,
    ) % {"n": format.number(short)}


def _chart(asked: shelf.Asked, series: Sequence[DayRate]) -> Chart:
    rates = [_rate(one) for one in series]
    wanted = parity.target(connection, asked.about)
    chart: Chart = {
        "unit": "share",
        "symbol": "",
        "x": [one.day.isoformat() for one in series],
        "name": _("Same price on all channels"),
        "data": [None if rate is None else float(rate) for rate in rates],
        "step": "end",
        "base": [format.base(one.agreeing, one.compared) for one in series],
        "partial": [],
        "partialText": "",
        "ref": {"name": "", "x": [], "data": []},
        "marks": campaigns.marks(asked.workspace, asked.period, masked=asked.masked),
        "say": _("The share of SKUs with one price, day by day; the table below has the numbers."),
        "ratio": True,
        "begins": _("The axis begins at %s"),
    }
    if wanted is not None:
        chart["target"] = float(wanted)
        chart["targetText"] = _("target %(value)s") % {"value": format.percent(wanted)}
    return chart


# ---- words -----------------------------------------------------------------------------------------------


def _title(totals: Totals, asked: shelf.Asked) -> str:
    if not totals.skus:
        return _("No prices yet") if asked.now else _("No prices on that day")
    if not totals.compared:
        return _("No SKU has a price on two channels")
    apart = _apart(totals)
    if not apart:
        return ngettext(
            "The price of %(n)s SKU is the same on all its channels",
            "The prices of all %(n)s SKUs are the same on all their channels",
            totals.compared,
        ) % {"n": format.number(totals.compared)}
    return ngettext(
        "%(apart)s of %(n)s SKU differs in price between channels",
        "%(apart)s of %(n)s SKUs differ in price between channels",
        totals.compared,
    ) % {"apart": format.number(apart), "n": format.number(totals.compared)}


def _cause(asked: shelf.Asked, board: cursor.Page, state: str) -> str:
    """The channel that would have to move most prices; "" where not all SKUs that differ are at hand."""
    if state != "apart" or board.next or board.previous:
        return ""
    moves = [move.channel for sku in board.items if sku.suggestion for move in sku.suggestion.moves]
    if not moves:
        return ""
    channel, n = Counter(moves).most_common(1)[0]
    return ngettext("%(channel)s strays most: %(n)s SKU.", "%(channel)s strays most: %(n)s SKUs.", n) % {
        "channel": shell.channel_name(asked.by_id[channel]),
        "n": format.number(n),
    }


def _finding(totals: Totals, asked: shelf.Asked) -> str:
    """What is at stake, and what could not be compared."""
    parts = []
    if totals.exposure:
        amount = format.money(totals.exposure, asked.settings.currency)
        parts.append(_("%(amount)s of the sales of 30 days lie in the gaps.") % {"amount": amount})
    if totals.unrated:
        said = ngettext(
            "%(n)s SKU has a price in a currency without a rate on its day: it is left out of the comparison.",
            "%(n)s SKUs have a price in a currency without a rate on its day: it is left out of the comparison.",
            totals.unrated,
        )
        parts.append(said % {"n": format.number(totals.unrated)})
    return " ".join(parts)
