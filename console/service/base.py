"""What the pages of service share: the period around them, channels by slug, the squares of a matrix, rows as cells.

Not here: what a page shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypedDict

from django.utils.translation import gettext as _

from channels.models import Channel
from kernel.web import format, shell
from kernel.web.access import WorkspaceRequest

MINUTES = Decimal(60)


class Square(NamedTuple):
    """A cell of a matrix: what it counts, what that comes to, and where its rows are."""

    text: str
    sub: str
    tip: str
    heat: int
    href: str


class Line(NamedTuple):
    """A row of a matrix. `channel` None: of no channel."""

    channel: Channel | None
    squares: list[Square | None]
    total: str
    sub: str
    href: str


class Head(NamedTuple):
    """A column of a table of rows; `form` n: numbers. `opt`: left out where there is no room."""

    words: str
    number: bool = False
    opt: bool = False


class Cell(NamedTuple):
    """A cell of such a table; `channel` is shown by its colour and name."""

    text: str = ""
    sub: str = ""
    href: str = ""
    channel: Channel | None = None
    own: bool = False  # a sender's word: it is not translated


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePage(shell.PeriodPage):
    """What stands around every page of service."""

    kept: list[tuple[str, str]]  # of the address, that a change of the period keeps
    problem: str  # what of the address cannot be used, or why nothing can be said now


class Around(TypedDict):
    """The same as the arguments of a page."""

    period: shell.Period
    presets: list[Any]
    neighbours: Any
    kept: list[tuple[str, str]]
    problem: str


def around(request: WorkspaceRequest, period: shell.Period, problem: str) -> Around:
    """The period of a page."""
    without = ("from", "to", "unit", "interval", "compare", "cursor")
    return {
        "period": period,
        "presets": shell.presets(request, period),
        "neighbours": shell.neighbours(request, period),
        "kept": [
            (name, value)
            for name in request.GET
            if name not in without
            for value in request.GET.getlist(name)
        ],
        "problem": problem or period.problem,
    }


def named(channels: Mapping[str, Channel], slug: str | None) -> str:
    """A channel's name by its slug."""
    if slug is None:
        return _("nowhere")
    return shell.channel_name(channels[slug]) if slug in channels else slug


def lasting(hours: Decimal | None) -> str:
    """A length of time in words."""
    return format.NOTHING if hours is None else format.duration(float(hours) * 3_600)
