"""The days of a metric that are not as expected, in words: for its page and its tiles.

Not here: judging them (metrics/anomalies).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from channels.models import Channel
from console.metric.kpi_view import View
from kernel.errors import Trouble
from metrics import query
from metrics.anomalies import series
from metrics.anomalies.judge import SENSITIVITIES, Expected
from metrics.scope import Days

MOST_SHOWN = 12  # listed, the newest


@dataclass(frozen=True, slots=True)
class Odd:
    """A day that is an anomaly, of all channels together (None) or of one. `first` and `last` are that day."""

    first: date
    last: date
    channel: Channel | None
    value: str
    expected: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was asked (`how`, "" for nothing), each day as it was judged, those that are odd; or why there are none."""

    how: str = ""
    days: Mapping[date, Expected] = field(default_factory=dict)  # of all channels together
    odd: list[Odd] = field(default_factory=list)
    more: int = 0  # odd ones that are not listed
    trouble: str = ""


def wanted(text: str) -> str:
    """The sensitivity of an address; "" for none and for one there is not."""
    return text if text in SENSITIVITIES else ""


def of(view: View, how: str) -> Found:
    """The page's series judged; what cannot be judged is said, and the page stands."""
    if not how:
        return Found()
    if not view.breaking.plain:
        return Found(
            how=how, trouble=_("Anomalies are judged for all together and by channel, without filters.")
        )
    own = view.channel.pk if view.channel else None
    days = Days(view.period.first, view.period.last)
    ask = query.Ask(days, view.period.interval, by="channel" if view.each else "", channel=own)
    try:
        judged = series.judged(connection, view.settings, view.metric.name, ask, how, view.period.today)
    except Trouble as wrong:
        return Found(how=how, trouble=str(wrong))
    odd = _odd(view, judged)
    return Found(how=how, days=judged.get("", {}), odd=odd[:MOST_SHOWN], more=max(len(odd) - MOST_SHOWN, 0))


def said(view: View, one: Expected) -> str:
    """From where to where a day was expected."""
    return f"{view.said(one.low)} – {view.said(one.high)}"


def _odd(view: View, judged: series.Judged) -> list[Odd]:
    """The newest first, of a day all channels together before each."""
    lines: dict[str, tuple[Channel | None, query.Line]] = {"": (None, view.now.line)}
    if view.channel is None and view.now.by is not None:
        lines |= {one.slug: (one, view.now.by[one.slug]) for one in view.channels}
    found = [
        Odd(
            day,
            day,
            channel,
            view.said(figure.value),
            said(view, one),
            _("higher than expected") if float(figure.value or 0) > one.high else _("lower than expected"),
        )
        for slug, (channel, line) in lines.items()
        for day, figure in line.series
        if (one := judged.get(slug, {}).get(day)) and one.anomaly
    ]
    return sorted(found, key=lambda one: one.first, reverse=True)
