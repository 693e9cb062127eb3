"""What a model is: a function of paths that says how each is shared. Not here: which there are (__init__.py).

A key is a number: the place of a channel, campaign or source in `Walked.keys`. Shares of a path add up to exactly 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise

UNIT: Final = 10**15  # parts that a share is counted in where it is no plain fraction


class Path(NamedTuple):
    """The keys of the touches before a conversion, oldest first, and that of the last one that was not direct."""

    touches: tuple[int, ...]
    named: int
    ages: tuple[float, ...] = ()  # seconds from each touch to the conversion; none: of no single conversion


class Share(NamedTuple):
    """So many parts of so many, of a key."""

    key: int
    part: int
    of: int

    @property
    def value(self) -> Fraction:
        """The share."""
        return Fraction(self.part, self.of)


Shares = tuple[Share, ...]


class Worth(NamedTuple):
    """What conversions are worth, in parts of SCALE; what was taken back is taken off."""

    conversions: int = 0
    revenue: int = 0
    margin: int = 0
    new_customers: int = 0


SCALE: Final = 10**12
MONEY: Final = frozenset({"revenue", "margin"})  # measures of Worth that are amounts


@dataclass(frozen=True, slots=True)
class Walked:
    """All paths of a question. `keys`: names as the mirror has them, "" for a touch that names none.

    `lost`: paths without a conversion, and how many went them.
    """

    keys: tuple[str, ...]
    paths: Mapping[Path, Worth]
    untouched: Worth = field(default_factory=Worth)
    lost: Mapping[tuple[int, ...], int] = field(default_factory=dict)

    @property
    def converted(self) -> dict[tuple[int, ...], int]:
        """How many conversions each path has; what was only taken back has none."""
        found: dict[tuple[int, ...], int] = {}
        for path, worth in self.paths.items():
            n = worth.conversions // SCALE
            if n:
                found[path.touches] = found.get(path.touches, 0) + n
        return found


class Settings(NamedTuple):
    """What of a question concerns a model."""

    order: int = 1  # of the Markov chain
    worth: str = "conversions"  # of a set, for Shapley


class Told(NamedTuple):
    """Something to know of what a model says: a word for it, and what stands in its sentence."""

    code: str
    values: Mapping[str, Any] = {}


class Fitted(NamedTuple):
    """A model with the paths in mind. `quality`: figures of how it was made and how sure it is.

    `money`: how revenue and margin are shared, where it is not as conversions are.
    """

    share: Callable[[Path], Shares]
    told: tuple[Told, ...] = ()
    quality: Mapping[str, Any] = {}
    money: Callable[[Path], Shares] | None = None

    def of(self, measure: str) -> Callable[[Path], Shares]:
        """How a measure (a field of Worth) is shared."""
        return self.money if self.money is not None and measure in MONEY else self.share


@dataclass(frozen=True, slots=True)
class Model:
    """A model. `timed`: shares hang on when the touches were; `whole`: on all paths, not on the order's alone."""

    name: str
    label: Promise
    rule: Promise  # how it shares, in a sentence
    fit: Callable[[Walked, Settings], Fitted]
    timed: bool = False
    whole: bool = False


def plain(share: Callable[[Path], Shares]) -> Callable[[Walked, Settings], Fitted]:
    """The fit of a model that looks at one path alone."""

    def fit(_walked: Walked, _settings: Settings) -> Fitted:
        return Fitted(share)

    return fit


def counted(parts: Mapping[int, int], of: int) -> Shares:
    """Shares of whole parts, those without any left out."""
    return tuple(Share(key, part, of) for key, part in parts.items() if part)


def weighed(weights: Mapping[int, float]) -> Shares:
    """Shares in proportion to weights, in parts of UNIT that come to UNIT; all alike where no weight says anything."""
    total = sum(weights.values())
    if not total > 0:
        return counted(dict.fromkeys(weights, 1), len(weights))
    exact = {key: weight / total * UNIT for key, weight in weights.items()}
    parts = {key: int(value) for key, value in exact.items()}
    rest = UNIT - sum(parts.values())
    largest = max(parts, key=lambda key: (parts[key], -key))
    parts[largest] += rest  # the noise of binary fractions: some parts of UNIT
    return counted(parts, UNIT)
