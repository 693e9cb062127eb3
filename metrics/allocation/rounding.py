"""Whole minor units by largest remainder: parts that add up to their sum. Pure.

Not here: currencies (kernel/money.py).
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

from kernel import money
from metrics.query import EXACT


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """A number of units in proportion to weights of 0 and more; what is left goes to the largest remainders."""
    if total < 0:
        return [-one for one in spread(-total, weights)]
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    if left:
        rests = [total * weight % whole for weight in weights]
        # Of a tie the first: what is sorted backwards keeps its order among equals.
        for place in sorted(range(len(parts)), key=rests.__getitem__, reverse=True)[:left]:
            parts[place] += 1
    return parts


def to_units(amounts: Sequence[Decimal], currency: str) -> list[int]:
    """Exact amounts in whole minor units that add up to their sum, rounded half up."""
    with localcontext(EXACT):
        scaled = [one / money.unit(currency) for one in amounts]
        whole = [one.to_integral_value(ROUND_FLOOR) for one in scaled]
        rests = [one - floor for one, floor in zip(scaled, whole, strict=True)]
        total = units(money.rounded(sum(amounts, Decimal(0)), currency), currency)
    return _given(total, [int(one) for one in whole], rests)


def fractions_to_units(amounts: Sequence[Fraction], total: int) -> list[int]:
    """Fractions of units that add up to a whole number of them."""
    whole = [one.numerator // one.denominator for one in amounts]
    return _given(total, whole, [one - floor for one, floor in zip(amounts, whole, strict=True)])


def _given(total: int, whole: list[int], rests: Sequence[Decimal] | Sequence[Fraction]) -> list[int]:
    """One unit more to those with the largest remainders, as long as there is one."""
    left = total - sum(whole)
    for place in sorted(range(len(whole)), key=lambda place: (-rests[place], place))[:left]:
        whole[place] += 1
    return whole


def units(amount: Decimal, currency: str) -> int:
    """An amount of whole minor units as their number."""
    return int(amount.scaleb(money.digits(currency)))


def amount(number: int, currency: str) -> Decimal:
    """Back again, with the currency's decimals."""
    return Decimal(number).scaleb(-money.digits(currency))
