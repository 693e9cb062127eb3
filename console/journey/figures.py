"""What cohorts, switching and touchpoints share as pages: choices as links, shades of a matrix, differences in words.

Not here: tabs, period and mirror (base.py), a difference as it is drawn (spread.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kernel.web import format, shell
from kernel.web.access import WorkspaceRequest

DARKEST = 5  # of the steps of a heat map


@dataclass(frozen=True, slots=True)
class Link:
    """One of a few, as a link."""

    label: str
    address: str
    current: bool


def chosen(given: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    """What an address chooses; the first where it chooses nothing that is known."""
    value = given.get(name, "")
    return value if value in known else known[0]


def choices(request: WorkspaceRequest, name: str, current: str, words: Mapping[str, Promise]) -> list[Link]:
    """Links to each of them; the first, as it is the usual one, leaves the address without."""
    first = next(iter(words))
    return [
        Link(str(label), shell.address(request, **{name: "" if value == first else value}), value == current)
        for value, label in words.items()
    ]


def heat(value: float, most: float) -> int:
    """The step of a cell: 0 nothing, DARKEST the most."""
    if value <= 0 or most <= 0:
        return 0
    return min(DARKEST, 1 + int(value / most * DARKEST * 0.999))


def points(value: float) -> str:
    """A difference of two percentages, with its sign: `−12.1 pts`."""
    said = format.number(abs(value) * 100, 1)
    sign = "" if said == "0.0" else format.MINUS if value < 0 else "+"
    return _("%(n)s pts") % {"n": f"{sign}{said}"}
