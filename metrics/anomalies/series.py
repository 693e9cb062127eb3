"""A metric's days judged: read with enough days before the period, up to yesterday. Not here: judging (judge.py)."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kernel.db import Connection
from kernel.errors import BadRequest
from metrics import query
from metrics.anomalies.judge import SENSITIVITIES, Expected
from metrics.anomalies.process import JUDGE
from metrics.catalogue.base import Metric, Ratio
from metrics.scope import Days

HISTORY_DAYS = 56  # read before the period: eight weeks to learn a week from
MOST_DAYS = 1_100  # of a period that is judged
Judged = Mapping[
    str, dict[date, Expected]
]  # by channel, "" for all together; days that are not judged are not there


def sensitivity(text: str) -> str:
    """One of those there are; a BadRequest names them."""
    if text not in SENSITIVITIES:
        raise BadRequest(f"`anomalies` is one of {', '.join(SENSITIVITIES)}.", "bad_anomalies")
    return text


def judged(
    db: Connection, settings: query.ReportingSettings, name: str, ask: query.Ask, how: str, today: date
) -> Judged:
    """What is asked, day by day: all channels together, or the one asked, and each where it is asked by channel.

    `today` and what comes after is not over, and never judged. Raises BadRequest for other intervals than days.
    """
    first, last = ask.period.first, min(ask.period.last, today - timedelta(days=1))
    if ask.interval != "day":
        raise BadRequest(_("Anomalies are judged on days: choose the interval day."), "bad_anomalies")
    if ask.period.length > MOST_DAYS:
        said = _("Anomalies are judged in periods of at most %(n)s days: choose a shorter one.")
        raise BadRequest(said % {"n": MOST_DAYS}, "bad_anomalies")
    if last < first:
        return {}
    longer = ask._replace(period=Days(first - timedelta(days=HISTORY_DAYS), last))
    answer = query.measure(db, settings, name, longer)
    lines = {"": answer.line, **(answer.by or {})}
    return {slug: _line(answer.metric, line, first, how) for slug, line in lines.items()}


def put(answer: dict[str, Any], judged: Judged) -> dict[str, Any]:
    """An answer of the API with what was judged in each point of its series."""
    for slug, line in {"": answer, **answer.get("by", {})}.items():
        for point in line["series"]:
            point.update(_told(judged.get(slug, {}).get(date.fromisoformat(point["start"]))))
    return answer


def _line(metric: Metric, line: query.Line, first: date, how: str) -> dict[date, Expected]:
    values = [None if figure.value is None else float(figure.value) for _start, figure in line.series]
    started = next(
        (i for i, value in enumerate(values) if value), len(values)
    )  # before its first sign of life
    of, share = None, False
    if isinstance(metric.value, Ratio) and metric.value.bottom.unit == "count":
        of = [float(figure.denominator or 0) for _start, figure in line.series[started:]]
        share = metric.unit == "share"
    counts = metric.unit == "count" and not isinstance(metric.value, Ratio)
    found = JUDGE.judged(values[started:], how, counts=counts, of=of, share=share)
    days = [start for start, _figure in line.series[started:]]
    return {day: one for day, one in zip(days, found, strict=True) if one is not None and day >= first}


def _told(one: Expected | None) -> dict[str, Any]:
    """What is added to a day: null where it was not judged."""
    if one is None:
        return dict.fromkeys(Expected._fields)
    values = {name: query.text(Decimal(repr(getattr(one, name)))) for name in ("expected", "low", "high")}
    return {**values, "anomaly": one.anomaly}
