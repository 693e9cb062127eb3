"""The paths of a question as models take them: distinct ones, each with what it is worth in our currency.

Not here: the statements (walk.py), how paths are shared (models/).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final

from kernel.db import Connection
from metrics.attribution.models.base import SCALE, Path, Walked, Worth
from metrics.attribution.question import Question
from metrics.attribution.walk import Walk
from metrics.conversion import Rate, first_days, rates
from metrics.journeys.base import Asked
from metrics.query import EXACT

PLACES: Final = Decimal(1).scaleb(-12)  # as SCALE has it
# What each kind of move does to what a conversion is worth.
MEANS: Final = {
    "conversions": ("conversions", 1),
    "revenue": ("revenue", 1),
    "refunds": ("revenue", -1),
    "margin": ("margin", 1),
    "costs": ("margin", -1),
    "new_customers": ("new_customers", 1),
}
PLACE: Final = {name: place for place, name in enumerate(Worth._fields)}


class Keys:
    """Names by their places, in the order in which they are met."""

    def __init__(self) -> None:
        self._places = _Places()

    def place(self, name: str) -> int:
        """Where a name stands; a new one is added."""
        return self._places[name]

    @property
    def names(self) -> tuple[str, ...]:
        """All, in their order."""
        return tuple(self._places)

    def path(self, touches: Iterable[str], named: str | None, ages: Iterable[float] = ()) -> Path:
        """A path of the mirror. Without a key that is not direct it is the last."""
        places = tuple(map(self._places.__getitem__, touches))
        return Path(places, places[-1] if named is None else self._places[named], tuple(ages))


class _Places(dict[str, int]):
    """A name that is not there yet gets the next place: touches by the million are looked up without a call each."""

    def __missing__(self, name: str) -> int:
        place = self[name] = len(self)
        return place


@dataclass(slots=True)
class Read:
    """What a question's mirror holds. `decayed`: what each key gets by the ages of touches, in parts of SCALE."""

    walked: Walked
    keys: Keys
    walk: Walk
    rate: Rate
    unconverted: dict[str, dict[str, Decimal]] = field(default_factory=dict)  # by measure and currency

    def missing(self) -> tuple[int, Decimal]:
        """Lines of the period without a known cost: how many, and what they came to as far as it has a rate."""
        n, net = 0, Decimal(0)
        with localcontext(EXACT):
            for count, currency, day, amount in self.walk.missing():
                by = self.rate(currency, day)
                n += count
                net += (amount or 0) * (by or 0)
        return n, net

    def decayed(self) -> dict[int, list[Fraction]]:
        """What each key's touches get, by their ages, of all that has a rate."""
        found: dict[int, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * len(Worth._fields))
        for name, kind, currency, day, amount in self.walk.decayed():
            measure, sign = MEANS[kind]
            by = self.rate(currency, day)
            if by is not None:
                exact = Fraction(round(amount * 1_000_000_000), 1_000_000_000)
                found[self.keys.place(name)][PLACE[measure]] += sign * exact * Fraction(by)
        return found


def read(db: Connection, asked: Asked, question: Question) -> Read:
    """All paths of a question, those without a conversion too."""
    walk = Walk(asked, question, first_days(db, asked.settings.workspace))
    rows, keys = walk.sums(), Keys()
    rate = rates(db, asked.settings.workspace, asked.settings.currency, {row[3] for row in rows})
    sums: dict[Path | None, list[int]] = defaultdict(lambda: [0] * len(Worth._fields))
    apart: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with localcontext(EXACT):
        for path, named, kind, currency, day, amount in rows:
            measure, sign = MEANS[kind]
            by = rate(currency, day)
            if by is None:
                apart[measure][currency] += sign * amount
                continue
            whose = None if path is None else keys.path(path, named)
            sums[whose][PLACE[measure]] += sign * _scaled(amount, by)
    lost = {tuple(map(keys.place, path)): n for path, n in walk.lost()}
    untouched = Worth(*sums.pop(None, []))
    paths = {path: Worth(*worth) for path, worth in sums.items() if path is not None}
    walked = Walked(keys.names, paths, untouched, lost)
    return Read(walked, keys, walk, rate, {name: dict(of) for name, of in apart.items()})


def _scaled(amount: Any, by: Decimal) -> int:
    """An amount in our currency, in parts of SCALE."""
    return int(((amount * by).quantize(PLACES) * SCALE).to_integral_value())
