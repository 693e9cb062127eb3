"""What the overview shows, computed: cards, sums, sales by channel, mix, movers, returns. No HTML.

Not here: what a metric means (metrics/catalogue), what needs a person (needs.py).
"""

from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from cdp.kernel import drawing, speech, web
from cdp.kernel.models import Workspace
from channels.models import Channel
from metrics import drill, query
from metrics import queries as goals
from metrics.catalogue import BY_NAME
from metrics.catalogue.base import Metric
from metrics.readings import Days

HEADLINES = ("inventory_turnover", "cac", "retention", "satisfaction")
SUMS = ("gmv", "net_revenue", "orders", "aov", "refund_rate", "cross_channel_share")
MOVERS = ("net_revenue", "refund_rate", "satisfaction", "cac")
MOVERS_SHOWN = 6
CHARTED, RETURNED = "net_revenue", "cross_channel_return_rate"
BY_CHANNEL = frozenset({CHARTED, RETURNED, *MOVERS})
COARSE = "month"  # where only the total of the period before is shown
# What stands above and below the line of a metric's fraction.
PARTS = {
    "inventory_turnover": ("money", "money"),
    "cac": ("money", "count"),
    "retention": ("count", "count"),
    "satisfaction": ("count", "count"),
    "refund_rate": ("money", "money"),
    "aov": ("money", "count"),
    "cross_channel_share": ("count", "count"),
}


class Asked:
    """What a page asks: whose numbers, which days. Each metric is read once, by channel, and kept for the page."""

    def __init__(self, workspace: Workspace, period: web.Period, channels: list[Channel]) -> None:
        self.workspace, self.period = workspace, period
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


def target_of(asked: Asked, name: str) -> Decimal | None:
    """What the workspace wants of a metric at the end of the period."""
    return goals.target(connection, asked.workspace.pk, name, asked.period.last)


def figure(asked: Asked, name: str, *, short: bool = False) -> dict[str, Any]:
    """One metric now and before, as a page says it."""
    metric = BY_NAME[name]
    now, before = asked.measure(name), asked.measure(name, before=True)
    currency = asked.workspace.currency
    total = now["total"]
    over, under = PARTS.get(name, ("count", "count"))
    return {
        "name": name,
        "label": metric.label,
        "unit": metric.unit,
        "good": metric.good,
        "value": speech.in_unit(total["value"], metric.unit, currency, short=short),
        "exact": speech.in_unit(total["value"], metric.unit, currency),
        "there": total["value"] is not None,
        "numerator": speech.in_unit(total["numerator"], over, currency, short=True),
        "denominator": speech.in_unit(total["denominator"], under, currency, short=True),
        "formula": metric.formula,
        "parts": [part.name for part in _ends(metric)],
        "change": speech.change(total["value"], before["total"]["value"], metric.unit, metric.good),
        "raw": value(now),
        "series": [speech.decimal(point["value"]) for point in now["series"]],
        "unconverted": now.get("unconverted") or [],
        "missing_cost": now.get("missing_cost") or 0,
    }


def _ends(metric: Metric) -> list[drill.Part]:
    """The parts whose rows stand behind numerator and denominator: the first of each."""
    every = drill.parts(metric)
    return [
        next(part for part in every if part.side == side) for side in dict.fromkeys(p.side for p in every)
    ]


def card(asked: Asked, name: str) -> dict[str, Any]:
    """A headline KPI with its target and its line over time."""
    found = figure(asked, name)
    target = target_of(asked, name)
    found["spark"] = drawing.spark(found["series"], target)
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
        "change": speech.change(now["total"]["value"], before["total"]["value"], "money", "up"),
        "chart": _chart(asked, mix, now, before),
        "table": _table(mix, now),
        "there": any(row["value"] for row in mix),
    }


def _share(channel: Channel, now: dict[str, Any], before: dict[str, Any], total: Decimal) -> dict[str, Any]:
    mine, old = now["by"][channel.slug]["total"], before["by"].get(channel.slug, {}).get("total", {})
    amount = speech.decimal(mine["value"]) or Decimal(0)
    return {
        "channel": channel,
        "value": amount,
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


def _table(mix: list[dict[str, Any]], now: dict[str, Any]) -> dict[str, Any]:
    """The same numbers to read."""
    columns = [now["by"][row["channel"].slug]["series"] for row in mix]
    rows = [
        {
            "start": point["start"],
            "cells": [column[i]["value"] for column in columns],
            "total": point["value"],
        }
        for i, point in enumerate(now["series"])
    ]
    return {
        "channels": [row["channel"] for row in mix],
        "rows": rows,
        "sums": [row["value"] for row in mix],
        "total": now["total"]["value"],
    }


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
