"""Where are people lost between steps? Builder, bars, losses, times, by a dimension.

Not here: counting (metrics/journeys/funnel.py), the people behind a bar (people.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.journey import base, people
from console.journey.base import Choice, Words
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.journeys import asking, funnel, funnel_api, steps
from metrics.journeys.base import OTHER, Asked
from metrics.journeys.funnel import Reached, Slot
from metrics.journeys.funnel_walk import DROPPED, NONE, REACHED, Question

USUAL = "Product Viewed,Product Added,Order Completed"  # of somebody who named none
WINDOWS = ("1h", "1d", "3d", "7d", "14d", "30d", "90d")
DIMENSIONS: Sequence[tuple[str, Promise]] = (
    ("channel", gettext_lazy("Channel")),
    ("campaign", gettext_lazy("Campaign")),
    ("source", gettext_lazy("Source")),
    ("city", gettext_lazy("City")),
    ("category", gettext_lazy("Category")),
    ("brand", gettext_lazy("Brand")),
    ("store", gettext_lazy("Store")),
)
NAMED = ("steps", "window", "order", "by", "exclude")


@dataclass(frozen=True, slots=True)
class Bar:
    """A step: who came so far, who was lost on the way to it, and how to see them."""

    place: int
    words: str
    conditions: list[str]
    name: str
    customers: int
    first: int  # customers of the first step
    before: int  # of the step before
    lost: int
    reached: str  # addresses
    dropped: str
    median: float | None
    p90: float | None
    without: str  # the same without this step; "": it is the only one
    earlier: str  # with it one place earlier; "": it is the first
    worst: bool  # the largest loss is here


@dataclass(frozen=True, slots=True)
class Cell:
    """Customers of a step and a value."""

    customers: int
    address: str


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the break-down."""

    words: str
    colour: str
    cells: list[Cell]
    first: int
    last: int
    weakest: str  # the step with the smallest share of the one before
    kept: float | None  # that share


@dataclass(frozen=True, slots=True)
class Class:
    """Customers whose time to the step lies in a class."""

    words: str
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(base.AnalysisPage):
    """The funnel."""

    there: bool  # the mirror answered
    bars: list[Bar]
    parts: list[Part] | None
    times: list[Class]
    timed: int  # the step of the times, 0: none
    most: int  # of one class
    offered: list[Choice]
    channels: list[Choice]
    windows: list[Choice]
    orders: list[Choice]
    excludes: list[Choice]
    dimensions: list[Choice]
    steps: str
    held: list[tuple[str, str]]  # the rest of the question, for the form that adds a step
    finding: str
    note: str
    as_of: datetime | None


class Found(NamedTuple):
    """What the mirror said."""

    question: Question
    given: Mapping[str, str]
    funnel: funnel.Funnel
    times: list[Slot]
    timed: int
    names: list[str]
    as_of: datetime | None


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page; a step that is added goes into the address."""
    if request.GET.get("add", "").strip():
        return HttpResponseRedirect(_added(request))
    here, words = base.Here.of(request), Words(request.workspace.pk)
    found, problem = base.read(here, _find)
    if found is None:
        return render(request, "journey/funnel.html", _nothing(here, problem))
    link = Links(here, found.given)
    bars = bars_of(found, words, link)
    page = Page(
        **base.around(request, here.period, problem),
        **base.keeping(here, "funnel", found.given, problem, f"{bars[0].words} → {bars[-1].words}"),
        there=True,
        bars=bars,
        parts=None if found.funnel.by is None else _parts(found, words, link),
        times=[Class(_class(slot), slot.customers) for slot in _met(found.times)],
        timed=found.timed,
        most=max((slot.customers for slot in found.times), default=0),
        **_choices(found, words),
        steps=found.given["steps"],
        held=[(name, found.given[name]) for name in NAMED[1:] if found.given.get(name)],
        finding=finding(bars),
        note=_("%(days)s, within %(time)s of the first step")
        % {"days": here.period.label, "time": base.long(found.given["window"])},
        as_of=found.as_of,
    )
    return render(request, "journey/funnel.html", page)


@access.require_role("viewer")
def behind(request: WorkspaceRequest) -> HttpResponse:
    """The people of a bar, or of the loss beside it."""
    words = Words(request.workspace.pk)

    def find(asked: Asked, given: Mapping[str, str]) -> people.Who:
        given = {"steps": USUAL, "window": funnel_api.WINDOW} | dict(given)
        wanted = funnel_api.question(given, asked.settings.channels)
        step = asking.whole("step", given.get("step", "1"), len(wanted.steps))
        lost = given.get("outcome") == DROPPED
        said = _("Customers lost before “%(step)s”") if lost else _("Customers who reached “%(step)s”")
        return funnel_api.people(asked, given), said % {"step": words.step(wanted.steps[step - 1])}

    return people.show(request, "journey-funnel", find)


# ---- the question ---------------------------------------------------------------------------------


def find(asked: Asked, given: Mapping[str, str]) -> Found:
    """The steps alone."""
    said = {name: given[name] for name in NAMED if given.get(name)}
    said = {"steps": USUAL, "window": funnel_api.WINDOW} | said
    wanted = funnel_api.question(said, asked.settings.channels)
    said["steps"] = ",".join(step.name for step in wanted.steps)
    return Found(wanted, said, funnel.ask(asked, wanted), [], 0, [], asked.mirror.as_of)


def _find(asked: Asked, given: Mapping[str, str]) -> Found:
    """All that the page shows."""
    found = find(asked, given)
    last, timed = len(found.question.steps), given.get("timed", "")
    place = next((n for n in range(2, last + 1) if timed == str(n)), last)
    if place > 1:
        found = found._replace(times=funnel.times(asked, found.question, place), timed=place)
    return found._replace(names=base.sent(asked))


def _added(request: WorkspaceRequest) -> str:
    """The address with the step that a form adds."""
    asked = request.GET
    conditions = {}
    if channel := asked.get("on", ""):
        conditions["channel"] = channel
    if (name := asked.get("property", "").strip()) and asked.get("is", ""):
        conditions[name if name in steps.FIELDS else steps.PROPERTIES + name] = asked["is"]
    head = asked["add"].strip()
    kind, colon, value = head.partition(":")
    text = steps.written(head, conditions) if not colon else kind + ":" + steps.written(value, conditions)
    listed = ",".join(one for one in (asked.get("steps", "") or "", text) if one)
    return shell.address(request, steps=listed, add="", on="", property="", **{"is": ""}, timed="")


class Links:
    """Addresses with a part of the question changed."""

    def __init__(self, here: base.Here, given: Mapping[str, str]) -> None:
        self.here, self.given = here, given

    def people(self, step: int, outcome: str, value: str = "") -> str:
        """Who reached a step, or was lost before it."""
        more = {"step": str(step), "outcome": outcome, "value": value}
        return self.here.address("journey-funnel-people", **self.given, **more)

    def steps(self, names: Sequence[str]) -> str:
        """This page with other steps."""
        return shell.address(self.here.request, steps=",".join(names), timed="") if names else ""


# ---- what is shown --------------------------------------------------------------------------------


def bars_of(found: Found, words: Words, link: Links) -> list[Bar]:
    """A bar for each step."""
    line, names = found.funnel.steps, [step.name for step in found.question.steps]
    losses = [0, *(line[n - 1].customers - line[n].customers for n in range(1, len(line)))]
    made = []
    for n, (reached, step) in enumerate(zip(line, found.question.steps, strict=True)):
        swapped = [*names[: n - 1], names[n], names[n - 1], *names[n + 1 :]] if n else []
        made.append(
            Bar(
                place=n + 1,
                words=words.step(step),
                conditions=words.conditions(step),
                name=step.name,
                customers=reached.customers,
                first=line[0].customers,
                before=line[n - 1].customers if n else 0,
                lost=losses[n],
                reached=link.people(n + 1, REACHED),
                dropped=link.people(n + 1, DROPPED),
                median=reached.median if n else None,
                p90=reached.p90 if n else None,
                without=link.steps([*names[:n], *names[n + 1 :]]),
                earlier=link.steps(swapped),
                worst=bool(losses[n]) and losses[n] == max(losses) and n == losses.index(max(losses)),
            )
        )
    return made


def _parts(found: Found, words: Words, link: Links) -> list[Part]:
    by = found.given["by"]
    return [
        Part(
            called(by, value, words),
            words.colour("channel", value) if by == "channel" else "",
            [Cell(one.customers, link.people(n, REACHED, value)) for n, one in enumerate(line, 1)],
            line[0].customers,
            line[-1].customers,
            *_weakest(found, line, words),
        )
        for value, line in (found.funnel.by or {}).items()
    ]


def called(by: str, value: str, words: Words) -> str:
    """A value of the break-down."""
    if value in {OTHER, NONE}:
        return _("Others") if value == OTHER else _("Not said")
    return words.of(by, value) if by in {"channel", "touchpoint"} else value


def _weakest(found: Found, line: Sequence[Reached], words: Words) -> tuple[str, float | None]:
    shares = [
        (line[n].customers / line[n - 1].customers, n) for n in range(1, len(line)) if line[n - 1].customers
    ]
    if not shares:
        return "", None
    share, place = min(shares)
    return words.step(found.question.steps[place]), share


def finding(bars: Sequence[Bar]) -> str:
    """The sentence that says it: the largest loss, and where it is."""
    if not bars or not bars[0].customers:
        return _("Nobody met the first step in this period.")
    worst = next((bar for bar in bars if bar.worst), None)
    if worst is None:
        return _("Nobody is lost between these steps.")
    said = {
        "step": worst.words,
        "lost": format.number(worst.lost),
        "before": format.number(worst.before),
        "share": format.percent(worst.lost / worst.before),
    }
    text = ngettext(
        "The largest loss is before “%(step)s”: %(lost)s of %(before)s customer (%(share)s).",
        "The largest loss is before “%(step)s”: %(lost)s of %(before)s customers (%(share)s).",
        worst.before,
    )
    return text % said


def _met(times: Sequence[Slot]) -> Sequence[Slot]:
    """Without the classes behind the last that anybody is in."""
    last = max((n for n, slot in enumerate(times) if slot.customers), default=-1)
    return times[: last + 1]


def _class(slot: Slot) -> str:
    sizes = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
    size, unit = next((one for one in sizes if slot.upto % one[0] == 0), sizes[-1])
    return _("up to %(time)s") % {"time": base.long(f"{int(slot.upto // size)}{unit}")}


def _choices(found: Found, words: Words) -> dict[str, Any]:
    given, offered = found.given, base.meetings(words, found.names)
    windows = dict.fromkeys((*WINDOWS, given["window"]))
    excluded = found.question.exclude.name if found.question.exclude else ""
    every = {one.value: one.words for one in offered}
    if found.question.exclude:
        every.setdefault(excluded, words.step(found.question.exclude))
    by = given.get("by", "")
    dimensions = {name: str(said) for name, said in DIMENSIONS}
    if by:
        dimensions.setdefault(by, by.removeprefix(steps.PROPERTIES))
    order = given.get("order", funnel_api.ORDERS[0])
    said = {"loose": _("in this order"), "strict": _("directly one after the other")}
    return {
        "offered": offered,
        "channels": [Choice(slug, words.of("channel", slug)) for slug in words.channels],
        "windows": [Choice(one, base.long(one), one == given["window"]) for one in windows],
        "orders": [Choice(one, said[one], one == order) for one in funnel_api.ORDERS],
        "excludes": [Choice(value, text, value == excluded) for value, text in every.items()],
        "dimensions": [Choice(value, text, value == by) for value, text in dimensions.items()],
    }


def _nothing(here: base.Here, problem: str) -> Page:
    """The page while the mirror cannot be read."""
    return Page(
        **base.around(here.request, here.period, problem),
        save=None,
        csv="",
        there=False,
        bars=[],
        parts=None,
        times=[],
        timed=0,
        most=0,
        offered=[],
        channels=[],
        windows=[],
        orders=[],
        excludes=[],
        dimensions=[],
        steps="",
        held=[],
        finding="",
        note="",
        as_of=None,
    )
