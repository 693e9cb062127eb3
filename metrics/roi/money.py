"""What joining was worth in money: revenue won, cost of acquisition saved, both against what joining cost.

Won: what the joined sold after, less what they would have sold had they changed as the others did. Saved: the new
customers they got, at the cost each would have had, less what was spent. Where nothing can be held against the others,
against the joined themselves before; `basis` says which. Of revenue won only its margin is earned: `earned` is that
share of it, by the margin rate of the joined after; without known costs nothing is said to be earned, and `net` and
`roi` stay open rather than count revenue as profit. `net` is earned and saved less the cost, of the same draws.

Intervals take daily sums as what varies (metrics/effects/blocks.py); the margin rate and the cost are taken as given.
Not here: the four metrics (roi.py).
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from metrics.effects.base import Refusal
from metrics.effects.changes import of_sums
from metrics.effects.intervals import Difference
from metrics.roi.days import JOINED, OTHERS, Kpi, Sums
from metrics.roi.question import AFTER, BEFORE

AGAINST_OTHERS: Final = "others"
AGAINST_BEFORE: Final = "before"


class Part(NamedTuple):
    """Money and its interval; None: not to be told, for the reason given."""

    value: Difference | None
    basis: str
    refused: Refusal | None = None


class Money(NamedTuple):
    """All in the workspace's currency, of the window after."""

    won: Part
    saved: Part
    margin_rate: Decimal | None
    earned: Difference | None
    net: Difference | None  # earned + saved - cost
    cost: Decimal | None

    @property
    def roi(self) -> Difference | None:
        """Net over cost."""
        if self.net is None or not self.cost:
            return None
        return Difference(*(one / float(self.cost) for one in self.net))


def money(
    revenue: Kpi, cac: Kpi, margin_rate: Decimal | None, cost: Decimal | None, whole: Sequence[bool]
) -> Money:
    """What it comes to. `whole`: whether revenue, and cost of acquisition, can be held against the others."""
    sold = _basis(revenue, against=whole[0])
    spent = _basis(cac, against=whole[1])
    won, saved = _part(_won, revenue, sold), _part(_saved, cac, spent)
    rate = None if margin_rate is None else float(margin_rate)
    earned = None
    if won.value is not None and rate is not None:
        ends = sorted([won.value.low * rate, won.value.high * rate])  # a margin may lie below nothing
        earned = Difference(won.value.value * rate, *ends)
    net = None
    if earned is not None and cost is not None and rate is not None:
        net = _net(revenue, sold, cac if saved.value is not None else None, spent, rate, float(cost))
    return Money(won, saved, margin_rate, earned, net, cost)


def _basis(kpi: Kpi, *, against: bool) -> str:
    enough = all((kpi[OTHERS, number].figure.value or 0) > 0 for number in (BEFORE, AFTER))
    return AGAINST_OTHERS if against and enough else AGAINST_BEFORE


def _part(told: Callable[[Any, str], Any], kpi: Kpi, basis: str) -> Part:
    found = of_sums(lambda sums: told(sums, basis), _series(kpi))
    return Part(None, basis, found) if isinstance(found, Refusal) else Part(found, basis)


def _net(revenue: Kpi, sold: str, cac: Kpi | None, spent: str, rate: float, cost: float) -> Difference | None:
    size = len(_series(revenue))

    def told(sums: Any) -> Any:
        earned = rate * _won(sums[:size], sold)
        return earned - cost + (_saved(sums[size:], spent) if cac is not None else 0.0)

    found = of_sums(told, [*_series(revenue), *(_series(cac) if cac is not None else [])])
    return None if isinstance(found, Refusal) else found


def _series(kpi: Kpi) -> list[list[float]]:
    """Top and bottom of joined after, joined before, others after, others before: in that order."""
    sides = [kpi[group, number] for group in (JOINED, OTHERS) for number in (AFTER, BEFORE)]
    return [[float(day) for day in column] for side in sides for column in _columns(side)]


def _columns(side: Sums) -> tuple[Sequence[Decimal], Sequence[Decimal]]:
    return side.top, side.bottom if side.bottom is not None else [Decimal(1)] * len(side.top)


def _won(sums: Any, basis: str) -> Any:
    after, _, before, _, others_after, _, others_before, _ = sums
    return after - before * (others_after / others_before if basis == AGAINST_OTHERS else 1.0)


def _saved(sums: Any, basis: str) -> Any:
    spend, new, spend_before, new_before, others, others_new, others_before, others_new_before = sums
    each = spend_before / new_before
    if basis == AGAINST_OTHERS:
        each = each * (others / others_new) / (others_before / others_new_before)
    return each * new - spend
