"""The paths of a question as models take them: distinct ones, each with what it is worth in our currency.

Not here: the statements (walk.py), how paths are shared (models/).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final

from kernel.db import Connection
from metrics.attribution.models.base import SCALE, Path, Walked, Worth
from metrics.attribution.question import Question
from metrics.attribution.walk import MEASURES, Walk
from metrics.conversion import Rate, first_days, rates
from metrics.journeys.base import Asked
from metrics.mirror.reading import Rows
from metrics.query import EXACT

PLACES: Final = Decimal(1).scaleb(-12)  # as SCALE has it
AGED_PLACES: Final = Decimal(1).scaleb(-9)  # of what is shared by binary fractions
PLACE: Final = {name: place for place, name in enumerate(MEASURES)}


class Keys:
    """Names by their places, in the order in which they are met."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, name: str) -> int:
        """Where a name stands; a new one is added."""
        return self._places.setdefault(name, len(self._places))

    @property
    def names(self) -> tuple[str, ...]:
        """All, in their order."""
        return tuple(self._places)

    def path(self, touches: Iterable[str], named: str | None, ages: Iterable[float] = ()) -> Path:
        """A path by the names of its keys. Without one that is not direct it is the last."""
        places = tuple(map(self.place, touches))
        return Path(places, places[-1] if named is None else self.place(named), tuple(ages))


class Signs:
    """Paths as the mirror writes them, a sign for each touch, read."""

    def __init__(self, signs: Mapping[str, str], keys: Keys) -> None:
        self._places = {sign: keys.place(name) for sign, name in sorted(signs.items())}

    def touches(self, text: str) -> tuple[int, ...]:
        """The keys of a path."""
        return tuple(map(self._places.__getitem__, text))

    def place(self, sign: str) -> int:
        """The key of a sign."""
        return self._places[sign]

    def path(self, text: str, named: str | None, ages: Iterable[float] = ()) -> Path:
        """A path. Without a key that is not direct it is the last."""
        places = self.touches(text)
        return Path(places, places[-1] if named is None else self._places[named], tuple(ages))


@dataclass(slots=True)
class Read:
    """What a question's mirror holds. `unconverted`: by measure and currency. `aged`: what each key gets by the ages of
    touches; None: it was not asked for."""

    walked: Walked
    keys: Keys
    signs: Signs
    walk: Walk
    rate: Rate
    unconverted: dict[str, dict[str, Decimal]]
    aged: dict[int, list[Fraction]] | None = None

    def missing(self) -> tuple[int, Decimal]:
        """Lines of the period without a known cost: how many, and what they came to as far as it has a rate."""
        n, net = 0, Decimal(0)
        with localcontext(EXACT):
            for count, currency, day, amount in self.walk.missing():
                by = self.rate(currency, day)
                n += count
                net += (amount or 0) * (by or 0)
        return n, net


def read(db: Connection, asked: Asked, question: Question, *, timed: bool = False) -> Read:
    """All paths of a question, those without a conversion too; `timed`: for models that look at when touches were."""
    walk = Walk(asked, question, first_days(db, asked.settings.workspace))
    sums, keys = walk.sums(timed=timed), Keys()
    signs = Signs(sums.keys, keys)
    rate = rates(db, asked.settings.workspace, asked.settings.currency, {row[2] for row in sums.paths})
    found: dict[Path | None, list[int]] = defaultdict(lambda: [0] * len(MEASURES))
    apart: dict[str, dict[str, Decimal]] = {measure: defaultdict(Decimal) for measure in MEASURES}
    with localcontext(EXACT):
        for text, named, currency, day, *amounts in sums.paths:
            into = found[
                None if text is None else signs.path(text, named)
            ]  # a row, even where nothing has a rate
            by = rate(currency, day)
            if by is None:
                for measure, amount in zip(MEASURES, amounts, strict=True):
                    apart[measure][currency] += amount
                continue
            for place, amount in enumerate(amounts):
                if amount:
                    into[place] += _scaled(amount, by)
    lost = {signs.touches(text): n for text, n in sums.lost}
    untouched = Worth(*found.pop(None, []))
    paths = {path: Worth(*worth) for path, worth in found.items() if path is not None}
    walked = Walked(keys.names, paths, untouched, lost)
    aged = _aged(sums.aged, signs, rate, walked) if timed else None
    return Read(walked, keys, signs, walk, rate, {name: dict(of) for name, of in apart.items()}, aged)


def _aged(rows: Rows, signs: Signs, rate: Rate, walked: Walked) -> dict[int, list[Fraction]]:
    """What each key gets by the ages of its touches. All together is what the paths are worth: the noise of binary
    fractions goes to the key that gets most."""
    found: dict[int, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * len(MEASURES))
    for sign, currency, day, *amounts in rows:
        row, by = found[signs.place(sign)], rate(currency, day)
        if by is not None:
            for place, amount in enumerate(amounts):
                row[place] += Fraction(amount.quantize(AGED_PLACES)) * Fraction(by)
    for place in range(len(MEASURES)) if found else ():
        whole = Fraction(sum(worth[place] for worth in walked.paths.values()), SCALE)
        most = max(found.values(), key=lambda row: abs(row[place]))
        most[place] += whole - sum(row[place] for row in found.values())
    return dict(found)


def _scaled(amount: Decimal, by: Decimal) -> int:
    """An amount in our currency, in parts of SCALE."""
    return int(((amount * by).quantize(PLACES) * SCALE).to_integral_value())
