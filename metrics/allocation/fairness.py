"""How fair a sharing is: Shapley's axioms held or not, and how unequal the shares are. Pure.

Efficiency: all of the pot is given. Null player: who contributes nothing gets nothing. Symmetry: equal contributions,
equal shares. Additivity: what two halves of a period give adds up to what the whole gives; floors, guarantees and caps
break it, as do costs that come first. Not here: what is contributed (proposal.py).
"""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

AXIOMS: Final = ("efficiency", "null_player", "symmetry", "additivity")
PLACES: Final = Decimal("0.0001")
SAME: Final = Decimal("0.000001")  # shares of contribution that count as equal


class Axiom(NamedTuple):
    """Whether one holds; None: it cannot be told. `channels`: those that break it."""

    name: str
    holds: bool | None
    channels: list[int]


class Fairness(NamedTuple):
    """The axioms, and Gini's coefficient of the shares: 0 all alike, towards 1 all to one."""

    axioms: list[Axiom]
    gini: Decimal | None


def of(
    pot: Decimal,
    shares: Mapping[int, Decimal],
    worth: Mapping[int, Decimal] | None,
    halves: Mapping[int, Decimal] | None,
    unit: Decimal,
) -> Fairness:
    """Shares in money. `worth`: each channel's share of the contribution; `halves`: what two halves give together."""
    axioms = [
        Axiom("efficiency", sum(shares.values(), Decimal(0)) == pot, []),
        _null_player(shares, worth),
        _symmetry(shares, worth, unit),
        _additivity(shares, halves, unit),
    ]
    return Fairness(axioms, gini(list(shares.values())))


def _null_player(shares: Mapping[int, Decimal], worth: Mapping[int, Decimal] | None) -> Axiom:
    if worth is None:
        return Axiom("null_player", None, [])
    breaking = [
        one for one, value in sorted(shares.items()) if value and abs(worth.get(one, Decimal(0))) <= SAME
    ]
    return Axiom("null_player", not breaking, breaking)


def _symmetry(shares: Mapping[int, Decimal], worth: Mapping[int, Decimal] | None, unit: Decimal) -> Axiom:
    if worth is None:
        return Axiom("symmetry", None, [])
    channels = sorted(shares, key=lambda one: (worth.get(one, Decimal(0)), one))
    breaking = set()
    for one, other in pairwise(channels):
        alike = abs(worth.get(one, Decimal(0)) - worth.get(other, Decimal(0))) <= SAME
        if alike and abs(shares[one] - shares[other]) > unit:
            breaking |= {one, other}
    return Axiom("symmetry", not breaking, sorted(breaking))


def _additivity(shares: Mapping[int, Decimal], halves: Mapping[int, Decimal] | None, unit: Decimal) -> Axiom:
    """To the rounding of three sharings."""
    if halves is None:
        return Axiom("additivity", None, [])
    every = sorted({*shares, *halves})
    zero = Decimal(0)
    breaking = [one for one in every if abs(shares.get(one, zero) - halves.get(one, zero)) > 3 * unit]
    return Axiom("additivity", not breaking, breaking)


def gini(values: list[Decimal]) -> Decimal | None:
    """Half the mean difference over the mean; None where nothing, or something below nothing, is shared."""
    if not values or sum(values) <= 0 or min(values) < 0:
        return None
    ordered, n = sorted(values), len(values)
    weighted = sum((place * value for place, value in enumerate(ordered, 1)), Decimal(0))
    return ((2 * weighted) / (n * sum(ordered)) - Decimal(n + 1) / n).quantize(PLACES)
