"""Bought in one channel, brought back in another: returns, the money given back, how long it took, how satisfied.

A return belongs to the period in which its goods were received, as `cross_channel_return_rate` counts it; money to that
in which it was refunded, as `refunds` counts it. So the returns of all cells are the catalogue's returns, those off the
diagonal its returns elsewhere, and the amounts of all cells its refunds, to the minor unit.
Money is tied to goods by the order: a refund pays for the return that was begun last before it, else for the first one
after it; of a return that is asked for in one channel and received in another under one number, that is one return, and
what was only asked for counts where no goods of the order ever came back. A cancellation, and money back for no goods,
stand in cells with nowhere they were returned (None).
The time is from the request (without one: from the receipt) to the first refund of it; 0 where the money came first.
Satisfied: of the orders of a cell, by the latest answer about each. Not here: the rows behind a cell (return_rows.py).
"""

# ruff: noqa: S608 - nothing that somebody wrote is in these texts

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

from kernel.db import Connection
from metrics.journeys.base import Asked
from metrics.query import EXACT
from metrics.service import base
from metrics.service.base import Money, about, apart, asked_rows, converted, hours, said

# The orders with a return or a refund of the period; their returns, and their refunds with the return each pays for.
TIED: Final = """with concerned as (
    select order_id, channel from returns where day between $first and $last
    union
    select order_id, channel from refunds where day between $first and $last
),
backs as (
    select r.order_id, r.channel, r.service_channel, r.key, r.received_at, r.day, r.store,
        coalesce(least(min(r.requested_at) over one, r.received_at), r.occurred_at) as begun
    from returns r join concerned using (order_id, channel)
    window one as (partition by r.order_id, r.channel, r.key),
        whole as (partition by r.order_id, r.channel)
    qualify r.received_at is not null or count(r.received_at) over whole = 0
),
paid as (
    select f.order_id, f.channel, f.service_channel as paid_in, f.kind, f.key, f.occurred_at, f.day, f.order_day,
        f.currency, f.amount, b.service_channel as returned, b.key as return_key, b.begun
    from refunds f join concerned using (order_id, channel)
    left join backs b on f.kind = 'refund' and b.order_id = f.order_id and b.channel = f.channel
    qualify row_number() over (
        partition by f.order_id, f.channel, f.service_channel, f.kind, f.key
        order by (b.begun <= f.occurred_at) desc nulls last,
            case when b.begun <= f.occurred_at then -epoch_us(b.begun) else epoch_us(b.begun) end,
            b.service_channel, b.key
    ) = 1
),
settled as (
    select order_id, channel, returned as service_channel, return_key as key, min(occurred_at) as refunded_at,
        sum(amount) as refunded
    from paid where returned is not null group by all
),
received as (
    select b.*, s.refunded_at, s.refunded,
        case when s.refunded_at is not null then greatest(epoch_us(s.refunded_at) - epoch_us(b.begun), 0) end as took
    from backs b left join settled s using (order_id, channel, service_channel, key)
    where b.day between $first and $last
)
"""
GOODS: Final = f"""{TIED}
select channel, service_channel, count(*), count(distinct order_id), count(took), median(took)
from received group by channel, service_channel"""
LINES: Final = """select channel, service_channel, count(*) from return_lines
where kind = 'return' and day between $first and $last group by channel, service_channel"""
MONEY: Final = f"""{TIED}
select channel, returned, currency, case when currency in ('', $own) then null else order_day end, sum(amount),
    count(distinct order_id)
from paid where day between $first and $last group by all"""
NO_GOODS: Final = f"""{TIED}
select channel, count(distinct order_id) from paid
where day between $first and $last and returned is null group by channel"""
# The latest answer about each order of a cell.
JUDGED: Final = f"""{TIED},
concerning as (
    select distinct order_id, channel, service_channel from received
    union
    select distinct order_id, channel, null from paid where day between $first and $last and returned is null
),
told as ({about("select * from answers where order_id in (select order_id from concerned)")}),
latest as (
    select order_id, bought as channel, arg_max(satisfied, (occurred_at, message_id, key)) as satisfied
    from told where bought is not null group by all
)
select c.channel, c.service_channel, count(*), count(*) filter (satisfied)
from concerning c join latest using (order_id, channel) group by c.channel, c.service_channel"""
TIMES: Final = f"""{TIED}
select service_channel, count(*), count(took), median(took), quantile_cont(took, 0.9),
    count(*) filter (refunded_at is null)
from received group by service_channel"""


class Cell(NamedTuple):
    """Bought in a channel, returned in one (None: no goods came back), by slug. Money in the workspace's currency."""

    bought: str
    returned: str | None
    returns: int
    orders: int
    lines: int
    money: Money
    refunded: int  # returns that were paid for
    median_hours: Decimal | None
    satisfied: int
    answered: int

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        plain = self._asdict()
        money = plain.pop("money")
        return plain | {"amount": base.amount(money.amount), "median_hours": said(self.median_hours)}


class Times(NamedTuple):
    """How long refunds take in a channel where goods are returned."""

    channel: str
    returns: int
    refunded: int
    waiting: int  # received, and nothing refunded yet
    median_hours: Decimal | None
    slow_hours: Decimal | None  # nine of ten are at most so long

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return self._asdict() | {
            "median_hours": said(self.median_hours),
            "slow_hours": said(self.slow_hours),
        }


class Total(NamedTuple):
    """What the cells come to; `elsewhere`: returns in another channel than the order's."""

    returns: int
    elsewhere: int
    lines: int
    money: Money


class Returns(NamedTuple):
    """The answer: a cell for each pair of channels that occurs, in the order of the workspace's channels."""

    cells: list[Cell]
    times: list[Times]
    currency: str
    as_of: str | None

    @property
    def total(self) -> Total:
        """All cells together."""
        with localcontext(EXACT):
            amount = sum((cell.money.amount for cell in self.cells), Decimal(0))
            lacking: dict[str, Decimal] = {}
            for cell in self.cells:
                for code, value in cell.money.unconverted.items():
                    lacking[code] = lacking.get(code, Decimal(0)) + value
        return Total(
            sum(cell.returns for cell in self.cells),
            sum(cell.returns for cell in self.cells if cell.returned != cell.bought),
            sum(cell.lines for cell in self.cells),
            Money(amount, lacking),
        )

    def json(self) -> dict[str, Any]:
        """Contracts 11."""
        total = self.total
        return {
            "cells": [cell.json() for cell in self.cells],
            "total": {
                "returns": total.returns,
                "elsewhere": total.elsewhere,
                "lines": total.lines,
                "amount": base.amount(total.money.amount),
            },
            "refund_times": [one.json() for one in self.times],
            "currency": self.currency,
            "unconverted": apart(total.money.unconverted),
            "as_of": self.as_of,
        }


Pair = tuple[int, int | None]


def returns(db: Connection, asked: Asked) -> Returns:
    """Who bought where and returned where."""
    slugs = asked.settings.channels
    goods = _by_pair(asked_rows(asked, GOODS))
    lines = _by_pair(asked_rows(asked, LINES))
    judged = _by_pair(asked_rows(asked, JUDGED))
    given_back = [
        ((bought, returned), currency, day, amount)
        for bought, returned, currency, day, amount, _ in asked_rows(asked, MONEY)
    ]
    money = converted(db, asked, given_back)
    without: dict[Pair, int] = {(bought, None): orders for bought, orders in asked_rows(asked, NO_GOODS)}
    places = {channel: place for place, channel in enumerate(slugs)}
    pairs = sorted(
        {*goods, *lines, *money, *without},
        key=lambda pair: (places.get(pair[0], -1), pair[1] is None, places.get(pair[1] or 0, -1)),
    )
    cells = []
    for bought, returned in pairs:
        pair = (bought, returned)
        count, orders, refunded, took = goods.get(pair, (0, without.get(pair, 0), 0, None))
        answered, satisfied = judged.get(pair, (0, 0))
        cells.append(
            Cell(
                _slug(asked, bought),
                None if returned is None else _slug(asked, returned),
                count,
                orders,
                lines.get(pair, (0,))[0],
                money.get(pair, Money()),
                refunded,
                hours(took),
                satisfied,
                answered,
            )
        )
    return Returns(cells, _times(asked), asked.settings.currency, asked.as_of)


def _times(asked: Asked) -> list[Times]:
    found = {channel: rest for channel, *rest in asked_rows(asked, TIMES)}
    made = []
    for channel, slug in asked.settings.channels.items():
        if channel in found:
            count, refunded, median, slow, waiting = found[channel]
            made.append(Times(slug, count, refunded, waiting, hours(median), hours(slow)))
    return made


def _by_pair(rows: Iterable[tuple[Any, ...]]) -> dict[Pair, tuple[Any, ...]]:
    return {(bought, returned): tuple(rest) for bought, returned, *rest in rows}


def _slug(asked: Asked, channel: int) -> str:
    """A channel that is gone keeps its number: its money is in the sums."""
    return asked.settings.channels.get(channel, str(channel))
