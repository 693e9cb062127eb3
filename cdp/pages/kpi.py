"""Why did this number move? One metric: formula with its numbers, series, target, by channel, who moved it.

Not here: the rows behind it (kpi_rows.py), reading it (kpi_view.py), its cards (board.py).
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from cdp.kernel import access, periods, speech, web
from cdp.pages import board, export, kpi_words
from cdp.pages.kpi_view import TINY, View, moves, signed
from channels.models import Channel
from metrics import drill, lists, query
from metrics import queries as goals
from metrics.catalogue import METRICS
from metrics.catalogue.base import Ratio
from metrics.contribution import Contributions
from metrics.readings import Days

WHOLE = frozenset({"retention"})  # its series speaks of whole calendar intervals


@access.needs("viewer")
def show(request: HttpRequest, name: str) -> HttpResponse:
    """The page."""
    return page(request, name)


def page(request: HttpRequest, name: str, typed: dict[str, Any] | None = None) -> HttpResponse:
    """All of it; `typed`: a target that could not be kept, with what was wrong."""
    period = web.period_of(request)
    view = View(request, name, period)
    moved = moves(view)
    values = web.period_frame(request, period) | {
        "metric": view.metric,
        "question": kpi_words.QUESTIONS.get(name, ""),
        "cares": _cares(view),
        "head": _head(view),
        "chart": _chart(view),
        "table": _table(view),
        "rows": _rows(view, moved),
        "sides": _sides(view),
        "total": _total(view, moved),
        "bars": _bars(view, moved),
        "moved": moved,
        "finding": _finding(view, moved),
        "against": period.against,
        "before": period.before,
        "every": METRICS,
        "targets": _targets(view),
        "typed": typed or {"from": web.today(view.workspace).replace(day=1).isoformat()},
        "channels": view.channels,
    }
    return render(request, "cdp/kpi.html", values)


@access.needs("viewer")
def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """The series of all channels and of each, as CSV."""
    view = View(request, name, web.period_of(request))
    head = (
        _("Channel"),
        _("Begins"),
        view.metric.label,
        _("Numerator"),
        _("Denominator"),
        _("Held against: from"),
        _("Held against: value"),
    )
    return export.answer(request, f"{name}-{view.period.first}-{view.period.last}", head, _csv(view))


def _csv(view: View) -> Iterator[tuple[Any, ...]]:
    lines = {"": view.now.line, **(view.now.by or {})}
    for slug, line in lines.items():
        old = view.before.line if not slug else (view.before.by or {}).get(slug)
        ends = [
            (view.period.first.isoformat(), line.total, view.period.before.first, old.total if old else None)
        ]
        series = old.series if old else []
        ends += [
            (start.isoformat(), figure, *(series[i] if i < len(series) else ("", None)))
            for i, (start, figure) in enumerate(line.series)
        ]
        for i, (start, figure, old_start, old_figure) in enumerate(ends):
            name = slug or _("all")
            said = figure.json()
            yield (
                name,
                start if i else f"{view.period.first}/{view.period.last}",
                said["value"],
                said["numerator"],
                said["denominator"],
                old_start if i else f"{view.period.before.first}/{view.period.before.last}",
                old_figure.json()["value"] if old_figure else None,
            )


# ---- what moved it --------------------------------------------------------------------------------


def _bars(view: View, moved: Contributions | None) -> dict[str, Any] | None:
    """What charts.js draws around zero: the largest part first."""
    if moved is None or (not moved.change and not any(moved.by.values())):
        return None
    rows: list[dict[str, Any]] = [
        {
            "name": web.channel_name(channel),
            "c": web.colour(channel).removeprefix("c-"),
            "v": float(moved.by.get(channel.slug, Fraction(0))),
            "said": signed(view, moved.by.get(channel.slug)),
        }
        for channel in view.channels
    ]
    if abs(moved.between) > TINY:
        rows.append(
            {
                "name": _("Between channels"),
                "c": "other",
                "v": float(moved.between),
                "said": signed(view, moved.between),
            }
        )
    rows.sort(key=lambda row: -abs(row["v"]))
    return {
        "unit": view.metric.unit,
        "symbol": speech.symbol(view.workspace.currency),
        "rows": rows,
        "say": _("Each channel's part of the change; the numbers stand in the table beside."),
    }


# ---- the numbers ----------------------------------------------------------------------------------


def _sides(view: View) -> list[dict[str, Any]]:
    """The columns a value is made of, each with the part its rows are found by."""
    return [
        {
            "side": side.side,
            "part": side.name,
            "words": kpi_words.PARTS[side.name],
            "unit": kpi_words.unit(side.name),
        }
        for side in lists.sides(view.metric)
    ]


def _cells(view: View, figure: query.Figure, short: bool = False) -> list[dict[str, Any]]:
    """Numerator and denominator as they are said, each with the part its rows are found by."""
    sides = _sides(view)
    values = (figure.numerator, figure.denominator) if len(sides) > 1 else (figure.value,)
    currency = view.workspace.currency
    return [
        side | {"value": speech.in_unit(value, side["unit"], currency, short)}
        for side, value in zip(sides, values, strict=False)
    ]


def _head(view: View) -> dict[str, Any]:
    """The number now, with everything that explains it."""
    now, before = view.now.total, view.before.total
    target = None
    if view.target is not None:
        unit, good = view.metric.unit, view.metric.good
        target = board.standing(unit, good, now.value, view.target, view.workspace.currency)
    return {
        "value": view.said(now.value),
        "there": now.value is not None,
        "change": view.change(now.value, before.value),
        "before": view.said(before.value),
        "parts": _cells(view, now),
        "terms": _terms(view),
        "target": target,
        "unconverted": [
            {"currency": code, "value": value} for code, value in sorted(now.unconverted.items())
        ],
        "missing_cost": view.now.missing_cost if view.metric.needs_cost else 0,
    }


def _terms(view: View) -> list[dict[str, Any]]:
    """The formula of a difference with the numbers put in; empty where two sides say it all."""
    parts = lists.parts(view.metric)
    if len(parts) == len(_sides(view)):
        return []
    ask = query.Ask(Days(view.period.first, view.period.last), "month")
    return [
        {
            "part": part.name,
            "words": kpi_words.PARTS[part.name],
            "sign": speech.MINUS if part.sign < 0 else "",
            "side": part.side,
            "value": speech.in_unit(
                drill.amount(connection, view.shop, part, ask).value,
                kpi_words.unit(part.name),
                view.workspace.currency,
            ),
        }
        for part in parts
    ]


def _rows(view: View, moved: Contributions | None) -> list[dict[str, Any]]:
    """By channel, the largest first."""
    found: list[dict[str, Any]] = []
    for channel in view.channels:
        now = (view.now.by or {})[channel.slug].total
        old = (view.before.by or {})[channel.slug].total
        found.append(
            {
                "channel": channel,
                "cells": _cells(view, now),
                "value": view.said(now.value),
                "target": _target_of(view, channel, now),
                "before": view.said(old.value),
                "change": view.change(now.value, old.value),
                "moved": signed(view, moved.by.get(channel.slug)) if moved else speech.NOTHING,
                "size": (now.denominator if now.denominator is not None else now.numerator),
            }
        )
    found.sort(key=lambda row: -row["size"])
    return found


def _total(view: View, moved: Contributions | None) -> dict[str, Any]:
    """The row below the channels."""
    return {
        "cells": _cells(view, view.now.total),
        "value": view.said(view.now.total.value),
        "before": view.said(view.before.total.value),
        "change": view.change(view.now.total.value, view.before.total.value),
        "moved": signed(view, moved.change) if moved else speech.NOTHING,
        "between": signed(view, moved.between) if moved and abs(moved.between) > TINY else "",
    }


def _chart(view: View) -> dict[str, Any]:
    """What charts.js draws: the series, the period before with its own dates, the target."""
    series, old = view.now.series, view.before.series[: len(view.now.series)]
    found: dict[str, Any] = {
        "unit": view.metric.unit,
        "symbol": speech.symbol(view.workspace.currency),
        "x": [start.isoformat() for start, _figure in series],
        "name": str(view.metric.label),
        "data": [_float(figure.value) for _start, figure in series],
        "there": any(figure.value is not None for _start, figure in series),
        "base": [_base(view, figure) for _start, figure in series],
        "ref": {
            "name": view.period.before_name,
            "x": [start.isoformat() for start, _figure in old],
            "data": [_float(figure.value) for _start, figure in old] if any(f.value for _s, f in old) else [],
        },
        "marks": board.marks(view.workspace, view.period, masked=view.masked),
        "say": _("%(metric)s over time; the numbers stand in the table below.")
        % {"metric": view.metric.label},
    }
    if view.target is not None and isinstance(
        view.metric.value, Ratio
    ):  # a sum's target is for the whole period
        said = _("target %(value)s") % {"value": view.said(view.target)}
        found |= {"target": float(view.target), "targetText": said}
    return found


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _base(view: View, figure: query.Figure) -> str:
    cells = _cells(view, figure, short=True)
    return f"{cells[0]['value']} ÷ {cells[1]['value']}" if len(cells) > 1 else ""


def _table(view: View) -> list[dict[str, Any]]:
    """The series to read, each number with the days of the rows behind it."""
    old, days, old_days = view.before.series, _days(view, view.period), _days(view, view.period.before)
    return [
        {
            "start": start,
            "days": days[i],
            "cells": _cells(view, figure),
            "value": view.said(figure.value),
            "old_start": old[i][0] if i < len(old) else None,
            "old_days": old_days[i] if i < len(old) else None,
            "old": view.said(old[i][1].value) if i < len(old) else speech.NOTHING,
        }
        for i, (start, figure) in enumerate(view.now.series)
    ]


def _days(view: View, period: web.Period) -> list[dict[str, Any]]:
    """From when to when each interval of a period reaches: cut to it, but whole where the calendar's are counted."""
    cut = query.intervals(query.Ask(Days(period.first, period.last), period.interval))
    if view.metric.name not in WHOLE:
        return [{"first": one.first, "last": one.last} for one in cut]
    return [
        {
            "first": one.start,
            "last": periods.following(one.start, period.interval) - periods.ONE_DAY,
            "calendar": "1",
        }
        for one in cut
    ]


def _targets(view: View) -> list[dict[str, Any]]:
    """All targets of the metric, newest first."""
    channels = {channel.pk: channel for channel in view.channels}
    return [
        {
            "value": view.said(one.value),
            "first": one.first,
            "last": one.last,
            "channel": channels.get(one.channel),
            "said_at": one.said_at,
        }
        for one in goals.targets(connection, view.workspace.pk, view.metric.name)
    ]


def _target_of(view: View, channel: Channel, now: query.Figure) -> dict[str, Any] | None:
    """Where a channel stands against a target of its own."""
    day, name = view.period.last, view.metric.name
    target = goals.target(connection, view.workspace.pk, name, day, channel.pk) if view.own_targets else None
    if target is None:
        return None
    return board.standing(view.metric.unit, view.metric.good, now.value, target, view.workspace.currency)


def _cares(view: View) -> list[str]:
    """What to beware of when reading this number."""
    found = [str(kpi_words.CARES[view.metric.name])] if view.metric.name in kpi_words.CARES else []
    if view.period.last >= web.today(view.workspace):
        found.append(_("The period is not over: today still grows."))
    return found


def _finding(view: View, moved: Contributions | None) -> str:
    """The sentence under the title."""
    now, before = view.now.total.value, view.before.total.value
    if now is None:
        return _("There is nothing to count from %(days)s.") % {"days": view.period.label}
    change = view.change(now, before)
    if change is None or moved is None:
        return _("%(value)s; nothing in the period before to hold it against.") % {"value": view.said(now)}
    said = {
        "value": view.said(now),
        "change": change["text"],
        "word": change["word"],
        "days": view.period.against,
    }
    text = _("%(value)s, %(change)s %(word)s than %(days)s") % said
    if change["class"] == "flat" and not change["step"]:
        text = _("%(value)s, as in %(days)s") % said
    largest = max(view.channels, key=lambda one: abs(moved.by.get(one.slug, Fraction(0))), default=None)
    if largest is None or not moved.by.get(largest.slug):
        return text + _(".")
    return text + _("; %(channel)s moved it most (%(part)s).") % {
        "channel": web.channel_name(largest),
        "part": signed(view, moved.by[largest.slug]),
    }
