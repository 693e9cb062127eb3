"""The pages of journeys as files: raw numbers, what is shown, asked as strictly as the API asks.

Of paths there are two: the frequent ones, and with `of=flows` what goes from step to step. Not here: how a file is made
(console/metric/export.py).
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from channels.queries import channels_of
from console.journey import base, cohorts, funnel, paths, retention, switching, touchpoints
from console.journey.base import Here, Words
from console.journey.figures import chosen
from console.metric import export
from kernel import periods
from kernel.web import access, shell
from kernel.web.access import WorkspaceRequest
from metrics.effects.intervals import Difference, Share
from metrics.journeys import paths as ways
from metrics.journeys.base import Asked
from metrics.journeys.funnel import Reached
from metrics.journeys.paths_walk import Question
from metrics.journeys.retention import Cohort
from metrics.journeys.switching import ON
from metrics.journeys.switching import switching as switched
from metrics.journeys.touchpoints import Effect

Line = tuple[Any, ...]
File = tuple[Line, Iterable[Line]]  # its head and its rows
FLOWS = "flows"
PLACES = Decimal("1E-6")  # of a share


@access.require_role("viewer")
def download(request: WorkspaceRequest, kind: str) -> HttpResponseBase:
    """The file of a kind of analysis. What cannot be asked is refused, what cannot be answered now is said."""
    here = Here.of(request)
    head, rows = KINDS[kind](here)
    return export.answer(request, f"{kind}-{here.period.first}-{here.period.last}", head, rows)


# ---- funnel ---------------------------------------------------------------------------------------


def _funnel(here: Here) -> File:
    found = base.ask(here, funnel.find)
    words, by = Words(here.request.workspace.pk), found.given.get("by", "")
    head = (
        *(_("Value"), _("Step"), _("Event, touchpoint or channel"), _("Customers"), _("Of step 1")),
        *(_("Lost here"), _("Median seconds"), _("9 of 10 within seconds")),
    )
    named = [" ".join((words.step(one), *words.conditions(one))) for one in found.question.steps]
    lines = {"": found.funnel.steps} | (found.funnel.by or {})

    def rows() -> Iterator[Line]:
        for value, line in lines.items():
            called = funnel.called(by, value, words) if value else _("all")
            yield from ((called, *row) for row in _steps(named, line))

    return head, rows()


def _steps(named: list[str], line: list[Reached]) -> Iterator[Line]:
    before = line[0].customers
    for place, (name, step) in enumerate(zip(named, line, strict=True), 1):
        took = (step.median, step.p90) if place > 1 else (None, None)
        yield (place, name, step.customers, step.share, before - step.customers, *took)
        before = step.customers


# ---- retention ------------------------------------------------------------------------------------


def _retention(here: Here) -> File:
    question, shown, days = retention.wanted(here)
    found = base.ask(here, retention.asking_for(question, days))
    words = Words(here.request.workspace.pk)
    head = (
        *(
            str(retention.WORDS[question.by]),
            _("Begins"),
            _("Customers"),
            _("Interval"),
            _("Interval begins"),
        ),
        *(_("Interval over"), str(retention.SHOWN[question.measure]), _("Share")),
    )
    matrix = cohorts.Matrix(here, found, question, shown, days)

    def rows() -> Iterator[Line]:
        for cohort in found.cohorts:
            yield from _cohort(matrix, _("all"), cohort)
        for value, line in (found.by or {}).items():
            known = question.by == "channel" and value in words.channels
            name = words.of("channel", str(value)) if known else cohorts.called(value)
            for cohort in line:
                yield from _cohort(matrix, name, cohort)

    return head, rows()


def _cohort(matrix: cohorts.Matrix, name: str, cohort: Cohort) -> Iterator[Line]:
    start = cohort.start
    for number, value in enumerate(cohort.values):
        over = 1 if matrix.over(cohort, number) else 0
        share = _share(value, cohort.size) if matrix.question.measure == "customers" else None
        yield (name, cohort.start, cohort.size, number, start, over, value, share)
        start = periods.following(start, matrix.question.interval)


# ---- paths ----------------------------------------------------------------------------------------


def _paths(here: Here) -> File:
    return _flows(here) if here.given.get("of") == FLOWS else _frequent(here)


def _frequent(here: Here) -> File:
    question, found = base.ask(here, partial(paths.most_frequent, top=paths.TOP))
    words, currency = Words(here.request.workspace.pk), here.request.workspace.currency
    head = (
        *(_("Path"), _("Customers"), _("Ordered"), _("Share"), _("Paths"), _("Orders")),
        *(_("Net revenue"), _("Currency"), _("Not converted"), _("Median seconds")),
    )

    def rows() -> Iterator[Line]:
        for one in found:
            way = " → ".join(words.node(question.level, name) for name in one.nodes)
            apart = [f"{value} {code}" for code, value in sorted(one.unconverted.items())]
            share = _share(one.converted, one.customers)
            yield (
                *(way, one.customers, one.converted, share, one.paths, one.orders),
                *(one.revenue, currency, apart, one.median),
            )

    return head, rows()


def _flows(here: Here) -> File:
    def find(asked: Asked, given: Any) -> tuple[Question, ways.Picture]:
        question = paths.question(given, asked)
        return question, ways.drawn(asked, question)

    question, picture = base.ask(here, find)
    words = Words(here.request.workspace.pk)
    head = (_("Step"), _("From"), _("To"), _("Paths"), _("Paths there"))
    there = {node.id: node.paths for node in picture.nodes}

    def end(node: str) -> str:
        return words.node(question.level, node.partition(":")[2])

    rows = (
        (one.source.partition(":")[0], end(one.source), end(one.target), one.value, there[one.source])
        for one in picture.links
    )
    return head, rows


# ---- switching, touchpoints -----------------------------------------------------------------------


def _switching(here: Here) -> File:
    on = chosen(here.given, "on", ON)
    found = base.ask(here, lambda asked, _given: switched(asked, on))
    channels = channels_of(here.request.workspace.pk)
    head = (_("From"), _("To"), str(switching.WORDS[on]), _("Customers"), _("Days between (median)"))
    rows = (
        (
            shell.channel_name(channels[cell.origin]) if cell.origin else "",
            shell.channel_name(channels[cell.to]),
            *(cell.steps, cell.customers, cell.median_days),
        )
        for cell in found.cells
    )
    return head, rows


def _touchpoints(here: Here) -> File:
    within, alike = touchpoints.wanted(here.given)
    found = base.ask(here, touchpoints.asking_for(within, alike=alike))
    sides = [(words, of) for words in (_("With it"), _("Without it")) for of in (_("Customers"), _("Share"))]
    head = (
        *(_("Outcome"), _("Touchpoint"), _("Difference"), _("Interval from"), _("Interval to")),
        *(f"{words}: {of}" for words, of in sides),
    )

    def rows() -> Iterator[Line]:
        for effect in found.effects:
            yield _effect(_("Bought again"), effect, effect.repurchase)
        for effect in found.effects:
            yield _effect(_("Satisfied"), effect, effect.satisfaction)

    return head, rows()


def _effect(outcome: str, effect: Effect, compared: Any) -> Line:
    return (
        outcome,
        touchpoints.called(effect.touchpoint, effect.split),
        *_ends(compared.difference),
        *(effect.with_.customers, _value(compared.with_)),
        *(effect.without.customers, _value(compared.without)),
    )


def _ends(difference: Difference | None) -> tuple[str | None, ...]:
    if difference is None:
        return None, None, None
    return tuple(f"{one:.6f}" for one in (difference.value, difference.low, difference.high))


def _value(share: Share | None) -> str | None:
    return None if share is None else f"{share.value:.6f}"


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(PLACES) if whole else None


KINDS: dict[str, Callable[[Here], File]] = {
    "funnel": _funnel,
    "retention": _retention,
    "paths": _paths,
    "switching": _switching,
    "touchpoints": _touchpoints,
}
