"""Pieces that lie still on one channel while another runs out of the same SKU: what to move, and what that does. Pure.

Cover is the level divided by what sells on a day. Who has less than SHORT days is filled up to GOAL days; who has more
than LONG, or sells nothing, gives what lies beyond KEEP days. Whole pieces, the shortest cover first, from the largest
surplus. Turnover is that of the next DAYS days on both channels together, if each sells as it did while it could.
Not here: levels and sales (stock.py).
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, NamedTuple

SHORT: Final = Decimal(7)  # days of cover
LONG: Final = Decimal(60)
GOAL: Final = Decimal(21)
KEEP: Final = Decimal(30)
DAYS: Final = Decimal(30)
NOUGHT = Decimal(0)


class Shelf(NamedTuple):
    """What lies of a SKU on a channel, and what sells of it on a day it can be sold."""

    sku: str
    channel: int
    level: Decimal
    daily: Decimal

    @property
    def cover(self) -> Decimal | None:
        """Days; None: it sells nothing."""
        return max(self.level, NOUGHT) / self.daily if self.daily else None

    @property
    def short(self) -> bool:
        """Whether it runs out."""
        return self.cover is not None and self.cover < SHORT

    @property
    def long(self) -> bool:
        """Whether it is stuck."""
        return self.level > 0 and (self.cover is None or self.cover > LONG)

    def plus(self, pieces: Decimal) -> "Shelf":
        """With so many pieces more."""
        return self._replace(level=self.level + pieces)

    @property
    def sells(self) -> Decimal:
        """Pieces in the next days, if nothing comes."""
        return min(DAYS * self.daily, max(self.level, NOUGHT))

    @property
    def lies(self) -> Decimal:
        """Pieces that lie there in the mean of the next days, if it sells evenly until it is empty."""
        level = max(self.level, NOUGHT)
        if DAYS * self.daily <= level:
            return level - DAYS * self.daily / 2
        return level * level / (2 * self.daily * DAYS)


class Transfer(NamedTuple):
    """Pieces to move from a channel to another one; both as they stand before it."""

    source: Shelf
    target: Shelf
    pieces: Decimal

    @property
    def after(self) -> tuple[Shelf, Shelf]:
        """Both as they stand then."""
        return self.source.plus(-self.pieces), self.target.plus(self.pieces)

    @property
    def turnover(self) -> tuple[Decimal | None, Decimal | None]:
        """Before and after."""
        return turnover((self.source, self.target)), turnover(self.after)

    @property
    def more(self) -> Decimal:
        """Pieces sold more in the next days."""
        return sum((one.sells for one in self.after), NOUGHT) - self.source.sells - self.target.sells


def turnover(shelves: Iterable[Shelf]) -> Decimal | None:
    """How often what lies there is sold in the next days; None: nothing lies there."""
    listed = list(shelves)
    lies = sum((one.lies for one in listed), NOUGHT)
    return sum((one.sells for one in listed), NOUGHT) / lies if lies else None


def proposed(shelves: Iterable[Shelf]) -> list[Transfer]:
    """Of all SKUs; those that sell most pieces more first."""
    by_sku: dict[str, list[Shelf]] = defaultdict(list)
    for one in shelves:
        by_sku[one.sku].append(one)
    found = [one for mine in by_sku.values() for one in _of_sku(mine)]
    return sorted(found, key=lambda one: (-one.more, one.source.sku, one.source.channel, one.target.channel))


def _of_sku(shelves: list[Shelf]) -> list[Transfer]:
    spare = {one.channel: _spare(one) for one in shelves if one.long}
    now = {one.channel: one for one in shelves}
    found = []
    for needy in sorted(
        (one for one in shelves if one.short), key=lambda one: (one.cover, -one.daily, one.channel)
    ):
        need = (GOAL * needy.daily - needy.level).to_integral_value(ROUND_CEILING)
        for channel in sorted(spare, key=lambda one: (-spare[one], one)):
            pieces = min(need, spare[channel])
            if pieces < 1:
                continue
            move = Transfer(now[channel], now[needy.channel], pieces)
            now[channel], now[needy.channel] = move.after
            spare[channel] -= pieces
            need -= pieces
            found.append(move)
    return found


def _spare(one: Shelf) -> Decimal:
    return (one.level - KEEP * one.daily).to_integral_value(ROUND_FLOOR)
