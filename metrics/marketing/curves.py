"""How credit grows with spend: a curve that flattens, with its interval, or the reason why none can be told. Pure.

Credit of a day is `steep * (1 - exp(-bend * spend)) / bend`: the first money brings `steep` each, the more is spent the
less the next brings; with a bend of 0 it is the straight line `steep * spend`. Fitted by least squares (scipy) over the
days with spend; errors are robust against days that scatter differently (H. White's, corrected for few days, HC1), and
intervals are of the t distribution with the days less two. Where the bend's own interval holds 0, nothing flattens as
far as can be seen: the line is taken, and `bends` is False.

A fit needs LEAST_DAYS days with spend, and spend that varies: what never varied says nothing of more or less.
Credit is what attribution gives, no proof that the spend brought it. numpy and scipy come in when something is fitted.
Not here: which days (response.py).
"""

from collections.abc import Sequence
from math import exp, expm1, sqrt
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from metrics.effects.intervals import Difference

LEAST_DAYS: Final = 14
LEAST_SPREAD: Final = 1.5  # the ninth decile of what was spent a day over the first
CONFIDENCE: Final = 0.975  # of one side
SENTENCES: Final[dict[str, Any]] = {
    "few_days": ngettext_lazy(
        "There is %(count)s day with spend: %(least)s are needed before a curve can be told from chance.",
        "There are %(count)s days with spend: %(least)s are needed before a curve can be told from chance.",
        "count",
    ),
    "steady": _(
        "About the same was spent every day: what more or less would bring cannot be seen from that."
    ),
    "no_credit": _("No order was credited to it on any of these days: there is nothing to fit."),
    "unclear": _("Credit does not grow with spend in a way that can be told from chance."),
}


class Refused(NamedTuple):
    """Why no curve can be told."""

    code: str
    said: dict[str, int] = {}  # noqa: RUF012 (never changed)

    def __str__(self) -> str:
        """The sentence, in the reader's language."""
        return str(SENTENCES[self.code] % self.said)


class Curve(NamedTuple):
    """Credit of a day by its spend. `spread`: the covariance of steep and bend; `quantile`: of its t distribution."""

    steep: float
    bend: float
    bends: bool
    spread: tuple[tuple[float, float], tuple[float, float]]
    quantile: float
    days: int
    least: float  # spent on a day with spend
    most: float

    def credit(self, spend: float) -> float:
        """What a day's spend brings."""
        return self.steep * (spend if not self.bend else -expm1(-self.bend * spend) / self.bend)

    def marginal(self, spend: float) -> float:
        """What the next unit of money brings where so much is spent already."""
        return self.steep * exp(-self.bend * spend)

    def slopes(self, spend: float) -> tuple[float, float]:
        """How the credit of a day moves with steep and with bend."""
        if not self.bends:
            return spend, 0.0
        gone = exp(-self.bend * spend)
        return (1 - gone) / self.bend, self.steep * (spend * gone * self.bend - 1 + gone) / self.bend**2

    def interval(self, spend: float) -> Difference:
        """The expected credit of a day, with its 95 % interval."""
        return self.ranged(self.credit(spend), self.slopes(spend))

    def marginal_interval(self, spend: float) -> Difference:
        """What the next unit brings, with its 95 % interval."""
        gone = exp(-self.bend * spend)
        slopes = (gone, -spend * self.steep * gone) if self.bends else (1.0, 0.0)
        return self.ranged(self.marginal(spend), slopes)

    def changed(self, days: Sequence[float], times: float) -> tuple[float, float]:
        """What all days together bring more when each day's spend is `times` as high, and its variance."""
        value, slope, bent = 0.0, 0.0, 0.0
        for spend in days:
            (mine, own), (new, other) = self.slopes(spend), self.slopes(spend * times)
            value += self.credit(spend * times) - self.credit(spend)
            slope, bent = slope + new - mine, bent + other - own
        return value, self._variance((slope, bent))

    def ranged(self, value: float, slopes: tuple[float, float]) -> Difference:
        """A value with its interval, by how it moves with steep and bend."""
        width = self.quantile * sqrt(self._variance(slopes))
        return Difference(value, value - width, value + width)

    def _variance(self, slopes: tuple[float, float]) -> float:
        (a, b), (c, d) = self.spread
        return max(slopes[0] ** 2 * a + slopes[0] * slopes[1] * (b + c) + slopes[1] ** 2 * d, 0.0)


def fitted(spend: Sequence[float], credit: Sequence[float]) -> Curve | Refused:
    """The curve of days, a place each in both; those without spend are left out."""
    import numpy as np

    pairs = [(cost, worth) for cost, worth in zip(spend, credit, strict=True) if cost > 0]
    if len(pairs) < LEAST_DAYS:
        return Refused("few_days", {"count": len(pairs), "least": LEAST_DAYS})
    x, y = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    low, high = np.quantile(x, (0.1, 0.9))
    if high < LEAST_SPREAD * low:
        return Refused("steady")
    if not y.any():
        return Refused("no_credit")
    bent = _bent(x, y)
    if bent is not None and bent.bend - bent.quantile * sqrt(bent.spread[1][1]) > 0:
        return bent if _sure(bent) else Refused("unclear")
    line = _line(x, y)
    return line if _sure(line) else Refused("unclear")


def _sure(curve: Curve) -> bool:
    """Whether the first money surely brings something."""
    return curve.steep - curve.quantile * sqrt(curve.spread[0][0]) > 0


def _bent(x: Any, y: Any) -> Curve | None:
    """The curve by least squares; None where it does not come to rest. Money is scaled to its mean for that."""
    import numpy as np
    from scipy.optimize import least_squares

    wide, high = float(x.mean()), float(np.abs(y).mean())
    u, v = x / wide, y / high

    def off(parameters: Any) -> Any:
        steep, bend = parameters
        return steep * -np.expm1(-bend * u) / bend - v

    def slopes(parameters: Any) -> Any:
        steep, bend = parameters
        gone = np.exp(-bend * u)
        return np.column_stack([(1 - gone) / bend, steep * (u * gone * bend - 1 + gone) / bend**2])

    start = (float((u * v).sum() / (u * u).sum()) * 1.5, 0.5)
    found = least_squares(off, start, jac=slopes, bounds=((-np.inf, 1e-4), (np.inf, 50.0)))
    if not found.success or not 2e-4 < found.x[1] < 49.0:
        return None
    spread = _robust(slopes(found.x), found.fun)
    if spread is None:
        return None
    scale = np.array([high / wide, 1 / wide])
    return _curve(x, found.x * scale, spread * np.outer(scale, scale), bends=True)


def _line(x: Any, y: Any) -> Curve:
    """The straight line through nothing."""
    import numpy as np

    steep = float((x * y).sum() / (x * x).sum())
    variance = float((x**2 * (y - steep * x) ** 2).sum() / (x**2).sum() ** 2) * len(x) / (len(x) - 1)
    return _curve(x, np.array([steep, 0.0]), np.array([[variance, 0.0], [0.0, 0.0]]), bends=False)


def _robust(jacobian: Any, off: Any) -> Any | None:
    """White's covariance of the parameters, HC1; None where they cannot be told apart."""
    import numpy as np

    square = jacobian.T @ jacobian
    if np.linalg.cond(square) > 1e10:
        return None
    inverse = np.linalg.inv(square)
    scattered = jacobian * off[:, None]
    return inverse @ (scattered.T @ scattered) @ inverse * len(off) / (len(off) - 2)


def _curve(x: Any, parameters: Any, spread: Any, *, bends: bool) -> Curve:
    from scipy.special import stdtrit  # of Student's t; scipy.stats takes a second to come in

    (a, b), (c, d) = spread.tolist()
    free = len(x) - (2 if bends else 1)
    steep, bend = parameters.tolist()
    quantile = float(stdtrit(free, CONFIDENCE))
    return Curve(steep, bend, bends, ((a, b), (c, d)), quantile, len(x), float(x.min()), float(x.max()))
