"""Where a number stands against its target, in words: what it should come to in the period, or why that is not said.

Not here: what a target asks of a period (metrics/targets.py), setting one (targets.py).
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.web import format, svg
from metrics import targets
from metrics.catalogue.base import Metric


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """Where a value stands against its target."""

    text: str
    state: str = ""
    met: bool = False
    bar: float | None = None  # of 100; None: there is nothing to draw
    mark: float = 0.0  # of 100: where the target is
    note: str = ""  # the target as it was set, where it is scaled; why it is not compared, where it is not


def of(
    metric: Metric, now: Decimal | None, goal: targets.Goal | None, days: int, currency: str
) -> TargetStatus | None:
    """A value of so many days against what they should come to; None: nobody asks anything."""
    if goal is None:
        return None
    unit, most = metric.unit, metric.good == "down"
    if goal.value is None:
        text = _said(most, amount(metric, goal.target, goal.per, currency))
        return TargetStatus(text, note=_why_not(goal, days))
    text = _said(most, format.in_unit(_tidy(goal.value, unit), unit, currency))
    note = ""
    if goal.scaled:
        note = _("%(target)s, scaled by days") % {"target": amount(metric, goal.target, goal.per, currency)}
    if now is None:
        return TargetStatus(text, note=note)
    met = now <= goal.value if most else now >= goal.value
    state = _("met") if met else _missed(abs(goal.value - now), unit, currency, most=most)
    top = max(now, goal.value) * Decimal("1.1") if unit not in {"share", "percent"} else Decimal(1)
    return TargetStatus(text, state, met, svg.width(now, top), svg.width(goal.value, top), note)


def amount(metric: Metric, target: targets.Target, per: str, currency: str) -> str:
    """`¥100,000.00 per month`; without a period the value alone."""
    value = format.in_unit(target.value, metric.unit, currency)
    if not per:
        return value
    return _("%(value)s %(per)s") % {"value": value, "per": period(per, target)}


def period(per: str, target: targets.Target) -> str:
    """What a target is per, in words; empty: nothing."""
    if per == targets.WHOLE and target.last:
        return _("for %(days)s") % {"days": format.days(target.first, target.last)}
    if per not in targets.CALENDAR and per.endswith("d"):
        n = int(per[:-1])
        return _("per day") if n == 1 else _("per %(n)s days") % {"n": format.number(n)}
    said = {
        "day": _("per day"),
        "week": _("per week"),
        "month": _("per month"),
        "quarter": _("per quarter"),
        "year": _("per year"),
    }
    return said.get(per, "")


def _said(most: bool, value: str) -> str:
    return (_("target at most %(value)s") if most else _("target %(value)s")) % {"value": value}


def _tidy(value: Decimal, unit: str) -> Decimal:
    """Things are counted whole."""
    return value.quantize(Decimal(1)) if unit == "count" and value >= 1 else value


def _missed(by: Decimal, unit: str, currency: str, *, most: bool) -> str:
    gap = format.in_unit(_tidy(by, unit), unit, currency)
    if unit in {"share", "percent"}:
        gap = _("%(n)s pts") % {"n": format.number(by * 100, 1)}
    return (_("%(gap)s over") if most else _("%(gap)s short")) % {"gap": gap}


def _why_not(goal: targets.Goal, days: int) -> str:
    """Why the value of so many days is not held against the target."""
    if goal.why == targets.OTHER_LENGTH:
        said = ngettext(
            "Not compared with %(n)s day: customers who count once do not scale by days.",
            "Not compared with %(n)s days: customers who count once do not scale by days.",
            days,
        )
        return said % {"n": format.number(days)}
    said = ngettext(
        "Not compared: no target holds on %(gaps)s of %(n)s day.",
        "Not compared: no target holds on %(gaps)s of %(n)s days.",
        days,
    )
    return said % {"gaps": format.number(goal.gaps), "n": format.number(days)}
