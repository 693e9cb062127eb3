"""What changed of orders after their statement was closed: the difference order by order, with its reason. Pure.

A full refund takes back exactly what the order gave; limits and guarantees of the closed statement stay as agreed.
Not here: which orders are held against each other (settlement.py), keeping the lines (store.py).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from metrics.allocation.sharing import Key, Order, Ways, book_one

# Why a line stands there, the first that holds.
REASONS = ("late", "gone", "refund", "return", "amount", "credit")


class State(NamedTuple):
    """An order as it was last booked."""

    order: Order
    signature: str


class Correction(NamedTuple):
    """What an order of an earlier statement gives now, less what was booked of it, in minor units."""

    order: Order
    statement: int  # whose period it belongs to: its id
    reason: str
    pot: int
    credits: dict[int, int]
    signature: str


def changed(now: Mapping[Key, Order], before: Mapping[Key, State], ways: Ways) -> dict[Key, str]:
    """The orders that are not as they were booked, each with the reason."""
    found = {}
    for key, order in now.items():
        reason = _reason(order, before.get(key), ways.signature(key))
        if reason:
            found[key] = reason
    return found | {key: "gone" for key in before if key not in now and before[key].order.amount}


def _reason(order: Order, before: State | None, signed: str) -> str:
    if before is None:
        return "late"
    was = before.order
    if order.amount != was.amount:
        if order.refunded != was.refunded:
            return "refund"
        return "return" if order.back != was.back else "amount"
    return "" if signed == before.signature else "credit"


def lines(  # noqa: PLR0913 (one comparison, whole)
    statement: int,
    reasons: Mapping[Key, str],
    now: Mapping[Key, Order],
    before: Mapping[Key, State],
    booked: Mapping[Key, Mapping[int, int]],
    ways: Ways,
    currency: str,
) -> list[Correction]:
    """A line for each of them. `booked`: what was given of an order so far, by channel, corrections included."""
    return [
        one
        for key, reason in sorted(reasons.items())
        if (one := _line(statement, reason, _order(key, now, before), booked.get(key, {}), ways, currency))
    ]


def _order(key: Key, now: Mapping[Key, Order], before: Mapping[Key, State]) -> Order:
    """The order as it is; one that is gone has nothing left."""
    return now[key] if key in now else before[key].order._replace(amount=Decimal(0), value=Decimal(0))


def _line(
    statement: int,
    reason: str,
    order: Order,
    booked: Mapping[int, int],
    ways: Ways,
    currency: str,
) -> Correction | None:
    fresh = book_one(order, ways, currency)
    moved = {
        channel: value
        for channel in sorted({*fresh.credits, *booked})
        if (value := fresh.credits.get(channel, 0) - booked.get(channel, 0))
    }
    if not moved:
        return None
    return Correction(order, statement, reason, sum(moved.values()), moved, fresh.signature)


def by_channel(found: Iterable[Correction]) -> dict[int, int]:
    """What the lines come to for each channel."""
    sums: dict[int, int] = {}
    for one in found:
        for channel, value in one.credits.items():
            sums[channel] = sums.get(channel, 0) + value
    return sums
