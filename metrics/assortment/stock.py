"""Stock by SKU and channel: level, cover, turnover, days without, what these lost; what was sold that was not there.

A day is one without stock when it closes with 0 or less, all locations of the channel together. What sells on a day
is the mean of the days that closed with stock; days without it lost as much each, give or take (95 %) how much days
differ. Days before the first level of an item are not known and count nowhere. Turnover is in pieces: sold in 30 days
by what lay there in the mean.
Not here: what to move (transfers.py), the worth of all stock (catalogue/inventory.py).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel import cursor
from kernel.cursor import Order, Page
from kernel.db import Connection, Statements, array, rows
from kernel.errors import BadRequest
from metrics import conversion
from metrics.assortment import transfers
from metrics.assortment.asking import Asked
from metrics.assortment.transfers import Shelf, Transfer
from metrics.scope import NOTHING

SQL = Statements(__file__)
STATES: Final = ("out", "short", "even", "long")  # no stock; soon none; enough; more than sells
SURE: Final = 1.959963984540054  # standard deviations on both sides hold 95 %


class Item(NamedTuple):
    """A SKU on a channel over the known ones of 30 days. Pieces; money of a piece in the workspace's currency."""

    channel: int
    sku: str
    level: Decimal
    days: int  # known
    days_out: int
    stock_outs: int  # times it ran out
    piece_days: Decimal  # levels above 0 at the close of each day, added up
    units: Decimal  # sold
    units_in: Decimal  # of these on days that closed with stock
    squares: Decimal  # of what such days sold, added up
    name: str = ""
    category: str = ""
    cost: Decimal | None = None  # None: not known, or no rate
    price: Decimal | None = None

    @property
    def daily(self) -> Decimal | None:
        """Sold on a day with stock; None: there was none."""
        there = self.days - self.days_out
        return self.units_in / there if there else None

    @property
    def shelf(self) -> Shelf:
        """As transfers see it."""
        return Shelf(self.sku, self.channel, self.level, self.daily or NOTHING)

    @property
    def cover(self) -> Decimal | None:
        """Days that the level lasts; None: nothing sells."""
        return self.shelf.cover

    @property
    def state(self) -> str:
        """One of STATES."""
        if self.level <= 0:
            return "out"
        return "short" if self.shelf.short else "long" if self.shelf.long else "even"

    @property
    def turnover(self) -> Decimal | None:
        """How often what lay there was sold; None: nothing lay there."""
        return self.units * self.days / self.piece_days if self.piece_days else None

    @property
    def lost(self) -> Decimal | None:
        """Pieces not sold for want of stock; None: it cannot be told, there was no day with stock."""
        if not self.days_out:
            return NOTHING
        return None if self.daily is None else self.daily * self.days_out

    @property
    def lost_range(self) -> tuple[Decimal, Decimal] | None:
        """From how many to how many, 95 times of 100; None: of fewer than two days with stock nothing can be said."""
        there, lost = self.days - self.days_out, self.lost
        if not self.days_out:
            return NOTHING, NOTHING
        if there < 2 or lost is None:
            return None
        variance = max(float(self.squares) - float(self.units_in) ** 2 / there, 0.0) / (there - 1)
        wide = Decimal(SURE * math.sqrt(variance * (self.days_out + self.days_out**2 / there)))
        return max(lost - wide, NOTHING), lost + wide

    def money(self, pieces: Decimal | None) -> Decimal | None:
        """What so many pieces are sold for; None: no price is known."""
        return None if pieces is None or self.price is None else pieces * self.price

    @property
    def value(self) -> Decimal | None:
        """What lies there, at its cost."""
        return None if self.cost is None else max(self.level, NOTHING) * self.cost


class Totals(NamedTuple):
    """All items in sum. Money in the workspace's currency."""

    items: int
    states: Mapping[str, int]
    days: int
    days_out: int
    lost_sales: Decimal
    unpriced: int  # items that lost sales and have no price
    value: Decimal
    uncosted: int  # items with stock and no cost

    @property
    def stock_out_rate(self) -> Decimal | None:
        """Days without stock of all days of all items."""
        return Decimal(self.days_out) / self.days if self.days else None


class Oversold(NamedTuple):
    """A line of an order that took what was not there."""

    at: datetime
    key: str
    order_id: str
    channel: str | None
    sku: str
    name: str
    quantity: Decimal
    level: Decimal
    message_id: str
    state: str


def _or(value: Decimal | None, other: Decimal) -> Decimal:
    return other if value is None else value


FAR: Final = Decimal(10) ** 30  # where what has no value stands in an order
# By what items are listed: the largest first with a -, the smallest without.
ORDERINGS: Final[Mapping[str, Callable[[Item], Decimal]]] = {
    "lost_sales": lambda one: _or(one.money(one.lost), NOTHING),
    "days_out": lambda one: Decimal(one.days_out),
    "days_of_cover": lambda one: _or(one.cover, FAR),
    "level": lambda one: one.level,
    "turnover": lambda one: _or(one.turnover, NOTHING),
    "value": lambda one: _or(one.value, NOTHING),
    "units": lambda one: one.units,
}


def items(db: Connection, asked: Asked) -> list[Item]:
    """All that have a level at the moment, by SKU and channel."""
    found = [Item(*row) for row in rows(db, SQL["items"], **_values(asked))]
    workspace, home = asked.settings.workspace, asked.settings.currency
    called = {sku: rest for sku, *rest in rows(db, SQL["goods"], workspace=workspace)}
    worths = rows(
        db,
        SQL["worths"],
        workspace=workspace,
        channels=array([one.channel for one in found]),
        skus=array([one.sku for one in found]),
        until=asked.until,
    )
    rate_of = conversion.rates(
        db, workspace, home, {code for row in worths for code in (row[3], row[6]) if code}
    )
    by_item = {row[:2]: (_in_ours(rate_of, row[2:5]), _in_ours(rate_of, row[5:8])) for row in worths}
    made = []
    for one in found:
        name, category = called.get(one.sku, ("", ""))
        cost, price = by_item[one.channel, one.sku]
        made.append(one._replace(name=name, category=category, cost=cost, price=price))
    return sorted(made, key=lambda one: (one.sku, one.channel))


def totals(found: Sequence[Item]) -> Totals:
    """All of them in sum."""
    lost = [one for one in found if one.lost]
    return Totals(
        len(found),
        {state: sum(1 for one in found if one.state == state) for state in STATES},
        sum(one.days for one in found),
        sum(one.days_out for one in found),
        sum((_or(one.money(one.lost), NOTHING) for one in lost), NOTHING),
        sum(1 for one in lost if one.price is None),
        sum((_or(one.value, NOTHING) for one in found), NOTHING),
        sum(1 for one in found if one.level > 0 and one.cost is None),
    )


def page(found: Iterable[Item], ordering: str, state: str, at: str | None, limit: int) -> Page:
    """Some of them in an order, between cursors. Raises BadRequest for an order, state or cursor there is none of."""
    if state and state not in STATES:
        raise BadRequest(f"`state` is one of {', '.join(STATES)}.", "bad_state")
    name, falling = ordering.removeprefix("-"), ordering.startswith("-")
    if name not in ORDERINGS:
        raise BadRequest(f"`ordering` is one of {', '.join(ORDERINGS)}, with - for falling.", "bad_ordering")
    listed = [(ORDERINGS[name](one), key_of(one), one) for one in found if not state or one.state == state]
    return _page(sorted(listed, key=lambda row: row[:2], reverse=falling), falling, at, limit)


Listed = Sequence[tuple[Decimal, str, Item]]


def _page(listed: Listed, falling: bool, at: str | None, limit: int) -> Page:
    back, value, key = cursor.decode(at) if at else (False, "", "")
    begin, end = 0, limit
    if at:
        try:
            mark = (Decimal(value), key)
        except ArithmeticError:
            raise BadRequest(
                "This cursor is none of ours: begin the list without one.", "bad_cursor"
            ) from None
        passed = [row[:2] >= mark if falling else row[:2] <= mark for row in listed]
        before = [row[:2] > mark if falling else row[:2] < mark for row in listed]
        begin = max(sum(before) - limit, 0) if back else sum(passed)
        end = sum(before) if back else begin + limit
    shown = listed[begin:end]
    if not shown:
        return Page([], None, None)
    following = cursor.encode(False, *shown[-1][:2]) if end < len(listed) else None
    preceding = cursor.encode(True, *shown[0][:2]) if begin else None
    return Page([row[2] for row in shown], following, preceding)


def key_of(one: Item) -> str:
    """What settles equal values."""
    return f"{one.sku}/{one.channel}"


def moves(found: Iterable[Item]) -> list[Transfer]:
    """What to move between channels."""
    return transfers.proposed(one.shelf for one in found)


def oversold(db: Connection, asked: Asked, at: str | None, limit: int) -> Page:
    """Lines of the 30 days that took what was not there, the newest first."""
    shown = "x.order_id, x.channel_id, x.sku, x.name, x.quantity, x.level, x.message_id, x.state"
    select = f"select x.at, x.key, {shown} from ({SQL['oversold'].rstrip()}) x"  # noqa: S608 (ours)
    order = Order("x.at", "timestamptz", "x.key", "text")

    def made(row: Sequence[Any]) -> Oversold:
        moment, key, number, channel, *rest = row
        return Oversold(moment, key, number, asked.settings.channels.get(channel), *rest)

    return cursor.page(db, select, ["true"], _values(asked), order, at, limit, made)


def _in_ours(rate_of: conversion.Rate, said: Sequence[Any]) -> Decimal | None:
    """An amount, its currency and day: in the workspace's currency; None where it is not there or has no rate."""
    amount, code, day = said
    rate = rate_of(code, day) if amount is not None else None
    return None if rate is None else amount * rate


def _values(asked: Asked) -> dict[str, Any]:
    first: date = asked.first
    return {
        "workspace": asked.settings.workspace,
        "first": first,
        "last": asked.day,
        "since": asked.since,
        "until": asked.until,
        "category": asked.category or None,
        "skus": array(list(asked.skus)) if asked.skus else None,
        "channels": array(list(asked.channels)) if asked.channels else None,
    }
