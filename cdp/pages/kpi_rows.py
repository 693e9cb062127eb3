"""The rows behind a number: orders, refunds, lines, customers … of a part of a metric, on one channel or on all.

What the rows count adds up to the number above them. Not here: how they are found (metrics/drill.py).
"""

from collections.abc import Callable, Iterator
from decimal import localcontext
from typing import Any, NamedTuple

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cdp.kernel import access, cursor, speech, web
from cdp.kernel.errors import BadRequest
from cdp.pages import export, kpi_words
from channels.models import Channel
from metrics import drill, lists, query
from metrics.readings import Amount, Days

PER_PAGE = 50
PER_READ = 500  # rows of an export read at once
# Free text that may hold what a viewer must not see.
FREE = ("reason", "name", "campaign", "medium", "store", "customer", "order_id", "about", "sku", "message_id")
Row = dict[str, Any]


class Column(NamedTuple):
    """A column: its field, its head, how a cell is said, whether it is a number."""

    field: str
    head: str
    say: str = "text"
    number: bool = False


WHO = Column("customer", gettext_noop("Customer"), "customer")
ORDER = Column("order_id", gettext_noop("Order"), "order")
CHANNEL = Column("channel", gettext_noop("Channel"), "channel")
CHANNELS = Column("channels", gettext_noop("Channels"), "channels")
WHAT = Column("what", gettext_noop("Kind"), "what")
AT = Column("occurred_at", gettext_noop("Time"), "moment")
FIRST = Column("first_at", gettext_noop("First seen"), "moment")
LAST = Column("last_at", gettext_noop("Last seen"), "moment")
COLUMNS: dict[str, tuple[Column, ...]] = {
    "orders": (
        ORDER,
        WHO,
        CHANNEL,
        AT,
        Column("state", gettext_noop("State"), "state"),
        Column("total", gettext_noop("Total"), "money", True),
        Column("refunded", gettext_noop("Refunded"), "money", True),
    ),
    "refunds": (
        ORDER,
        CHANNEL,
        AT,
        Column("order_day", gettext_noop("Ordered on"), "day"),
        Column("reason", gettext_noop("Reason")),
        Column("refund", gettext_noop("Refund"), "money", True),
    ),
    "moves": (
        ORDER,
        CHANNEL,
        WHAT,
        AT,
        Column("moved", gettext_noop("Amount"), "money", True),
    ),
    "returns": (
        ORDER,
        CHANNEL,
        Column("service_channel", gettext_noop("Received on"), "channel"),
        Column("received_at", gettext_noop("Time"), "moment"),
        Column("store", gettext_noop("Store")),
    ),
    "lines": (
        ORDER,
        CHANNEL,
        WHAT,
        Column("sku", gettext_noop("SKU")),
        Column("name", gettext_noop("Product")),
        AT,
        Column("quantity", gettext_noop("Quantity"), "number", True),
        Column("unit_cost", gettext_noop("Unit cost"), "cost", True),
    ),
    "spend": (
        CHANNEL,
        Column("campaign", gettext_noop("Campaign")),
        Column("medium", gettext_noop("Medium")),
        Column("first", gettext_noop("From"), "day"),
        Column("last", gettext_noop("To"), "day"),
        Column("spent", gettext_noop("Spent in all"), "money", True),
    ),
    "skus": (
        Column("sku", gettext_noop("SKU")),
        CHANNELS,
        Column("prices", gettext_noop("Prices"), "prices", True),
        Column("agreeing", gettext_noop("Agree"), "yes"),
    ),
    "answers": (
        WHO,
        CHANNEL,
        AT,
        Column("score", gettext_noop("Score"), "score", True),
        Column("satisfied", gettext_noop("Satisfied"), "yes"),
        Column("answers", gettext_noop("Answers"), "number", True),
    ),
    "days": (Column("day", gettext_noop("Day"), "day"),),
    "new": (WHO, ORDER, CHANNEL, AT),
    "active": (WHO, CHANNELS, FIRST, LAST, Column("events", gettext_noop("Events"), "number", True)),
    "bought": (
        WHO,
        CHANNELS,
        Column("first_at", gettext_noop("First order"), "moment"),
        Column("last_at", gettext_noop("Last order"), "moment"),
        Column("orders", gettext_noop("Orders"), "number", True),
    ),
}
PEOPLE = {"new": "new", "buyers": "bought", "repeat": "bought"}


class Asked:
    """What is asked: a part of a metric, over days, on a channel or all."""

    def __init__(self, request: HttpRequest, name: str) -> None:
        self.workspace, self.metric = request.workspace, query.metric_named(name)  # type: ignore[attr-defined]
        self.period = web.period_of(request)
        self.channels = {
            one.slug: one for one in Channel.objects.filter(workspace=self.workspace).order_by("id")
        }
        self.problem = self.period.problem
        self.channel = self.channels.get(request.GET.get("channel", ""))
        if request.GET.get("channel") and self.channel is None:
            self.problem = _("The channel in the address is not one of this workspace: all are shown.")
        known = {part.name for part in lists.lists(self.metric)}
        wanted = request.GET.get("part", "")
        self.part = lists.part_of(self.metric, wanted if wanted in known else None)
        slugs = {channel.pk: slug for slug, channel in self.channels.items()}
        self.shop = query.Shop(self.workspace.pk, self.workspace.timezone, self.workspace.currency, slugs)
        days = Days(self.period.first, self.period.last)
        own = self.channel.pk if self.channel else None
        self.ask = query.Ask(days, self.period.interval, channel=own)
        if request.GET.get("calendar") and [(days.first, *days)] == query.intervals(self.ask):
            self.ask = self.ask._replace(calendar=True)
        self.viewer = access.Place(self.workspace, request.role or "").masked  # type: ignore[attr-defined]

    def page(self, at: str | None, limit: int) -> cursor.Page:
        """A page of rows, as this person may see them."""
        found = drill.behind(connection, self.shop, self.metric.name, self.ask, at, limit, self.part.name)[1]
        return found._replace(items=[self._seen(row) for row in found.items])

    def _seen(self, row: Row) -> Row:
        return row | access.scrub({name: row[name] for name in FREE if name in row}) if self.viewer else row

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is shown of a row."""
        kind = self.part.source.kind
        return COLUMNS[PEOPLE.get(self.part.name, "active") if kind == "customers" else kind]

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that say something: not the channel where only one is asked for."""
        return tuple(one for one in self.columns if not (self.channel and one == CHANNEL))

    @property
    def unit(self) -> str:
        """What the part is counted in."""
        return kpi_words.unit(self.part.name)


@access.needs("viewer")
def show(request: HttpRequest, name: str) -> HttpResponse:
    """A page of rows and what all of them come to."""
    asked = Asked(request, name)
    try:
        page = asked.page(request.GET.get("cursor") or None, PER_PAGE)
    except BadRequest as wrong:
        asked.problem, page = str(wrong), asked.page(None, PER_PAGE)
    amounts = {
        part: drill.amount(connection, asked.shop, part, asked.ask) for part in lists.lists(asked.metric)
    }
    found = amounts[asked.part]
    amount = _said(asked, asked.part, found)
    values = web.period_frame(request, asked.period) | {
        "metric": asked.metric,
        "part": asked.part,
        "words": kpi_words.PARTS[asked.part.name],
        "amount": amount,
        "finding": _finding(asked, amount),
        "tabs": [
            {
                "name": part.name,
                "words": kpi_words.PARTS[part.name],
                "amount": _said(asked, part, one),
                "current": part == asked.part,
            }
            for part, one in amounts.items()
        ],
        "ratio": _ratio(asked, amounts),
        "channels": list(asked.channels.values()),
        "channel": asked.channel,
        "columns": [{"head": _(one.head), "number": one.number} for one in asked.shown],
        "counted": _counted_head(asked),
        "rows": [_cells(asked, row) for row in page.items],
        "page": page,
        "problem": asked.problem,
        "unconverted": [
            {"currency": code, "value": value} for code, value in sorted(found.unconverted.items())
        ],
        "stock": asked.part.name == "stock",
        "kept": [(key, request.GET[key]) for key in ("part", "channel", "calendar") if request.GET.get(key)],
    }
    return render(request, "cdp/kpi_rows.html", values)


def _said(asked: Asked, part: lists.Part, amount: Amount) -> str:
    return speech.in_unit(amount.value, kpi_words.unit(part.name), asked.workspace.currency)


def _ratio(asked: Asked, amounts: dict[lists.Part, Amount]) -> dict[str, Any] | None:
    """The metric with its numbers put in, where it is one over another."""
    sides = lists.sides(asked.metric)
    if len(sides) < 2:
        return None
    top, bottom = (amounts[side] for side in sides)
    with localcontext(query.EXACT):
        value = top.value / bottom.value if bottom.value else None
    return {
        "over": _said(asked, sides[0], top),
        "under": _said(asked, sides[1], bottom),
        "parts": [side.name for side in sides],
        "value": speech.in_unit(value, asked.metric.unit, asked.workspace.currency),
    }


@access.needs("viewer")
def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """All rows as CSV, as this person may see them."""
    asked = Asked(request, name)
    head = [_(one.head) for one in asked.columns] + [_counted_head(asked)]
    file = f"{name}-{asked.part.name}-{asked.period.first}-{asked.period.last}"
    return export.answer(request, file, head, _lines(asked))


def _lines(asked: Asked) -> Iterator[list[Any]]:
    at = None
    while True:
        page = asked.page(at, PER_READ)
        for row in page.items:
            yield [_raw(row, one) for one in asked.columns] + [row["counts"]]
        at = page.next
        if at is None:
            return


def _raw(row: Row, column: Column) -> Any:
    """A cell of the file: raw numbers with their currency, ISO dates."""
    value = row.get(column.field)
    if column.say in {"money", "cost"} and value is not None:
        code = row.get("cost_currency") if column.say == "cost" else row.get("currency")
        return f"{value} {code}"
    if column.field == "customer":
        return value or row.get("profile")
    return value


def _counted_head(asked: Asked) -> str:
    if asked.unit == "money":
        return _("Counts, in %(currency)s") % {"currency": asked.workspace.currency}
    return _("Counts")


def _cells(asked: Asked, row: Row) -> list[dict[str, Any]]:
    found = [SAY[column.say](asked, row, column) | {"number": column.number} for column in asked.shown]
    counts = row["counts"]
    text = _("no rate") if counts is None else speech.in_unit(counts, asked.unit, asked.workspace.currency)
    return [*found, {"text": text, "number": True, "strong": True}]


def _customer(_asked: Asked, row: Row, _column: Column) -> dict[str, Any]:
    if not row.get("profile"):
        return {"text": _("nobody known")}
    return {"text": row["customer"] or _("No name yet"), "profile": row["profile"]}


def _channels(asked: Asked, row: Row, column: Column) -> dict[str, Any]:
    every = [asked.channels[slug] for slug in row[column.field] or () if slug in asked.channels]
    return {"channels": every}


def _prices(asked: Asked, row: Row, _column: Column) -> dict[str, Any]:
    said = [speech.money(value, row["currency"]) for value in row["prices"]]
    return {"text": " · ".join(said)}


SAY: dict[str, Callable[[Asked, Row, Column], dict[str, Any]]] = {
    "text": lambda _a, row, c: {"text": row.get(c.field) or speech.NOTHING},
    "order": lambda _a, row, c: {"text": row[c.field], "search": row[c.field]},
    "number": lambda _a, row, c: {"text": speech.number(row.get(c.field))},
    "moment": lambda _a, row, c: {"text": speech.moment(row.get(c.field))},
    "day": lambda _a, row, c: {"text": speech.near_day(row.get(c.field))},
    "money": lambda _a, row, c: {"text": speech.money(row.get(c.field), row["currency"])},
    "cost": lambda _a, row, c: {"text": speech.money(row.get(c.field), row["cost_currency"])},
    "state": lambda _a, row, c: {"text": str(kpi_words.STATES.get(row[c.field], row[c.field]))},
    "what": lambda _a, row, c: {"text": str(kpi_words.WHATS[row[c.field]])},
    "yes": lambda _a, row, c: {"text": _("yes") if row[c.field] else _("no")},
    "score": lambda _a, row, c: {"text": f"{speech.number(row['score'])} / {speech.number(row['scale'])}"},
    "channel": lambda a, row, c: {"channel": a.channels.get(row[c.field])},
    "channels": _channels,
    "customer": _customer,
    "prices": _prices,
}


def _finding(asked: Asked, amount: str) -> str:
    """The sentence under the title."""
    said = {"amount": amount, "days": asked.period.label}
    if asked.channel is None:
        return _("%(amount)s from %(days)s, on all channels together.") % said
    said["channel"] = web.channel_name(asked.channel)
    return _("%(amount)s from %(days)s on %(channel)s.") % said
