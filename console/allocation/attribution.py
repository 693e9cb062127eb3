"""Who earned what: every model beside the others, by channel, campaign or source, and what was spent on each.

Not here: how credit is found (metrics/attribution), the orders behind a figure (behind.py), one order (order.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from channels.models import Channel
from channels.queries import channels_of
from console.allocation import asking, base, dots
from console.journey import base as journey
from console.journey.figures import Link, choices
from console.metric import export
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import query
from metrics.attribution import answers, background, question
from metrics.attribution.answers import Attributed, Credit
from metrics.attribution.background import Making
from metrics.attribution.models import MODELS
from metrics.attribution.question import Question
from metrics.attribution.sentences import sentence
from metrics.journeys.base import Asked

NAMES: Final = [model.name for model in MODELS]
DRAWN: Final = 12  # rows of the picture; the table has all
LEAST: Final = Decimal("0.02")  # of the whole, that a difference is worth a sentence
LAST: Final = "last"
RENEWING: Final = "renewing"  # the element that says so, and asks again


class Cell(NamedTuple):
    """What a model gives a row."""

    text: str
    href: str
    most: bool  # of all models


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A channel, campaign or source under every model."""

    name: str
    channel: Channel | None
    colour: str
    cells: list[Cell]
    differ: str  # by so much of the whole
    line: dots.Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """The same under the model used, beside what was spent on it."""

    name: str
    channel: Channel | None
    orders: str
    credit: Credit
    conversions: str
    revenue: str
    margin: str
    new_customers: str
    spend: str
    roi: str
    roas: str
    cpa: str


class Tick(NamedTuple):
    """A value on the picture's scale."""

    at: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """The page."""

    tabs: list[base.ShownTab]
    kept: list[tuple[str, str]]
    problem: str
    there: bool  # the mirror answered
    making: Making | None  # it will, or will with newer events
    as_of: str  # up to when what is shown counts, where it is being made anew
    ready: bool  # asked for by the note that waits for newer figures: here they are
    again: str  # this page's address
    finding: str
    warnings: list[str]
    rows: list[Row]
    drawn: list[Row]
    ticks: list[Tick]
    totals: list[str]
    heads: list[journey.Choice]  # the models
    head: str
    measure: str
    used: str
    rule: str
    spent: list[Spent]
    whole: Spent | None
    by: list[Link]
    measures: list[Link]
    models: list[Link]
    fields: list[tuple[str, str, list[journey.Choice]]]
    held: list[tuple[str, str]]
    csv: str
    unconverted: str


class Found(NamedTuple):
    """What was asked and what came of it; no answers: the mirror cannot be read.

    While newer ones are being made, those of the last time stand here.
    """

    question: Question
    answers: list[Attributed]
    names: list[str]
    problem: str
    making: Making | None = None  # it is being calculated


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here = journey.Here.of(request)
    found = ask(here)
    channels = {one.slug: one for one in channels_of(request.workspace.pk).values()}
    return render(request, "allocation/attribution.html", page(here, found, channels))


@access.require_role("viewer")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """Every row under every model as CSV."""
    here = journey.Here.of(request)
    found = ask(here, background.API_SECONDS)
    if not found.answers or found.making:
        return render(request, "allocation/attribution.html", page(here, found, {}), status=503)
    head = [_("Model"), asking.HEADS[found.question.by], *asking.MEASURES.values()]
    head += [_("Spend"), _("ROI"), _("ROAS"), _("CPA"), _("Currency")]
    name = f"attribution-{here.period.first}-{here.period.last}"
    return export.answer(request, name, head, _lines(found, masked=request.access.masked))


def _lines(found: Found, *, masked: bool) -> Iterator[list[Any]]:
    for one in found.answers:
        for row in one.rows:
            figures = (
                *(getattr(row, name) for name in answers.MEASURES),
                row.spend,
                row.roi,
                row.roas,
                row.cpa,
            )
            said = [None if value is None else query.text(value) for value in figures]
            # in the order of the heads
            conversions, revenue, margin, new, *rest = said
            key = access.scrub(row.key) if masked and row.key else row.key
            yield [one.model, key, revenue, margin, conversions, new, *rest, one.currency]


def ask(here: journey.Here, patience: float | None = None) -> Found:
    """Every model's rows for a page's address; `patience`: seconds to wait for what is being calculated."""
    settings = query.reporting_settings(connection, here.request.workspace)
    wanted, problem = asking.wanted(here.given, settings.channels)
    waits = background.PAGE_SECONDS if patience is None else patience

    def find(asked: Asked, _given: Mapping[str, str]) -> tuple[list[Attributed] | Making, list[str]]:
        return background.asked(connection, asked, wanted, NAMES, waits, shows_earlier=True), journey.sent(
            asked
        )

    found, wrong = journey.read(here, find)
    answered, names = found or ([], [])
    if isinstance(answered, Making):
        return Found(wanted, answered.earlier, names, problem, answered)
    return Found(wanted, answered, names, problem or wrong)


def page(here: journey.Here, found: Found, channels: Mapping[str, Channel]) -> Page:
    """What the page shows."""
    request, wanted = here.request, found.question
    used = next((one for one in found.answers if one.model == wanted.model), None)
    view = View(here, found, channels)
    rows = view.rows()
    fields = [
        (
            "lookback",
            _("Touches of the last"),
            asking.lookbacks(here.given.get("lookback") or question.LOOKBACK),
        ),
        ("touches", _("What counts as a touch"), asking.choices(asking.TOUCHES, ",".join(wanted.touches))),
        (
            "conversion",
            _("What is earned"),
            asking.conversions(found.names, wanted.conversion.name if wanted.conversion else question.ORDER),
        ),
        ("order", _("Markov chain"), asking.choices(asking.ORDERS, str(wanted.order))),
        ("worth", _("A set is worth, for Shapley"), asking.choices(asking.WORTHS, wanted.worth)),
    ]
    return Page(
        period=here.period,
        presets=shell.presets(request, here.period),
        neighbours=shell.neighbours(request, here.period),
        tabs=base.tabs(request),
        kept=base.kept(request),
        problem=found.problem if used else "",
        there=used is not None,
        making=found.making,
        as_of=format.moment(used.as_of) if used and found.making else "",
        ready=not found.making and request.htmx.target == RENEWING,
        again=request.get_full_path(),
        finding=view.finding() if used else "" if found.making else found.problem,
        warnings=[sentence(told, used.currency) for told in used.warnings] if used else [],
        rows=rows,
        drawn=view.drawn(rows)[:DRAWN],
        ticks=view.ticks(),
        totals=view.totals(),
        heads=asking.models(wanted.model),
        head=str(asking.HEADS[wanted.by]),
        measure=str(asking.MEASURES[wanted.measure]),
        used=asking.model_name(wanted.model),
        rule=str(next(model.rule for model in MODELS if model.name == wanted.model)),
        spent=[view.spent(row) for row in used.rows] if used else [],
        whole=view.spent(used.total) if used else None,
        by=choices(request, "by", wanted.by, asking.BYS),
        measures=choices(request, "measure", wanted.measure, asking.MEASURES),
        models=choices(request, "model", wanted.model, _first(asking.USED)),
        fields=fields,
        held=[
            (name, value)
            for name, value in base.kept(request, without=[name for name, *_rest in fields])
            if name in question.NAMED
        ],
        csv=here.address("attribution-export", **asking.in_address(wanted, here.given)),
        unconverted=_apart(used.unconverted) if used else "",
    )


def _first(name: str) -> dict[str, Any]:
    """The models' words, the usual one first: links leave it out."""
    words = {model.name: model.label for model in MODELS}
    return {name: words.pop(name), **words}


def _apart(amounts: Mapping[str, Decimal]) -> str:
    return _(", ").join(format.money(value, code) for code, value in sorted(amounts.items()))


class View:
    """Answers of several models as one table."""

    def __init__(self, here: journey.Here, found: Found, channels: Mapping[str, Channel]) -> None:
        self._here, self._found, self._channels = here, found, channels
        self._by, self._measure = found.question.by, found.question.measure
        self._values: dict[str | None, dict[str, Decimal]] = {}
        for one in found.answers:
            for row in one.rows:
                self._values.setdefault(row.key, {})[one.model] = getattr(row, self._measure)
        for values in self._values.values():
            values.update({name: Decimal(0) for name in NAMES if name not in values})
        used = next((one for one in found.answers if one.model == found.question.model), None)
        self._currency = used.currency if used else ""
        order = [row.key for row in used.rows] if used else []
        self._keys = [key for key in order if key is not None]
        self._keys += [key for key in self._values if key is not None and key not in order]
        self._keys += [None] if None in self._values else []  # type: ignore[list-item]  # the last row
        # What nobody touched is the same by every model: in the picture it would press all others together.
        self._pictured = [key for key in self._keys if key is not None] or self._keys
        self._scale = dots.Scale.over(
            [value for key in self._pictured for value in self._values[key].values()]
        )

    def rows(self) -> list[Row]:
        """The largest first, what has no touch last."""
        total = abs(self._total(self._found.question.model))
        made = []
        for key in self._keys:
            values = self._values[key]
            most, least = max(values.values()), min(values.values())
            channel = self._channels.get(key or "") if self._by == "channel" else None
            made.append(
                Row(
                    name=self._name(key),
                    channel=channel,
                    colour=shell.colour(channel) if channel else "c-accent" if key else "c-other",
                    cells=[
                        Cell(
                            self._text(values[name]),
                            self._behind(key, name),
                            most > least and values[name] == most,
                        )
                        for name in NAMES
                    ],
                    differ=_("%(n)s pts") % {"n": format.number((most - least) / total * 100, 1)}
                    if total
                    else format.NOTHING,
                    line=dots.line(self._scale, values, self._found.question.model),
                )
            )
        return made

    def drawn(self, rows: list[Row]) -> list[Row]:
        """Those of the picture; what has no touch is last, and stands in the tables alone."""
        return rows[: len(self._pictured)]

    def totals(self) -> list[str]:
        """Below each model."""
        return [self._text(self._total(name)) for name in NAMES] if self._found.answers else []

    def ticks(self) -> list[Tick]:
        """Of the picture's scale."""
        money = self._measure in asking.MONEY
        return [
            Tick(
                self._scale.at(value),
                format.money_short(value, self._currency) if money else format.number(value, 0),
            )
            for value in self._scale.ticks()
        ]

    def spent(self, row: Credit) -> Spent:
        """A row of the model used."""
        channel = self._channels.get(row.key or "") if self._by == "channel" else None
        currency = self._currency
        return Spent(
            name=self._name(row.key),
            channel=channel,
            orders=self._behind(row.key, self._found.question.model),
            credit=row,
            conversions=format.number(row.conversions, 1),
            revenue=format.money(row.revenue, currency),
            margin=format.money(row.margin, currency),
            new_customers=format.number(row.new_customers, 1),
            spend=format.money(row.spend, currency),
            roi=format.percent(row.roi),
            roas=format.number(row.roas, 2),
            cpa=format.money(row.cpa, currency),
        )

    def finding(self) -> str:
        """Where the model used and the last touch lie farthest apart."""
        model, total = self._found.question.model, self._total(self._found.question.model)
        if not any(value for key in self._keys if key is not None for value in self._values[key].values()):
            return _("No order of this period has a touch before it.")
        apart = []
        for key in self._keys:
            last, now = self._values[key][LAST], self._values[key][model]
            if key is not None and last > 0 and total > 0 and max(last, now) >= total * LEAST:
                apart.append(((now - last) / last, self._name(key)))
        more, less = max(apart, default=(Decimal(0), "")), min(apart, default=(Decimal(0), ""))
        said = {
            "more": more[1],
            "n": format.percent(more[0], 0),
            "less": less[1],
            "m": format.percent(-less[0], 0),
        }
        said["model"] = asking.model_name(model)
        near = Decimal("0.005")
        if more[0] >= near and -less[0] >= near:
            return _("%(more)s earns %(n)s more than the last touch shows, %(less)s %(m)s less.") % said
        if more[0] >= near:
            return _("%(more)s earns %(n)s more than the last touch shows.") % said
        if -less[0] >= near:
            return _("%(less)s earns %(m)s less than the last touch shows.") % said
        return _("%(model)s shows what the last touch shows.") % said

    def _total(self, name: str) -> Decimal:
        return sum((values[name] for values in self._values.values()), Decimal(0))

    def _name(self, key: str | None) -> str:
        name = asking.key_name(key, self._by, self._channels)
        return str(access.scrub(name)) if self._here.request.access.masked and self._by != "channel" else name

    def _text(self, value: Decimal) -> str:
        return asking.figure(value, self._measure, self._currency)

    def _behind(self, key: str | None, model: str) -> str:
        """The address of what stands behind a figure; "" of an event in an order's place, and of what is masked."""
        hidden = self._here.request.access.masked and access.scrub(key) != key
        if self._found.question.conversion is not None or hidden:
            return ""
        said = asking.in_address(self._found.question, self._here.given) | {"model": model}
        return self._here.address("attribution-orders", key="null" if key is None else key, **said)
