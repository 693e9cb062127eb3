"""What joining channels' data brought, as a page for the board: the question, four metrics, the money, each channel.

Not here: how it is found (metrics/roi), an effect in words (console/effects.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.models import Channel
from channels.queries import channels_of
from console import effects
from console.effects import Told
from console.journey.spread import spreads
from kernel.errors import BadRequest, TryAgain
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import api, query
from metrics.catalogue import BY_NAME
from metrics.effects.intervals import Difference
from metrics.mirror import reading
from metrics.query import Figure
from metrics.roi import question
from metrics.roi.api import rows_asked
from metrics.roi.days import JOINED, OTHERS, groups
from metrics.roi.money import AGAINST_OTHERS, Money, Part
from metrics.roi.question import AFTER, BEFORE
from metrics.roi.roi import Brought, Roi, roi

WINDOWS: Final = ("21d", "28d", "30d", "60d", "90d", "180d")
# Which rows stand behind a metric's figure, by the term that counts them.
PARTS: Final[Mapping[str, str]] = {
    "net_revenue": "net_revenue",
    "cac": "new",
    "retention": "active_before",
    "satisfaction": "answered",
}
NAMES: Final[Mapping[str, Promise]] = {
    "won": gettext_lazy("Net revenue won"),
    "saved": gettext_lazy("Acquisition cost saved"),
    "earned": gettext_lazy("Earned of the revenue won, at the margin rate"),
    "net": gettext_lazy("Earned and saved, less the cost"),
    "roi": gettext_lazy("Return on the cost"),
}


class Shown(NamedTuple):
    """A figure, what it is of, and where its rows stand; "" where more than one list is behind it."""

    text: str
    base: str
    href: str


class Row(NamedTuple):
    """A metric."""

    label: str
    href: str
    formula: str
    before: Shown
    after: Shown
    change: Told | None
    others: tuple[Shown, Shown]
    others_change: str
    effect: Told | None
    absolute: str
    drift: str
    apart: bool  # the groups did not go alike before
    placebo: str
    refused: str


class Line(NamedTuple):
    """A channel: its figures before and after, by metric."""

    channel: Channel
    joined: bool
    figures: list[tuple[Shown, Shown]]


class Amount(NamedTuple):
    """Money, with its interval; `said`: against what, or why there is none."""

    name: str
    told: Told | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was found."""

    before: str
    after: str
    joined: list[Channel]
    others: list[Channel]
    rows: list[Row]
    lines: list[Line]
    labels: list[str]
    amounts: list[Amount]
    margin_rate: str
    unconverted: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page."""

    finding: str
    problem: str
    at: str
    window: str
    windows: list[tuple[str, str]]
    cost: str
    currency: str
    latest: str  # the last day that can be asked for
    channels: list[tuple[Channel, bool]]
    found: Answered | None
    csv: str  # the file's address


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The question, and its answer once it is asked."""
    given = _given(request)
    settings = query.reporting_settings(connection, request.workspace)
    known = {channel.pk: channel for channel in channels_of(request.workspace.pk).values()}
    found, problem = read(request)
    today = api.today(settings)
    chosen = set(given["joined"].split(","))
    window = given.get("window") or question.WINDOW
    shown = Page(
        finding=_finding(found) if found else "",
        problem=problem,
        at=given.get("at", "")[: api.DATE_LENGTH],
        window=window,
        windows=[(one, _days_of(one)) for one in WINDOWS],
        cost=given.get("cost", "")[:20],
        currency=settings.currency,
        latest=(today - timedelta(days=1)).isoformat(),
        channels=[(channel, channel.slug in chosen) for channel in known.values()],
        found=_answered(found, known) if found else None,
        csv=f"{reverse('roi-export')}?{request.GET.urlencode()}",
    )
    return render(request, "roi/roi.html", shown)


def _given(request: WorkspaceRequest) -> dict[str, str]:
    return request.GET.dict() | {"joined": ",".join(request.GET.getlist("joined"))}


def read(request: WorkspaceRequest) -> tuple[Roi | None, str]:
    """The answer to what the address asks, if it asks anything, and why there is none."""
    given = _given(request)
    if not given.get("at") and not given["joined"]:
        return None, ""
    settings = query.reporting_settings(connection, request.workspace)
    try:
        asked = question.read(given, settings, api.today(settings))
        with reading.open_mirror(request.workspace.pk) as mirror:
            return roi(connection, settings, mirror, asked), ""
    except (BadRequest, TryAgain) as wrong:
        return None, str(wrong)


def _days_of(window: str) -> str:
    n = int(window[:-1])
    return ngettext("%(n)s day", "%(n)s days", n) % {"n": n}


# ---- words -----------------------------------------------------------------------------------------


def _finding(found: Roi) -> str:
    """What stands above all: which effects are more than chance."""
    sure, open_ = [], 0
    for one in found.kpis:
        size = one.effect and (one.effect.relative or one.effect.absolute)
        if size is None or size.low <= 0 <= size.high:
            open_ += 1
            continue
        written = (
            effects.percent(size.value) if one.effect and one.effect.relative else effects.points(size.value)
        )
        sure.append(_("%(metric)s %(change)s") % {"metric": BY_NAME[one.name].label, "change": written})
    if not sure:
        return _("Against the channels not joined nothing changed by more than chance.")
    said = _("Against the channels not joined: %(changes)s.") % {"changes": _(", ").join(sure)}
    if open_:
        rest = ngettext("%(n)s metric may be chance.", "%(n)s metrics may be chance.", open_) % {"n": open_}
        said = f"{said} {rest}"
    return said


def _answered(found: Roi, known: Mapping[int, Channel]) -> Answered:
    asked, currency = found.question, found.settings.currency
    drawn = spreads([one.effect and one.effect.relative for one in found.kpis])
    return Answered(
        before=format.days(*asked.days(BEFORE)),
        after=format.days(*asked.days(AFTER)),
        joined=[known[channel] for channel in asked.joined],
        others=[known[channel] for channel in asked.others],
        rows=[_row(found, one, spread) for one, spread in zip(found.kpis, drawn, strict=True)],
        lines=[
            Line(
                known[channel],
                channel in asked.joined,
                [_pair(found, one.name, one.channels, channel, (channel,)) for one in found.kpis],
            )
            for channel in (*asked.joined, *asked.others)
        ],
        labels=[str(BY_NAME[one.name].label) for one in found.kpis],
        amounts=_amounts(found.money, currency),
        margin_rate=format.percent(found.money.margin_rate),
        unconverted=[(format.number(value), code) for code, value in sorted(found.unconverted.items())],
    )


def _row(found: Roi, one: Brought, spread: Any) -> Row:
    metric, currency = BY_NAME[one.name], found.settings.currency
    channels = groups(found.question)
    before, after = _pair(found, one.name, one.figures, JOINED, channels[JOINED])
    size = one.effect and one.effect.relative
    return Row(
        label=str(metric.label),
        href=reverse("kpi", args=[one.name]),
        formula=str(metric.formula),
        before=before,
        after=after,
        change=effects.told(one.change and one.change.relative, metric.good, effects.percent),
        others=_pair(found, one.name, one.figures, OTHERS, channels[OTHERS]),
        others_change=_relative(one.effect and one.effect.others.relative),
        effect=effects.told(size, metric.good, effects.percent, spread),
        absolute=_absolute(one, currency),
        drift=_relative(one.drift and one.drift.drift),
        apart=one.drift is not None and not one.drift.parallel,
        placebo=_relative(one.placebo),
        refused=str(one.refused or ""),
    )


def _relative(one: Difference | None) -> str:
    return effects.percent(one.value) if one else format.NOTHING


def _absolute(one: Brought, currency: str) -> str:
    """The effect in the metric's own unit; of a sum a day."""
    if one.effect is None:
        return ""
    size, unit = one.effect.absolute.value, BY_NAME[one.name].unit
    if unit == "share":
        return effects.points(size)
    each = effects.money(size, currency)
    return _("%(amount)s a day") % {"amount": each} if one.name == "net_revenue" else each


def _pair(
    found: Roi, name: str, figures: Mapping[Any, Figure], key: Any, channels: tuple[int, ...]
) -> tuple[Shown, Shown]:
    unit, currency = BY_NAME[name].unit, found.settings.currency

    def shown(number: int) -> Shown:
        figure = figures[key, number]
        base = "" if figure.denominator is None else format.base(figure.numerator, figure.denominator)
        lists = rows_asked(name, found.question, number, channels, found.settings.channels)
        asked = [*lists[0], ("part", PARTS[name])]
        address = f"{reverse('kpi-rows', args=[name])}?{urlencode(asked)}" if len(lists) == 1 else ""
        return Shown(format.in_unit(figure.value, unit, currency), base, address)

    return shown(BEFORE), shown(AFTER)


def _amounts(found: Money, currency: str) -> list[Amount]:
    def write(value: float) -> str:
        return effects.money(value, currency)

    def part(name: str, one: Part) -> Amount:
        basis = (
            _("against the channels not joined") if one.basis == AGAINST_OTHERS else _("against before alone")
        )
        return Amount(str(NAMES[name]), effects.told(one.value, "up", write), str(one.refused or basis))

    def derived(name: str, one: Difference | None, why: str, how: effects.Write = write) -> Amount:
        return Amount(str(NAMES[name]), effects.told(one, "up", how), "" if one else why)

    no_margin = _("No sold line has a cost: what of the revenue was earned is not known. Send cost records.")
    no_cost = _("Say what joining cost, and it is held against it.")
    why = no_cost if found.cost is None else no_margin if found.margin_rate is None else _("Not to be told.")
    earned = no_margin if found.margin_rate is None else _("Not to be told.")
    return [
        part("won", found.won),
        part("saved", found.saved),
        derived("earned", found.earned, earned),
        derived("net", found.net, why),
        derived("roi", found.roi, why, effects.percent),
    ]
