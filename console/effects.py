"""Effects in words, for every page that shows one: figures with a sign, intervals, how sure, and where they are drawn.

Not here: how they are found (metrics/effects), one page.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext as _

from console.journey.spread import Spread
from kernel.web import format
from metrics.effects.intervals import Difference

Write = Callable[[float], str]


class Told(NamedTuple):
    """An effect as a page says it. `sure`: no effect lies outside of the interval; `tone`: good, bad or flat."""

    text: str
    range: str
    verdict: str
    tone: str
    sure: bool
    spread: Spread | None


def signed(value: float, text: str) -> str:
    """A figure without its sign, with it: + or a true minus; none before what is nothing."""
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{format.MINUS if value < 0 else '+'}{text}"


def percent(value: float) -> str:
    """`+31.2%`, `−4.0%`."""
    return signed(value, format.percent(abs(value)))


def points(value: float) -> str:
    """`+3.1 pts`."""
    return signed(value, _("%(n)s pts") % {"n": format.number(abs(value) * 100, 1)})


def reach(low: float, high: float, write: Write) -> str:
    """Where an effect lies: `−7.0 to +20.6 pts`, `+¥1.00 to +¥2.00`; the unit of points is said once."""
    if write is points:
        ends = {
            "low": signed(low, format.number(abs(low) * 100, 1)),
            "high": signed(high, format.number(abs(high) * 100, 1)),
        }
        return _("%(low)s to %(high)s pts") % ends
    return _("%(low)s to %(high)s") % {"low": write(low), "high": write(high)}


def money(value: float, currency: str) -> str:
    """`+¥1,200.00`."""
    return signed(value, format.money(abs(value), currency))


def told(effect: Difference | None, good: str, write: Write, spread: Spread | None = None) -> Told | None:
    """An effect in the words of `write`. `good`: which way is better, of the catalogue."""
    if effect is None:
        return None
    sure = effect.low > 0 or effect.high < 0
    better = (effect.value > 0) == (good == "up")
    tone = "flat" if not sure or good not in {"up", "down"} else "good" if better else "bad"
    verdict = {
        "good": _("better, more than chance"),
        "bad": _("worse, more than chance"),
        "flat": _("more than chance") if sure else _("may be chance"),
    }[tone]
    between = reach(effect.low, effect.high, write)
    return Told(write(effect.value), between, verdict, tone, sure, spread)
