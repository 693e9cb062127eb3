"""A metric read for its page: now, before, by channel, who moved it. Not here: the page (kpi.py)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from channels.queries import channels_of
from kernel.models import Workspace
from kernel.web import format, shell
from kernel.web.access import WorkspaceRequest
from metrics import query, targets
from metrics.catalogue import parts as formula
from metrics.contribution import Contributions, Made, contributions
from metrics.facts.base import WORKSPACE
from metrics.scope import Days

TINY = Fraction(1, 10**9)  # between channels: below it only rounding is left


class View:
    """A metric over a period and the one it is held against, read once for the page."""

    def __init__(self, request: WorkspaceRequest, name: str, period: shell.Period) -> None:
        workspace: Workspace = request.workspace
        self.masked = request.access.masked
        self.workspace, self.period, self.metric = workspace, period, query.metric_named(name)
        self.channels = list(channels_of(workspace.pk).values())
        slugs = {channel.pk: channel.slug for channel in self.channels}
        self.settings = query.ReportingSettings(workspace.pk, workspace.timezone, workspace.currency, slugs)
        self.now, self.before = self._measure(period), self._measure(period.before)
        self.targets = targets.targets(connection, workspace.pk, name)  # all there are

    def _measure(self, period: shell.Period) -> query.Answer:
        ask = query.Ask(Days(period.first, period.last), period.interval, by_channel=True)
        return query.measure(connection, self.settings, self.metric.name, ask)

    def goal(self, channel: int = WORKSPACE) -> targets.Goal | None:
        """What the period should come to, on all channels together or on one."""
        mine = [one for one in self.targets if one.channel == channel]
        return targets.goal(self.metric, mine, Days(self.period.first, self.period.last))

    def said(self, value: Any, short: bool = False) -> str:
        """A value in the metric's unit."""
        return format.in_unit(value, self.metric.unit, self.workspace.currency, short)

    def change(self, now: Any, before: Any) -> format.Change | None:
        """A step, judged by the metric."""
        return format.change(now, before, self.metric.unit, self.metric.good)


@dataclass(frozen=True, slots=True)
class Side:
    """A column a value is made of, with the part its rows are found by."""

    part: str
    words: Promise
    unit: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a side."""

    part: str
    value: str


def sides(view: View) -> list[Side]:
    """The columns a value is made of."""
    return [Side(side.name, side.label, side.unit) for side in formula.sides(view.metric)]


def cells(view: View, figure: query.Figure, short: bool = False) -> list[Cell]:
    """Numerator and denominator as they are said."""
    columns = sides(view)
    values = (figure.numerator, figure.denominator) if len(columns) > 1 else (figure.value,)
    currency = view.workspace.currency
    return [
        Cell(side.part, format.in_unit(value, side.unit, currency, short))
        for side, value in zip(columns, values, strict=False)
    ]


def _made(figure: query.Figure) -> Made:
    below = None if figure.denominator is None else Fraction(figure.denominator)
    return Made(Fraction(figure.numerator), below)


def moves(view: View) -> Contributions | None:
    """Each channel's part of the change."""
    return contributions(
        _made(view.now.total),
        _made(view.before.total),
        {slug: _made(line.total) for slug, line in (view.now.by or {}).items()},
        {slug: _made(line.total) for slug, line in (view.before.by or {}).items()},
    )


def signed(view: View, part: Fraction | None) -> str:
    """A part of a change: with its sign, percentage points where the metric is a percentage."""
    if part is None:
        return format.NOTHING
    value = Decimal(part.numerator) / Decimal(part.denominator)
    if view.metric.unit == "share":
        text = _("%(n)s pts") % {"n": format.number(abs(value) * 100, 1)}
    else:
        text = view.said(abs(value), short=abs(value) >= 10**6)
    if not text.strip("0.,¥$€£ ptsk个百分点"):
        return text
    return ("+" if value > 0 else format.MINUS) + text
