"""A metric read for its page: now, before, by channel, what it is compared with.

Not here: the page (kpi.py), why it changed (change.py).
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import connection
from django.http import QueryDict
from django.utils.functional import Promise

from channels.models import Channel
from channels.queries import channels_of
from console.metric import breaking
from console.metric.change import Comparison
from kernel.models import Workspace
from kernel.web import format, shell
from kernel.web.access import WorkspaceRequest
from metrics import query, targets
from metrics.breakdown.dimensions import CHANNEL
from metrics.catalogue import parts as formula
from metrics.facts.base import WORKSPACE
from metrics.scope import Days

TINY = Fraction(1, 10**9)  # between channels: below it only rounding is left


class View:
    """A metric over a period, and its whole days with those they are compared with, read once for the page."""

    def __init__(
        self,
        request: WorkspaceRequest,
        name: str,
        period: shell.Period,
        channel: Channel | None = None,
        *,
        each: bool = True,
        asked: QueryDict | None = None,
    ) -> None:
        """`asked`: what it is broken down by and filtered, else as the address has it."""
        workspace: Workspace = request.workspace
        self.masked = request.access.masked
        self.workspace, self.period, self.metric = workspace, period, query.metric_named(name)
        self.each = each  # whether each channel is read too
        self.channel = channel  # the only one that is asked; None: all together, and each
        self.channels = [channel] if channel else list(channels_of(workspace.pk).values())
        slugs = {channel.pk: channel.slug for channel in self.channels}
        self.settings = query.ReportingSettings(workspace.pk, workspace.timezone, workspace.currency, slugs)
        given = request.GET if asked is None else asked
        self.breaking = breaking.of(given, self.metric, self.channels, masked=self.masked)
        self.listed: tuple[str, ...] | None = None
        self.now = self._measure(period)
        if self.now.mirrored and self.now.mirrored.values is not None and self.breaking.by != CHANNEL:
            self.listed = tuple(one.value for one in self.now.mirrored.values if one.value is not None)
        self.compared = self._compared()
        self.targets = targets.targets(connection, workspace.pk, name)  # all there are

    def _measure(self, period: shell.Period) -> query.Answer:
        asked = self.breaking
        by = asked.by if self.each or asked.by != CHANNEL else ""
        only = self.channel.pk if self.channel else None
        ask = query.Ask(Days(period.first, period.last), period.interval, by, only, asked.filters)
        own = Days(self.period.first, self.period.last)
        ask = ask._replace(listed=self.listed, ranked=asked.ranked or own)  # what is compared is parted alike
        return query.measure(connection, self.settings, self.metric.name, ask)

    def goal(self, channel: int = WORKSPACE) -> targets.Goal | None:
        """What the period should come to, on all channels together (or the only one asked), or on one of them."""
        of = channel or (self.channel.pk if self.channel else WORKSPACE)
        mine = [one for one in self.targets if one.channel == of]
        return targets.goal(self.metric, mine, Days(self.period.first, self.period.last))

    def said(self, value: Any, short: bool = False) -> str:
        """A value in the metric's unit."""
        return format.in_unit(value, self.metric.unit, self.workspace.currency, short)

    def _compared(self) -> Comparison:
        whole, before = self.period.whole, self.period.before
        now = old = None
        if whole is not None and before is not None:
            now = self.now if whole == self.period else self._measure(whole)
            old = self._measure(before)
        return Comparison(self.metric, self.workspace.currency, self.period, self._values(now, old), now, old)

    def _values(self, *others: query.Answer | None) -> list[breaking.Part]:
        """The values that any of the answers has: channels, or those of a dimension, in the order of this period."""
        answers = [one for one in (self.now, *others) if one is not None]
        if self.breaking.by == CHANNEL:
            return [one for one in self.channels if one.slug in (self.now.by or {})]
        every = (one for answer in answers if answer.mirrored for one in answer.mirrored.values or ())
        found = {one.key: self.breaking.value(one.key, one.value) for one in every}
        return list(found.values())

    @property
    def values(self) -> list[breaking.Part]:
        """What the numbers are broken down by."""
        return list(self.compared.channels)


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
