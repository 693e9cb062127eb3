"""A pot shared out, slow and plain: fractions, a factor found by halving, one unit after the other given away."""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

HALVINGS = 200


def units(amounts: Sequence[Fraction]) -> list[int]:
    """Whole units that add up to the sum, rounded half up: one more to the largest remainder, again and again."""
    total = sum(amounts, Fraction(0))
    wanted = (abs(total) * 2 + 1) // 2 * (1 if total >= 0 else -1)
    given = [amount.numerator // amount.denominator for amount in amounts]
    while sum(given) < wanted:
        rests = [
            (amount - part, -place) for place, (amount, part) in enumerate(zip(amounts, given, strict=True))
        ]
        place = -max(rest for rest in rests if rest[0] < 1)[1]
        given[place] += 1
    return given


def parts(total: int, weights: Sequence[int]) -> list[int]:
    """A number of units in proportion."""
    if total < 0:
        return [-one for one in parts(-total, weights)]
    return units([Fraction(total * weight, sum(weights)) for weight in weights])


def bounded(
    pot: int, targets: Sequence[Fraction], least: Sequence[Fraction], most: Sequence[Fraction]
) -> list[Fraction]:
    """Targets times one factor, within bounds, adding up to the pot; wants targets above 0."""
    low, high = Fraction(0), max(bound / target for bound, target in zip(most, targets, strict=True))

    def at(factor: Fraction) -> list[Fraction]:
        return [
            min(max(factor * target, lower), upper)
            for target, lower, upper in zip(targets, least, most, strict=True)
        ]

    for _ in range(HALVINGS):
        middle = Fraction(round((low + high) / 2 * 2**HALVINGS), 2**HALVINGS)
        if sum(at(middle), Fraction(0)) > pot:
            high = middle
        else:
            low = middle
    return at(low)


def shares(
    pots: Mapping[str, int], whose: Mapping[str, Mapping[int, int]]
) -> tuple[dict[str, dict[int, int]], dict[int, int]]:
    """Each order's part by channel, and each channel's sum. `whose`: weights by order."""
    by_order = {}
    sums: dict[int, int] = {}
    for order, pot in pots.items():
        channels = sorted(whose[order])
        given = parts(pot, [whose[order][channel] for channel in channels])
        by_order[order] = dict(zip(channels, given, strict=True))
        for channel, part in by_order[order].items():
            sums[channel] = sums.get(channel, 0) + part
    return by_order, sums


Given = Sequence[tuple[int | None, Decimal]]  # a model's shares of an order


def weighed(
    sold_by: int, weights: Mapping[str, Decimal], given: Mapping[str, Given], kept: int
) -> dict[int, int]:
    """Whose one order is by weighted models: parts of 10^12, by channel. `kept`: whose what nobody touched is."""
    found: dict[int, Fraction] = {}
    for model, weight in weights.items():
        shares = [(sold_by, Decimal(1))] if model == "sold" else given[model] or [(None, Decimal(1))]
        for channel, share in shares:
            whose = kept if channel is None else channel
            found[whose] = found.get(whose, Fraction(0)) + Fraction(weight) * Fraction(share)
    whole = {channel: round(share * 10**12) for channel, share in sorted(found.items()) if share > 0}
    return whole if any(whole.values()) else {sold_by: 1}


def signed(given: Sequence[tuple[str, Given]]) -> str:
    """What is remembered of an order's own path, as statements that are closed already have it."""
    said = [(model, sorted(shares, key=str)) for model, shares in given]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16] if said else ""
