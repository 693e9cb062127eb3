"""What the overview shows, computed: cards, sums, sales by channel, mix, movers, returns. No HTML.

Not here: what a metric means (metrics/catalogue), what needs a person (needs.py).
"""

from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from cdp.kernel import access, drawing, speech, web
from cdp.kernel.models import Workspace
from cdp.pages import kpi_words
from channels.models import Channel
from metrics import lists, query
from metrics import queries as goals
from metrics.catalogue import BY_NAME
from metrics.catalogue.base import Metric, Ratio
from metrics.readings import Days

HEADLINES = ("inventory_turnover", "cac", "retention", "satisfaction")
SUMS = ("gmv", "net_revenue", "orders", "aov", "refund_rate", "cross_channel_share")
MOVERS = ("net_revenue", "refund_rate", "satisfaction", "cac")
MOVERS_SHOWN = 6
MOST_MARKS, MARK_LENGTH = 6, 24  # campaigns named on a chart, characters of a name
CHARTED, RETURNED = "net_revenue", "cross_channel_return_rate"
BY_CHANNEL = frozenset({CHARTED, RETURNED, *MOVERS})
COARSE = "month"  # where only the total of the period before is shown


class Asked:
    """What a page asks: whose numbers, which days. Each metric is read once, by channel, and kept for the page."""

    def __init__(
        self, workspace: Workspace, period: web.Period, channels: list[Channel], *, masked: bool = False
    ) -> None:
        self.workspace, self.period, self.masked = workspace, period, masked
        self.targets = goals.targets_on(connection, workspace.pk, period.last)
        slugs = {channel.pk: channel.slug for channel in channels}
        self._shop = query.Shop(workspace.pk, workspace.timezone, workspace.currency, slugs)
        self._kept: dict[tuple[str, bool], dict[str, Any]] = {}

    def measure(self, name: str, *, before: bool = False) -> dict[str, Any]:
        """One metric, as the read API answers it; by channel where the page shows it by channel."""
        if (name, before) not in self._kept:
            period = self.period.before if before else self.period
            interval = self.period.interval if not before or name == CHARTED else COARSE
            ask = query.Ask(Days(period.first, period.last), interval, by_channel=name in BY_CHANNEL)
            self._kept[name, before] = query.measure(connection, self._shop, name, ask).json()
        return self._kept[name, before]


def value(answer: dict[str, Any]) -> Decimal | None:
    """The total of an answer."""
    return speech.decimal(answer["total"]["value"])


def figure(asked: Asked, name: str, *, short: bool = False) -> dict[str, Any]:
    """One metric now and before, as a page says it."""
    metric = BY_NAME[name]
    now, before = asked.measure(name), asked.measure(name, before=True)
    currency = asked.workspace.currency
    total, old = now["total"]["value"], before["total"]["value"]
    return {
        "name": name,
        "label": metric.label,
        "unit": metric.unit,
        "good": metric.good,
        "value": speech.in_unit(total, metric.unit, currency, short=short),
        "exact": speech.in_unit(total, metric.unit, currency),
        "before": speech.in_unit(old, metric.unit, currency, short=short),
        "there": total is not None,
        "formula": metric.formula,
        "equation": _equation(asked, metric, now["total"]),
        "change": speech.change(total, old, metric.unit, metric.good),
        "raw": value(now),
        "series": [speech.decimal(point["value"]) for point in now["series"]],
        "unconverted": now.get("unconverted") or [],
        "missing_cost": now.get("missing_cost") or 0 if metric.needs_cost else 0,
    }


def _equation(asked: Asked, metric: Metric, total: dict[str, Any]) -> list[dict[str, str]]:
    """The formula with its numbers put in, each with the list of rows it is found by."""
    sides = lists.sides(metric)
    if len(sides) > 1:
        said = list(zip(("", "÷"), sides, (total["numerator"], total["denominator"]), strict=True))
    elif len(terms := lists.parts(metric)) > 1:
        values = [asked.measure(term.name)["total"]["value"] for term in terms]
        said = list(zip(("", speech.MINUS), terms, values, strict=True))
    else:
        said = [("", sides[0], total["value"])]
    currency = asked.workspace.currency
    return [
        {
            "op": op,
            "part": part.name,
            "value": speech.in_unit(amount, kpi_words.unit(part.name), currency, short=len(said) > 1),
        }
        for op, part, amount in said
    ]


def card(asked: Asked, name: str, *, short: bool = False) -> dict[str, Any]:
    """A KPI that explains itself: its target, its line over time, its formula."""
    found = figure(asked, name, short=short)
    target = asked.targets.get(name)
    ratio = isinstance(BY_NAME[name].value, Ratio)
    found["spark"] = drawing.spark(found["series"], target if ratio else None)
    found["target"] = None
    if target is not None:
        found["target"] = standing(
            found["unit"], found["good"], found["raw"], target, asked.workspace.currency
        )
    return found


def standing(unit: str, good: str, now: Decimal | None, target: Decimal, currency: str) -> dict[str, Any]:
    """Where a value stands against its target."""
    most = good == "down"
    said = speech.in_unit(target, unit, currency)
    result = {"text": (_("target at most %(value)s") if most else _("target %(value)s")) % {"value": said}}
    if now is None:
        return result | {"state": "", "bar": None}
    met = now <= target if most else now >= target
    gap = speech.in_unit(abs(target - now), unit, currency)
    if unit in {"share", "percent"}:
        gap = _("%(n)s pts") % {"n": speech.number(abs(target - now) * 100, 1)}
    state = _("met") if met else (_("%(gap)s too much") if most else _("%(gap)s short")) % {"gap": gap}
    top = max(now, target) * Decimal("1.1") if unit not in {"share", "percent"} else Decimal(1)
    return result | {
        "state": state,
        "met": met,
        "bar": drawing.width(now, top),
        "mark": drawing.width(target, top),
    }


# ---- sales by channel ---------------------------------------------------------------------------


def sales(asked: Asked, channels: list[Channel]) -> dict[str, Any]:
    """Net revenue by channel: the chart, its table, and the mix with its changes."""
    now = asked.measure(CHARTED)
    before = asked.measure(CHARTED, before=True)
    total = value(now) or Decimal(0)
    mix = [_share(channel, now, before, total) for channel in channels]
    mix.sort(key=lambda row: (-(row["value"] or 0), row["channel"].slug))
    return {
        "mix": mix,
        "total": total,
        "before": value(before),
        "change": speech.change(now["total"]["value"], before["total"]["value"], "money", "up"),
        "chart": _chart(asked, mix, now, before),
        "table": _table(asked, mix, now),
        "there": any(row["value"] for row in mix),
    }


def _share(channel: Channel, now: dict[str, Any], before: dict[str, Any], total: Decimal) -> dict[str, Any]:
    mine, old = now["by"][channel.slug]["total"], before["by"].get(channel.slug, {}).get("total", {})
    amount = speech.decimal(mine["value"]) or Decimal(0)
    return {
        "channel": channel,
        "value": amount,
        "before": speech.decimal(old.get("value")),
        "share": amount / total if total > 0 else None,
        "change": speech.change(mine["value"], old.get("value"), "money", "up"),
    }


def _floats(series: list[dict[str, Any]]) -> list[float]:
    return [float(point["value"] or 0) for point in series]


def _chart(
    asked: Asked, mix: list[dict[str, Any]], now: dict[str, Any], before: dict[str, Any]
) -> dict[str, Any]:
    """What charts.js draws: largest channel at the bottom, the period before as a dashed line with its own dates."""
    old = before["series"][: len(now["series"])]
    return {
        "unit": "money",
        "symbol": speech.symbol(asked.workspace.currency),
        "x": [point["start"] for point in now["series"]],
        "series": [
            {
                "name": web.channel_name(row["channel"]),
                "c": web.colour(row["channel"]).removeprefix("c-"),
                "data": _floats(now["by"][row["channel"].slug]["series"]),
            }
            for row in mix
        ],
        "total": _("Total"),
        "ref": _before(asked, old),
        "marks": marks(asked.workspace, asked.period, masked=asked.masked),
        "say": _("Net revenue by channel over time, stacked; the numbers stand in the table below."),
    }


def _before(asked: Asked, old: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The dashed line of what it is held against; none where nothing was sold."""
    if not any(speech.decimal(point["value"]) for point in old):
        return None
    return {
        "name": asked.period.before_name,
        "x": [point["start"] for point in old],
        "data": _floats(old),
    }


def _table(asked: Asked, mix: list[dict[str, Any]], now: dict[str, Any]) -> dict[str, Any]:
    """The same numbers to read, each with the days and the channel of the rows behind it."""
    columns = [(row["channel"].slug, now["by"][row["channel"].slug]["series"]) for row in mix]
    period = asked.period
    cut = query.intervals(query.Ask(Days(period.first, period.last), period.interval))
    rows = [
        {
            "days": days,
            "cells": [{"slug": slug, "value": column[i]["value"]} for slug, column in columns],
            "total": point["value"],
        }
        for i, (days, point) in enumerate(zip(cut, now["series"], strict=True))
    ]
    return {
        "channels": [row["channel"] for row in mix],
        "rows": rows,
        "sums": [{"slug": row["channel"].slug, "value": row["value"]} for row in mix],
        "total": now["total"]["value"],
    }


def marks(workspace: Workspace, period: web.Period, *, masked: bool) -> list[dict[str, str]]:
    """Campaigns that began in the period, known by what was spent on them: for the chart."""
    found = goals.campaigns(connection, workspace.pk, period.first, period.last)
    return [
        {
            "name": Truncator(access.scrub(name) if masked else name).chars(MARK_LENGTH),
            "from": max(first, period.first).isoformat(),
            "to": min(last, period.last).isoformat(),
        }
        for name, first, last in found[:MOST_MARKS]
    ]


# ---- what moved ---------------------------------------------------------------------------------


def movers(asked: Asked, mix: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The largest changes of any channel, weighed by what the channel sells."""
    found = []
    for name in MOVERS:
        metric = BY_NAME[name]
        now, before = asked.measure(name), asked.measure(name, before=True)
        for row in mix:
            slug, share = row["channel"].slug, float(row["share"] or 0)
            new = now["by"][slug]["total"]["value"]
            old = before["by"].get(slug, {}).get("total", {}).get("value")
            change = speech.change(new, old, metric.unit, metric.good)
            if change is None or change["class"] == "flat":
                continue
            found.append(
                {
                    "channel": row["channel"],
                    "label": metric.label,
                    "name": name,
                    "before": speech.in_unit(old, metric.unit, asked.workspace.currency, short=True),
                    "now": speech.in_unit(new, metric.unit, asked.workspace.currency, short=True),
                    "change": change,
                    "weight": abs(float(change["step"])) * max(share, 0.0),
                }
            )
    found.sort(key=lambda row: -row["weight"])
    return found[:MOVERS_SHOWN]


def returns(asked: Asked, channels: list[Channel]) -> dict[str, Any]:
    """Where goods came back that were bought in a channel."""
    answer = asked.measure(RETURNED)
    rows = [
        {"channel": channel} | answer["by"][channel.slug]["total"]
        for channel in channels
        if speech.decimal(answer["by"][channel.slug]["total"]["denominator"])
    ]
    rows.sort(key=lambda row: -(speech.decimal(row["denominator"]) or 0))
    return {"rows": rows, "total": answer["total"]}


def finding(asked: Asked, revenue: dict[str, Any], sales_now: dict[str, Any]) -> str:
    """The sentence under the title: computed, never written by hand."""
    if not sales_now["there"]:
        return _("No sales from %(days)s yet.") % {"days": asked.period.label}
    said = {"value": revenue["value"], "days": asked.period.length}
    change = sales_now["change"]
    if change is None:
        return (
            _("Net revenue %(value)s in %(days)s days; nothing in the period before to hold it against.")
            % said
        )
    said["change"] = change["text"]
    year = asked.period.compare == "year"
    if change["step"] > 0:
        text = _("Net revenue %(value)s, %(change)s above last year") if year else ""
        text = (text or _("Net revenue %(value)s, %(change)s above the %(days)s days before")) % said
    elif change["step"] < 0:
        text = _("Net revenue %(value)s, %(change)s below last year") if year else ""
        text = (text or _("Net revenue %(value)s, %(change)s below the %(days)s days before")) % said
    else:
        text = _("Net revenue %(value)s, as before") % said
    return text + _(", most of it on %(channel)s.") % {
        "channel": web.channel_name(sales_now["mix"][0]["channel"])
    }
