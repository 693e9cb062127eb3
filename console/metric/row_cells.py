"""A row behind a number in words: its cells, and the same raw for a file. Prices are a grid, a column a channel.

Not here: which rows there are (metrics/drill.py), the page (kpi_rows.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from channels.models import Channel
from kernel.web import format
from metrics import prices
from metrics.catalogue.rows import Column

Row = dict[str, Any]
PRICES = "prices"  # the form that is a column for each channel
NAMED = "named"  # the form with a name below: in a file a column of its own
RISING = {"text", "named", "order", "word", "channel"}  # forms that are sorted from A to Z first


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell as the page says it: text, which may lead somewhere, or channels, or one.

    `sub`: smaller, below it; `off`: how it differs from its neighbours, "up" or "down".
    """

    text: str = ""
    href: str = ""
    sub: str = ""
    off: str = ""
    channel: Channel | None = None
    channels: list[Channel] | None = None
    number: bool = False
    strong: bool = False
    named: bool = False

    @property
    def css(self) -> str:
        """Its classes: numbers stand right; only channels and what things are called may wrap."""
        place = "n" if self.number else "named" if self.named else "" if self.channels else "nowrap"
        return f"{place}{' strong' if self.strong else ''}{' hi' if self.off else ''}"

    @property
    def icon(self) -> str:
        """The arrow of what differs."""
        return {"up": "arrow-up-right", "down": "arrow-down-right"}.get(self.off, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a column: words, or a channel; `sort`: what it orders by, if anything."""

    head: str = ""
    number: bool = False
    sort: str = ""
    rises: bool = False
    channel: Channel | None = None

    @property
    def css(self) -> str:
        """Its class."""
        return "n" if self.number else ""


class Table(NamedTuple):
    """What a list is shown with: its columns, the channels by slug, those that prices are shown of."""

    columns: tuple[Column, ...]
    channels: Mapping[str, Channel]
    priced: Sequence[str]


def table(
    columns: tuple[Column, ...], channels: Mapping[str, Channel], found: Sequence[Row] | None = None
) -> Table:
    """A table of these rows; of no rows in particular: with every channel."""
    there = {slug for row in found or () for slug in row.get("channels") or ()}
    return Table(columns, channels, [slug for slug in channels if found is None or slug in there])


def heads(shown: Table, sortable: Sequence[str]) -> list[Head]:
    """The heads of a table."""
    found = []
    for one in shown.columns:
        if one.form == PRICES:
            found += [Head(number=True, channel=shown.channels[slug]) for slug in shown.priced]
        else:
            sort, rises = one.field if one.field in sortable else "", one.form in RISING
            found.append(Head(head=str(one.head), number=one.number, sort=sort, rises=rises))
    return found


def cells(shown: Table, row: Row) -> list[Cell]:
    """A row of a table."""
    found: list[Cell] = []
    for one in shown.columns:
        if one.form == PRICES:
            found += _prices(shown, row)
        else:
            found.append(replace(SAY[one.form](shown, row, one), number=one.number))
    return found


# ---- in a file ------------------------------------------------------------------------------------


def names(shown: Table) -> list[str]:
    """The heads of a file."""
    found: list[str] = []
    for one in shown.columns:
        found += shown.priced if one.form == PRICES else [one.head]
        found += [_("Product")] if one.form == NAMED else []
    return found


def raw(shown: Table, row: Row) -> list[Any]:
    """A line of a file: raw numbers with their currency, ISO dates."""
    found: list[Any] = []
    for one in shown.columns:
        if one.form == PRICES:
            priced = dict(zip(row["channels"], row["prices"], strict=True))
            found += [f"{priced[slug]} {row['currency']}" if slug in priced else "" for slug in shown.priced]
        else:
            found.append(_raw(row, one))
            found += [row["name"]] if one.form == NAMED else []
    return found


def _raw(row: Row, column: Column) -> Any:
    value = row.get(column.field)
    if column.form in {"money", "cost"} and value is not None:
        code = row.get("cost_currency") if column.form == "cost" else row.get("currency")
        return f"{value} {code}"
    if column.field == "customer":
        return value or row.get("profile")
    return value


# ---- on a page ------------------------------------------------------------------------------------


def _prices(shown: Table, row: Row) -> list[Cell]:
    """What each channel asks; what differs from most of them is marked, by how much."""
    priced = {slug: Decimal(price) for slug, price in zip(row["channels"], row["prices"], strict=True)}
    usual = prices.usual(list(priced.values()))
    return [_price(priced.get(slug), usual, row["currency"]) for slug in shown.priced]


def _price(price: Decimal | None, usual: Decimal, currency: str) -> Cell:
    text = format.money(price, currency)
    if price is None or price == usual:
        return Cell(text=text, number=True)
    gap = format.percent(abs(price - usual) / usual) if usual else format.money(abs(price - usual), currency)
    word = _("%(gap)s higher") if price > usual else _("%(gap)s lower")
    return Cell(text=text, number=True, off="up" if price > usual else "down", sub=word % {"gap": gap})


def _customer(_shown: Table, row: Row, _column: Column) -> Cell:
    if not row.get("profile"):
        return Cell(text=_("unknown customer"))
    return Cell(text=row["customer"], href=reverse("customer", args=[row["profile"]]))


def _order(_shown: Table, row: Row, column: Column) -> Cell:
    """An order opens on its customer's page; one of nobody is a number alone."""
    number = row[column.field]
    if not row.get("profile"):
        return Cell(text=number)
    asked = urlencode({"order": number, "on": row["channel"]})
    return Cell(text=number, href=f"{reverse('customer', args=[row['profile']])}?{asked}#order")


def _channels(shown: Table, row: Row, column: Column) -> Cell:
    return Cell(channels=[shown.channels[one] for one in row[column.field] or () if one in shown.channels])


def _money(_shown: Table, row: Row, column: Column) -> Cell:
    """An amount; of how far prices lie apart also the part of the lowest."""
    sub = ""
    if column.field == "spread":
        spread, least = Decimal(row["spread"]), min(map(Decimal, row["prices"]))
        sub = format.percent(spread / least) if spread and least else ""
    return Cell(text=format.money(row.get(column.field), row["currency"]), sub=sub)


SAY: dict[str, Callable[[Table, Row, Column], Cell]] = {
    "text": lambda _t, row, c: Cell(text=row.get(c.field) or format.NOTHING),
    "named": lambda _t, row, c: Cell(text=row[c.field], sub=row["name"], named=True),
    "order": _order,
    "number": lambda _t, row, c: Cell(text=format.number(row.get(c.field))),
    "moment": lambda _t, row, c: Cell(text=format.moment(row.get(c.field))),
    "day": lambda _t, row, c: Cell(text=format.near_day(row.get(c.field))),
    "money": _money,
    "cost": lambda _t, row, c: Cell(text=format.money(row.get(c.field), row["cost_currency"])),
    "word": lambda _t, row, c: Cell(text=str(c.words.get(row[c.field], row[c.field]))),
    "yes": lambda _t, row, c: Cell(text=_("yes") if row[c.field] else _("no")),
    "score": lambda _t, row, c: Cell(text=f"{format.number(row['score'])} / {format.number(row['scale'])}"),
    "channel": lambda t, row, c: Cell(channel=t.channels.get(row[c.field])),
    "channels": _channels,
    "customer": _customer,
}
