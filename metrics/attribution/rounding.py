"""Shares of a sum in whole units, by largest remainder. Not here: what is shared."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

PLACES = 60  # digits of what is computed here


def largest_remainder(values: Sequence[Fraction], unit: Decimal) -> list[Decimal]:
    """Values in whole units that come to their sum, which is rounded half up.

    Each is cut down to a whole unit; the units that are left go to those that lost most, the first of equal ones.
    """
    step = Fraction(unit)
    scaled = [value / step for value in values]
    whole = [scale.numerator // scale.denominator for scale in scaled]
    rest = half_up(sum(scaled, Fraction(0))) - sum(whole)
    by_loss = sorted(range(len(values)), key=lambda place: (whole[place] - scaled[place], place))
    for place in by_loss[:rest]:
        whole[place] += 1
    with localcontext(prec=PLACES):
        return [Decimal(units) * unit for units in whole]


def half_up(value: Fraction) -> int:
    """The nearest whole number; halves away from zero, as money is rounded."""
    with localcontext(prec=PLACES):
        twice = abs(value) * 2 + 1
        found = twice.numerator // (2 * twice.denominator)
    return found if value >= 0 else -found


def rounded(value: Fraction, places: int) -> Decimal:
    """So many decimals, half up."""
    with localcontext(prec=PLACES, rounding=ROUND_HALF_UP):
        return Decimal(half_up(value * 10**places)).scaleb(-places)
