"""The rows behind a number: orders, refunds, lines, customers … of a part of a metric, on one channel or on all.

What the rows count adds up to the number above them. Not here: how they are found (metrics/drill.py), how a row is
written (row_cells.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import localcontext
from typing import Any

from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from channels.models import Channel
from channels.queries import channels_of
from console.metric import board, breaking, export, row_cells
from kernel import cursor
from kernel.errors import BadRequest
from kernel.web import access, format, looks, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import drill, drill_order, query
from metrics.catalogue import parts as formula
from metrics.catalogue.base import Metric
from metrics.catalogue.parts import Part
from metrics.catalogue.rows import CHANNEL, WHO, Column
from metrics.scope import Amount, Days

PER_PAGE = 50
PER_READ = 500  # rows of an export read at once
KEPT = ("part", "channel", "calendar", "ordering", "ranked")  # in the address when the period changes


class Asked:
    """What is asked: a part of a metric, over days, on a channel or all."""

    def __init__(self, request: WorkspaceRequest, name: str) -> None:
        self.workspace, self.metric = request.workspace, query.metric_named(name)
        self.period = shell.period_of(request)
        self.channels = channels_of(self.workspace.pk)
        self.problem = self.period.problem
        self.channel = self.channels.get(request.GET.get("channel", ""))
        masked = request.access.masked
        self.breaking = breaking.of(request.GET, self.metric, self.channels.values(), masked=masked)
        self.problem = self.problem or self.breaking.problem
        if request.GET.get("channel") and self.channel is None:
            self.problem = _("The channel in the address is not one of this workspace: all are shown.")
        known = {part.name for part in formula.lists(self.metric)}
        wanted = request.GET.get("part", "")
        self.part = formula.part_of(self.metric, wanted if wanted in known else None)
        self.sortable = drill.orderings(self.part)
        self.ordering = self._ordering(request.GET.get("ordering", ""))
        slugs = {channel.pk: slug for slug, channel in self.channels.items()}
        self.settings = query.ReportingSettings(
            self.workspace.pk, self.workspace.timezone, self.workspace.currency, slugs
        )
        days = Days(self.period.first, self.period.last)
        own = self.channel.pk if self.channel else None
        filters = self.breaking.filters
        self.ask = query.Ask(days, self.period.interval, channel=own, filters=filters, masked=masked)
        self.ask = self.ask._replace(ranked=self.breaking.ranked)
        if request.GET.get("calendar") and [(days.first, *days)] == query.intervals(self.ask):
            self.ask = self.ask._replace(calendar=True)

    def _ordering(self, wanted: str) -> str:
        """The order asked for, if the list has it."""
        if wanted and wanted.removeprefix("-") not in self.sortable:
            self.problem = _(
                "These rows cannot be sorted by what the address says: their usual order is shown."
            )
            wanted = ""
        return wanted or self.part.rows.usual

    def page(self, at: str | None, limit: int) -> cursor.Page:
        """A page of rows, as this person may see them."""
        name, part = self.metric.name, self.part.name
        return drill.behind(connection, self.settings, name, self.ask, at, limit, part, self.ordering)[1]

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is shown of a row."""
        return self.part.rows.columns

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that say something: not the channel where only one is asked for."""
        return tuple(one for one in self.columns if not (self.channel and one == CHANNEL))

    @property
    def unit(self) -> str:
        """What the part is counted in."""
        return self.part.unit


@dataclass(frozen=True, slots=True)
class Tab:
    """A list of rows one may go to, with what it comes to."""

    name: str
    words: Promise
    amount: str
    current: bool


@dataclass(frozen=True, slots=True)
class Over:
    """A metric that is one number over another, with its numbers put in."""

    over: str
    under: str
    parts: list[str]
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(shell.PeriodPage):
    """The page."""

    metric: Metric
    part: Part
    words: Promise
    amount: str
    finding: str
    tabs: list[Tab]
    ratio: Over | None
    channels: list[Channel]
    channel: Channel | None
    columns: list[row_cells.Head]
    ordering: str
    counted: row_cells.Head
    rows: list[list[row_cells.Cell]]
    page: cursor.Page
    problem: str
    unconverted: list[board.Unconverted]
    mean: bool  # what the rows come to is their mean
    grid: bool  # prices, a column a channel
    kept: list[tuple[str, str]]
    breaking: breaking.Breaking


@access.require_role("viewer")
def show(request: WorkspaceRequest, name: str) -> HttpResponse:
    """A page of rows and what all of them come to."""
    asked = Asked(request, name)
    try:
        page = asked.page(request.GET.get("cursor") or None, PER_PAGE)
    except BadRequest as wrong:
        asked.problem, page = str(wrong), asked.page(None, PER_PAGE)
    parts = formula.lists(asked.metric)
    amounts = {
        part.name: drill.amount(connection, asked.settings, asked.metric, part, asked.ask) for part in parts
    }
    found = amounts[asked.part.name]
    table = row_cells.table(asked.shown, asked.channels, page.items)
    amount = _said(asked, asked.part, found)
    shown = Shown(
        period=asked.period,
        presets=shell.presets(request, asked.period),
        neighbours=shell.neighbours(request, asked.period),
        metric=asked.metric,
        part=asked.part,
        words=asked.part.label,
        amount=amount,
        finding=_finding(asked, amount),
        tabs=[
            Tab(part.name, part.label, _said(asked, part, amounts[part.name]), part == asked.part)
            for part in parts
        ],
        ratio=_ratio(asked, amounts),
        channels=list(asked.channels.values()),
        channel=asked.channel,
        columns=row_cells.heads(table, asked.sortable),
        ordering=asked.ordering,
        counted=row_cells.Head(
            head=_counted_head(asked),
            number=True,
            sort=drill_order.COUNTS if drill_order.COUNTS in asked.sortable else "",
        ),
        rows=[[*row_cells.cells(table, row), _counts(asked, row)] for row in page.items],
        page=page,
        problem=asked.problem,
        unconverted=board.unconverted(found.unconverted),
        mean=asked.part.rows.mean,
        grid=asked.part.rows.kind == "skus",
        kept=[
            *((key, request.GET[key]) for key in KEPT if request.GET.get(key)),
            *(("filter", one) for one in asked.breaking.asked),
        ],
        breaking=asked.breaking,
    )
    if WHO in asked.columns:
        looks.listed(request, "kpi-rows", len(page.items))
    return render(request, "metric/kpi_rows.html", shown)


def _said(asked: Asked, part: Part, amount: Amount) -> str:
    return format.in_unit(amount.value, part.unit, asked.workspace.currency)


def _ratio(asked: Asked, amounts: dict[str, Amount]) -> Over | None:
    """The metric with its numbers put in, where it is one over another."""
    sides = formula.sides(asked.metric)
    if len(sides) < 2:
        return None
    top, bottom = (amounts[side.name] for side in sides)
    with localcontext(query.EXACT):
        value = top.value / bottom.value if bottom.value else None
    return Over(
        _said(asked, sides[0], top),
        _said(asked, sides[1], bottom),
        [side.name for side in sides],
        format.in_unit(value, asked.metric.unit, asked.workspace.currency),
    )


@access.require_role("viewer")
def download(request: WorkspaceRequest, name: str) -> HttpResponseBase:
    """All rows as CSV, as this person may see them."""
    asked = Asked(request, name)
    table = row_cells.table(asked.columns, asked.channels)
    head = [*row_cells.names(table), _counted_head(asked)]
    file = f"{name}-{asked.part.name}-{asked.period.first}-{asked.period.last}"
    return export.answer(request, file, head, _lines(asked, table))


def _lines(asked: Asked, table: row_cells.Table) -> Iterator[list[Any]]:
    at = None
    while True:
        page = asked.page(at, PER_READ)
        for row in page.items:
            yield [*row_cells.raw(table, row), row["counts"]]
        at = page.next
        if at is None:
            return


def _counted_head(asked: Asked) -> str:
    if asked.unit == "money":
        return _("Counts, in %(currency)s") % {"currency": asked.workspace.currency}
    return _("Counts")


def _counts(asked: Asked, row: row_cells.Row) -> row_cells.Cell:
    """What a row adds to the number."""
    counts = row["counts"]
    text = _("no rate") if counts is None else format.in_unit(counts, asked.unit, asked.workspace.currency)
    return row_cells.Cell(text=text, number=True, strong=True)


def _finding(asked: Asked, amount: str) -> str:
    """The sentence under the title."""
    said = {"amount": amount, "days": asked.period.label}
    if asked.breaking.filters:
        held = (f"{one.words} {one.value}" for one in asked.breaking.chips)
        return _("%(amount)s from %(days)s; only %(filters)s.") % (said | {"filters": _(", ").join(held)})
    if asked.channel is None:
        return _("%(amount)s from %(days)s, on all channels together.") % said
    said["channel"] = shell.channel_name(asked.channel)
    return _("%(amount)s from %(days)s on %(channel)s.") % said
