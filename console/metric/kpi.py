"""Why did this number move? One metric: formula with its numbers, series, target, by channel, who moved it.

Not here: the rows behind it (kpi_rows.py), its file (kpi_file.py), reading it (kpi_view.py), its title (change.py), its
series to read (kpi_table.py).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from channels.models import Channel
from console import saving
from console.metric import (
    anomalies,
    board,
    breaking,
    change,
    kpi_charts,
    kpi_table,
    target_form,
    target_status,
)
from console.metric.kpi_view import TINY, Cell, Side, View, cells, sides
from kernel import periods
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import queries, query
from metrics.breakdown.dimensions import CHANNEL, REST
from metrics.catalogue import METRICS
from metrics.catalogue import parts as formula
from metrics.catalogue.base import Metric
from metrics.catalogue.inventory import PRICE_PARITY
from metrics.contribution import Contributions
from metrics.prices import Moved


@dataclass(frozen=True, slots=True)
class Term:
    """A number of a difference, with what stands before it."""

    part: str
    words: Promise
    sign: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The number now, with everything that explains it."""

    value: str
    there: bool
    change: format.Change | None
    whole: str  # of the whole days, where today is counted too and they are compared
    before: str
    parts: list[Cell]
    terms: list[Term]
    target: target_status.TargetStatus | None
    unconverted: list[board.Unconverted]
    missing_cost: int


@dataclass(frozen=True, slots=True)
class Linked:
    """A number of a side, and where its rows are."""

    value: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The numbers of a channel, or of another value, each with its rows.

    `only`: the filters of its own page; `ranked`: the days by which it is told, of the rest.
    """

    channel: breaking.Part
    slug: str  # of a channel
    only: list[str]
    ranked: str
    cells: list[Linked]
    value: str
    href: str
    target: target_status.TargetStatus | None
    whole: str
    whole_href: str
    before: str
    before_href: str
    change: format.Change | None
    moved: str
    size: Decimal  # what channels are sorted by


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The row below the channels."""

    cells: list[Cell]
    value: str
    whole: str
    before: str
    change: format.Change | None
    moved: str
    between: str  # "" where nothing is left between channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """A metric's page."""

    metric: Metric
    question: Promise | str
    cares: list[str]
    head: Head
    chart: kpi_charts.Chart
    odd: anomalies.Found
    kept: list[tuple[str, str]]  # of the address, when the period changes
    table: list[kpi_table.Interval]
    rows: list[Row]
    sides: list[Side]
    total: Total
    bars: kpi_charts.Bars | None
    most: kpi_charts.Most
    skus: list[change.Skus] | None  # where it counts SKUs: instead of the bars
    moved: Contributions | None  # exactly what the bars draw
    finding: str
    against: str
    before: shell.Period | None
    whole: shell.Period | None
    every: Collection[Metric]
    targets: list[target_form.Row]
    typed: Mapping[str, Any]
    periods: list[tuple[str, str]]  # that a target can be per
    channels: list[Channel]
    save: saving.Offer | None
    breaking: breaking.Breaking
    adds_up: bool
    as_of: datetime | None


@access.require_role("viewer")
def show(request: WorkspaceRequest, name: str) -> HttpResponse:
    """The page."""
    return page(request, name)


def page(request: WorkspaceRequest, name: str, typed: Mapping[str, Any] | None = None) -> HttpResponse:
    """All of it; `typed`: a target that could not be kept, with what was wrong."""
    period = shell.period_of(request)
    view = View(request, name, period)
    odd = anomalies.of(view, anomalies.wanted(request.GET.get("anomalies", "")))
    moved, prices, table = view.compared.moved, _prices(view), kpi_table.table(view, odd)
    rows = partial(shell.in_period, request, "kpi-rows", name)
    found = Page(
        period=period,
        presets=shell.presets(request, period),
        neighbours=shell.neighbours(request, period),
        metric=view.metric,
        question=view.metric.question,
        cares=_cares(view),
        head=_head(view),
        chart=kpi_charts.line(view, kpi_table.behind(rows(), table), odd),
        odd=odd,
        kept=_kept(view, odd.how),
        table=table,
        rows=_rows(view, moved, rows),
        sides=sides(view),
        total=_total(view, moved),
        bars=kpi_charts.bars(view, lambda slug: rows(**found) if (found := _rows_of(view, slug)) else ""),
        most=kpi_charts.most(view),
        skus=None if prices is None else change.skus(prices),
        moved=moved,
        finding=_finding(view, prices),
        against=period.against,
        before=period.before,
        whole=period.whole,
        every=METRICS,
        targets=target_form.rows(view),
        typed=typed or target_form.proposed(view),
        periods=target_form.periods(view.metric),
        channels=view.channels,
        save=_save(request, view, odd.how),
        breaking=view.breaking,
        adds_up=view.now.mirrored is None or view.now.mirrored.adds_up,
        as_of=view.now.mirrored.as_of if view.now.mirrored else None,
    )
    return render(request, "metric/kpi.html", found)


def _kept(view: View, how: str) -> list[tuple[str, str]]:
    """What of the address stays when the period changes."""
    breaking = view.breaking
    kept = [("by", breaking.by), *(("filter", one) for one in breaking.asked)]
    return kept + ([("anomalies", how)] if how else [])


def _save(request: WorkspaceRequest, view: View, how: str) -> saving.Offer | None:
    """The page's question, to be kept: by channel or not, for these days or for those of each day it is looked at."""
    period = view.period
    breaking = view.breaking
    params = [("name", view.metric.name), *([("anomalies", how)] if how else [])]
    params += [("filter", one) for one in breaking.asked]
    if period.interval != periods.INTERVALS[0]:
        params.append(("interval", period.interval))
    days = [("from", period.first.isoformat()), ("to", period.last.isoformat())]
    choices = [
        ([("by", breaking.by)], _by(breaking.words) if breaking.by != CHANNEL else _("By channel")),
        (days, _("Always these days: %(days)s") % {"days": period.label}),
    ]
    return saving.offer(request, "metric", str(view.metric.label), params, choices)


def _by(what: Promise) -> str:
    return _("By %(what)s") % {"what": str(what).lower()}


# ---- the numbers ----------------------------------------------------------------------------------


def _head(view: View) -> Head:
    now, compared = view.now.total, view.compared
    return Head(
        value=view.said(now.value),
        there=now.value is not None,
        change=compared.change(),
        whole=_whole(view),
        before=compared.said(compared.figure(before=True)),
        parts=cells(view, now),
        terms=_terms(view),
        target=_target_status(view, now),
        unconverted=board.unconverted(now.unconverted),
        missing_cost=view.now.missing_cost if view.metric.needs_cost else 0,
    )


def _target_status(
    view: View, now: query.Figure, channel: Channel | None = None
) -> target_status.TargetStatus | None:
    if view.breaking.filters:  # a target is one of all
        return None
    goal = view.goal(channel.pk) if channel else view.goal()
    return target_status.of(view.metric, now.value, goal, view.period.length, view.workspace.currency)


def _terms(view: View) -> list[Term]:
    """The formula of a difference with the numbers put in; empty where two sides say it all."""
    parts = formula.parts(view.metric)
    if len(parts) == len(sides(view)):
        return []
    return [
        Term(
            part.name,
            part.label,
            format.MINUS if part.sign < 0 else "",
            format.in_unit(
                view.now.terms[part.term].value,
                part.unit,
                view.workspace.currency,
            ),
        )
        for part in parts
    ]


Address = Callable[..., str]


def _rows(view: View, moved: Contributions | None, address: Address) -> list[Row]:
    """By channel, the largest first; by anything else in the order of the answer. `address`: of rows."""
    found = [_row(view, channel, moved, address) for channel in view.values]
    if view.breaking.by == CHANNEL:
        found.sort(key=lambda row: -row.size)
    return found


def _row(view: View, channel: breaking.Part, moved: Contributions | None, address: Address) -> Row:
    now, compared = view.now.of(channel.slug), view.compared
    asked = _rows_of(view, channel.slug)
    behind = partial(_behind_value, asked, address)
    return Row(
        channel=channel,
        slug=asked.get("channel", ""),
        only=[] if view.breaking.sealed(channel.slug) else asked.get("filter", []),
        ranked=asked.get("ranked", ""),
        cells=[Linked(cell.value, behind(None, part=cell.part)) for cell in cells(view, now)],
        value=view.said(now.value),
        href=behind(None),
        target=_target_status(view, now, channel) if isinstance(channel, Channel) else None,
        whole=_whole(view, channel.slug),
        whole_href=behind(view.period.whole),
        before=compared.said(compared.figure(channel.slug, before=True)),
        before_href=behind(view.period.before),
        change=compared.change(channel.slug),
        moved=compared.signed(moved.by.get(channel.slug) if moved else None),
        size=now.denominator if now.denominator is not None else now.numerator,
    )


def _rows_of(view: View, key: str) -> dict[str, Any]:
    """How the rows of a value are asked for; not at all where an address would say what must not be seen."""
    if view.breaking.by == CHANNEL:
        return {"channel": key}
    if view.breaking.sealed(key):
        return {}
    rest = {"ranked": f"{view.period.first}/{view.period.last}"} if key == REST else {}
    return {"filter": view.breaking.only(key)} | rest


def _behind_value(asked: dict[str, Any], address: Address, days: shell.Period | None, part: str = "") -> str:
    """The address of the rows of a value, of the page's days or of others."""
    if not asked:
        return ""
    other = {"from": days.first.isoformat(), "to": days.last.isoformat(), "unit": ""} if days else {}
    return address(part=part, **asked, **other)


def _total(view: View, moved: Contributions | None) -> Total:
    now, compared = view.now.total, view.compared
    return Total(
        cells=cells(view, now),
        value=view.said(now.value),
        whole=_whole(view),
        before=compared.said(compared.figure(before=True)),
        change=compared.change(),
        moved=compared.signed(moved.change if moved else None),
        between=compared.signed(moved.between) if moved and abs(moved.between) > TINY else "",
    )


def _cares(view: View) -> list[str]:
    """What to beware of when reading this number."""
    found = [] if view.metric.care is None else [str(view.metric.care)]
    if view.period.last >= shell.today(view.workspace):
        found.append(_("Today is not over: its numbers still grow."))
    return found


def _whole(view: View, slug: str = "") -> str:
    """The value of the whole days; "" where it is the period's own, or nothing is compared."""
    if not view.period.open or view.compared.now is None:
        return ""
    return view.compared.said(view.compared.figure(slug))


def _finding(view: View, prices: Moved | None) -> str:
    """The sentence under the title."""
    if view.now.total.value is None:
        return _("No data from %(days)s.") % {"days": view.period.label}
    return change.title(view.compared, view.said(view.now.total.value), prices)


def _prices(view: View) -> Moved | None:
    """The SKUs that moved it, where it counts SKUs whose prices agree."""
    whole, before = view.period.whole, view.period.before
    if view.metric is not PRICE_PARITY or whole is None or before is None or not view.breaking.plain:
        return None
    found = queries.prices_moved(connection, view.workspace.pk, whole.last, before.last)
    return Moved(*([access.scrub(sku) for sku in skus] for skus in found)) if view.masked else found
