"""The prices of one SKU held against each other: how far apart, whether they agree, which to move. Pure.

All are worth what a customer pays, in the workspace's currency: after tax, converted by the rate of the price's own
day; None where there is none. A promotion that a rule allows may differ: it is not held to the others. What is
"usual" is asked by most channels (metrics/prices.py). Not here: all SKUs at once (parity.sql, the same in SQL).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from kernel import money as currencies
from metrics.prices import usual

NOUGHT = Decimal(0)
SHARE_PLACES = Decimal("1E-10")


class Held(NamedTuple):
    """The newest price of a SKU on a channel."""

    channel: int
    price: Decimal  # as it was said, in its own currency
    currency: str
    list_price: Decimal | None
    promotion: str | None
    at: datetime
    factor: Decimal | None  # to what a customer pays in our currency: tax and rate; None: no rate
    allowed: bool  # by a rule: it may differ

    @property
    def worth(self) -> Decimal | None:
        """What a customer pays, in our currency."""
        return None if self.factor is None else self.price * self.factor


class Judged(NamedTuple):
    """What comes of them. `agree` None: fewer than two can be compared."""

    spread: Decimal
    usual: Decimal | None
    gap: Decimal | None  # the spread as a share of the usual price
    agree: bool | None


class Move(NamedTuple):
    """A price to change, and what that costs (below 0) or brings with the units that this channel sold."""

    channel: int
    before: Decimal
    after: Decimal
    currency: str
    money: Decimal  # in our currency


class Suggestion(NamedTuple):
    """The fewest prices to move, and of as few the least money."""

    moves: tuple[Move, ...]
    money: Decimal


def judged(prices: Sequence[Held], tolerance: Decimal) -> Judged:
    """Whether they agree, and how far apart they lie."""
    worth = [one.worth for one in prices if one.worth is not None]
    if len(worth) < 2:
        return Judged(NOUGHT, None, None, None)
    bound = [one.worth for one in prices if one.worth is not None and not one.allowed]
    return spread_of(bound, tolerance)


def spread_of(bound: Sequence[Decimal], tolerance: Decimal) -> Judged:
    """The same of prices that are held to each other."""
    if not bound:
        return Judged(NOUGHT, None, NOUGHT, True)
    spread, most = max(bound) - min(bound), usual(bound)
    return Judged(spread, most, share(spread, most), spread <= tolerance * most)


def share(spread: Decimal, most: Decimal) -> Decimal:
    """The gap of a spread: of the usual price; all of it where that is nothing."""
    if not spread:
        return NOUGHT
    return (spread / most).quantize(SHARE_PLACES, ROUND_HALF_UP) if most else Decimal(1)


def suggested(prices: Sequence[Held], units: Mapping[int, Decimal], tolerance: Decimal) -> Suggestion | None:
    """Which prices to move so that all agree; None where they do, or cannot.

    What lies outside a band of prices that agree moves to its nearer end, which some channel asks already. Of all
    bands the one that moves the fewest, then the least money, then the shortest way, then the one of lower prices.
    """
    if judged(prices, tolerance).agree is not False:
        return None
    bound = [one for one in prices if one.worth is not None and not one.allowed]
    ends = sorted({one.worth for one in bound if one.worth is not None})
    best: tuple[tuple[Decimal, ...], tuple[Move, ...]] | None = None
    for place, low in enumerate(ends):
        for high in ends[place:]:
            moves = tuple(_moves(bound, low, high, units))
            if not _agree(bound, moves, tolerance):
                continue
            money = sum((abs(one.money) for one in moves), NOUGHT)
            way = sum((abs(one.after - one.before) for one in moves), NOUGHT)
            cost = (Decimal(len(moves)), money, way, low, high)
            if best is None or cost < best[0]:
                best = cost, moves
    if best is None:
        return None
    return Suggestion(best[1], sum((one.money for one in best[1]), NOUGHT))


def _moves(bound: Sequence[Held], low: Decimal, high: Decimal, units: Mapping[int, Decimal]) -> list[Move]:
    found = []
    for one in bound:
        worth, factor = one.worth, one.factor
        if worth is None or not factor or low <= worth <= high:
            continue
        minor = Decimal(1).scaleb(-currencies.digits(one.currency))
        after = ((low if worth < low else high) / factor).quantize(minor, ROUND_HALF_UP)
        money = (after - one.price) * factor * units.get(one.channel, NOUGHT)
        found.append(Move(one.channel, one.price, after, one.currency, money))
    return found


def _agree(bound: Sequence[Held], moves: Sequence[Move], tolerance: Decimal) -> bool:
    """Whether all agree once these are made: a price in another currency is rounded to its minor unit."""
    new = {one.channel: one.after for one in moves}
    worth = [(new.get(one.channel, one.price)) * one.factor for one in bound if one.factor is not None]
    return spread_of(worth, tolerance).agree is not False
