"""A metric's page as a file: the series of all channels and of each. Not here: how a file is made (export.py)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from console.metric import export
from console.metric.kpi_view import View
from kernel.web import access, shell
from kernel.web.access import WorkspaceRequest
from metrics import query
from metrics.breakdown.dimensions import CHANNEL


@access.require_role("viewer")
def download(request: WorkspaceRequest, name: str) -> HttpResponseBase:
    """The series of all channels and of each, as CSV."""
    view = View(request, name, shell.period_of(request))
    head = (
        view.breaking.words,
        _("Begins"),
        view.metric.label,
        _("Numerator"),
        _("Denominator"),
        _("Compared with: from"),
        _("Compared with: value"),
    )
    return export.answer(request, f"{name}-{view.period.first}-{view.period.last}", head, _csv(view))


def _csv(view: View) -> Iterator[tuple[Any, ...]]:
    """Of all channels and of each: the period, its whole days where today is counted too, its intervals."""
    compared, before = view.compared, view.period.before
    named = {} if view.breaking.by == CHANNEL else {one.slug: one.name for one in view.values}
    for slug, line in {"": view.now.line, **(view.now.by or {})}.items():
        name, old = named.get(slug, slug) or _("all"), compared.figure(slug, before=True)
        if view.period.open or before is None or compared.now is None:
            yield (name, _reach(view.period), *_figures(line.total), "", None)
        if before is not None and view.period.whole is not None and (now := compared.figure(slug)):
            yield (name, _reach(view.period.whole), *_figures(now), _reach(before), _figures(old)[0])
        series = _old_series(view, slug)
        for i, (start, figure) in enumerate(line.series):
            old_start, old = series[i] if i < len(series) else ("", None)
            yield (name, start, *_figures(figure), old_start, _figures(old)[0])


def _reach(period: shell.Period) -> str:
    """Its first and its last day."""
    return f"{period.first}/{period.last}"


def _figures(figure: query.Figure | None) -> tuple[str | None, ...]:
    """Value, numerator, denominator."""
    said = figure.json() if figure else {}
    return said.get("value"), said.get("numerator"), said.get("denominator")


def _old_series(view: View, slug: str) -> list[tuple[date, query.Figure]]:
    before = view.compared.before
    if before is None:
        return []
    if not slug:
        return before.series
    return before.by[slug].series if before.by and slug in before.by else []
