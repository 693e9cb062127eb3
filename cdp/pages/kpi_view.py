"""A metric read for its page: now, before, by channel, who moved it. Not here: the page (kpi.py)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from cdp.kernel import access, speech, web
from cdp.kernel.models import Workspace
from channels.models import Channel
from metrics import queries as goals
from metrics import query
from metrics.contribution import Contributions, Made, contributions
from metrics.readings import Days

TINY = Fraction(1, 10**9)  # between channels: below it only rounding is left


class View:
    """A metric over a period and the one it is held against, read once for the page."""

    def __init__(self, request: HttpRequest, name: str, period: web.Period) -> None:
        workspace: Workspace = request.workspace  # type: ignore[attr-defined]
        self.masked = access.Place(workspace, request.role or "").masked  # type: ignore[attr-defined]
        self.workspace, self.period, self.metric = workspace, period, query.metric_named(name)
        self.channels = list(Channel.objects.filter(workspace=workspace).order_by("id"))
        slugs = {channel.pk: channel.slug for channel in self.channels}
        self.shop = query.Shop(workspace.pk, workspace.timezone, workspace.currency, slugs)
        self.now, self.before = self._measure(period), self._measure(period.before)
        self.target = goals.target(connection, workspace.pk, name, period.last)
        self.own_targets = any(one.channel for one in goals.targets(connection, workspace.pk, name))

    def _measure(self, period: web.Period) -> query.Answer:
        ask = query.Ask(Days(period.first, period.last), period.interval, by_channel=True)
        return query.measure(connection, self.shop, self.metric.name, ask)

    def said(self, value: Any, short: bool = False) -> str:
        """A value in the metric's unit."""
        return speech.in_unit(value, self.metric.unit, self.workspace.currency, short)

    def change(self, now: Any, before: Any) -> dict[str, Any] | None:
        """A step, judged by the metric."""
        return speech.change(now, before, self.metric.unit, self.metric.good)


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
        return speech.NOTHING
    value = Decimal(part.numerator) / Decimal(part.denominator)
    if view.metric.unit == "share":
        text = _("%(n)s pts") % {"n": speech.number(abs(value) * 100, 1)}
    else:
        text = view.said(abs(value), short=abs(value) >= 10**6)
    if not text.strip("0.,¥$€£ ptsk个百分点"):
        return text
    return ("+" if value > 0 else speech.MINUS) + text
