"""The newest prices on a board, SKU by channel: which can be compared, which agree. Pure.

Not here: where prices come from (facts/prices.py), the pages that show parity.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from metrics.distinct_windows import ALL

Price = tuple[Decimal, str]  # price, currency
SIDES = ("compared", "agreeing")


def usual(prices: Sequence[Decimal]) -> Decimal:
    """The price that most channels ask for a SKU: what an outlier differs from. Of several as frequent the lowest."""
    often = Counter(prices)
    return min(prices, key=lambda price: (-often[price], price))


class Moved(NamedTuple):
    """SKUs by what became of their prices between two days: each list in order."""

    apart: list[str]  # differ, and did not before
    together: list[str]  # agree, and differed before
    differing: list[str]  # differ, whatever was before


def moved(before: Mapping[str, bool], now: Mapping[str, bool]) -> Moved:
    """From and to: SKU -> whether its prices agree; who is in neither was not compared."""
    differing = sorted(sku for sku, agrees in now.items() if not agrees)
    return Moved(
        [sku for sku in differing if before.get(sku, True)],
        sorted(sku for sku, agrees in now.items() if agrees and not before.get(sku, True)),
        differing,
    )


class PriceBoard:
    """Prices as they come, oldest first; the counts follow along, so that a long series costs one walk."""

    def __init__(self) -> None:
        self._prices: dict[str, dict[int, Price]] = defaultdict(dict)
        self._counts: dict[str, dict[int, int]] = {side: defaultdict(int) for side in SIDES}

    def put(self, sku: str, channel: int, price: Price) -> None:
        """A newer price of a SKU on a channel."""
        there = self._prices[sku]
        self._count(there, -1)
        there[channel] = price
        self._count(there, 1)

    def counts(self, side: str) -> dict[int, int]:
        """How many SKUs are compared, or agree: by channel, and all together under 0."""
        return dict(self._counts[side])

    def _count(self, there: dict[int, Price], sign: int) -> None:
        """A SKU counts where it is priced, if it is priced elsewhere too and in one currency."""
        if len(there) < 2 or len({currency for _, currency in there.values()}) > 1:
            return
        agreeing = len({price for price, _ in there.values()}) == 1
        for channel in (ALL, *there):
            self._counts["compared"][channel] += sign
            if agreeing:
                self._counts["agreeing"][channel] += sign
