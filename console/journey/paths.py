"""Which ways do customers go, and which end in an order? The picture, its table, the frequent paths.

Not here: counting (metrics/journeys/paths.py), where nodes and flows lie (sankey.py), the people (people.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.journey import base, people, sankey
from console.journey.base import Choice, Words
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.journeys import paths, paths_api, steps
from metrics.journeys.base import OTHER, Asked
from metrics.journeys.paths import BETWEEN, Frequent, Node, Picture
from metrics.journeys.paths_walk import CHANNEL, EVENT, TOUCHPOINT, Question

LEVELS: Sequence[tuple[str, Promise]] = (
    (CHANNEL, gettext_lazy("Channels")),
    (TOUCHPOINT, gettext_lazy("Touchpoints")),
    (EVENT, gettext_lazy("Events")),
)
DEPTHS = (2, 3, 4, 5)
SESSIONS = ("1d", "7d", "30d", "90d")
SHOWN = (6, 12)  # nodes of a step before the rest is one
DEPTH = 4
TOP = 12
NAMED = ("level", "steps", "start", "end", "session")
LONG = 22  # characters of a node's words in the picture


@dataclass(frozen=True, slots=True)
class Place:
    """A node, with its words, its colour, and how to see its people."""

    node: Node
    words: str
    short: str
    colour: str
    address: str
    begins: str  # the address of the paths that begin with it
    shape: str
    x: str  # where its words begin
    y: str


@dataclass(frozen=True, slots=True)
class Way:
    """A flow from one node to the next."""

    source: str
    target: str
    value: int
    of: int  # paths through the source
    colour: str
    address: str
    curve: str
    width: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the list that stands for the picture where that is too narrow."""

    number: int
    places: list[Place]
    most: int
    paths: int


@dataclass(frozen=True, slots=True)
class Named:
    """A node of a frequent path."""

    words: str
    colour: str


@dataclass(frozen=True, slots=True)
class Row:
    """A frequent path."""

    nodes: list[Named]
    path: Frequent
    revenue: str
    unconverted: list[str]
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(base.AnalysisPage):
    """The paths."""

    there: bool  # the mirror answered
    places: list[Place]
    ways: list[Way]
    drawing: sankey.Drawing | None
    steps: list[Step]
    rows: list[Row]
    note: str
    level: str
    levels: list[Choice]
    depths: list[Choice]
    sessions: list[Choice]
    shown: list[Choice]
    starts: list[Choice]
    ends: list[Choice]
    held: list[tuple[str, str]]
    finding: str
    as_of: datetime | None


class Found(NamedTuple):
    """What the mirror said."""

    question: Question
    given: Mapping[str, str]
    picture: Picture
    frequent: list[Frequent]
    names: list[str]
    as_of: datetime | None


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here, words = base.Here.of(request), Words(request.workspace.pk)
    found, problem = base.read(here, _find)
    if found is None:
        return render(request, "journey/paths.html", _nothing(here, problem))
    drawing = sankey.draw(found.picture)
    link = Links(here, found.given)
    places = _places(found, words, link, drawing)
    page = Page(
        **base.around(request, here.period, problem),
        **base.keeping(here, "paths", kept(found.given), problem),
        there=True,
        places=places,
        ways=_ways(found, drawing, {place.node.id: place for place in places}, link),
        drawing=drawing,
        steps=_steps(places),
        rows=rows_of(found.question, found.frequent, words, link),
        note=_note(found.picture),
        level=found.question.level,
        **_choices(found, words),
        held=[(name, value) for name, value in found.given.items() if name not in ("start", "end")],
        finding=_finding(found, words),
        as_of=found.as_of,
    )
    return render(request, "journey/paths.html", page)


@access.require_role("viewer")
def behind(request: WorkspaceRequest) -> HttpResponse:
    """The people of a node, a flow or a path."""
    words = Words(request.workspace.pk)

    def find(asked: Asked, given: Mapping[str, str]) -> people.Who:
        wanted = question(given, asked)
        chain = next((given[name] for name in paths_api.CHAINS if given.get(name)), "")
        met = paths.read(chain, wanted.visits) if chain else []
        way = " → ".join(words.node(wanted.level, name) for _step, name in met)
        told = (
            _("Customers who went %(way)s, from step %(n)s on")
            if len(met) > 1
            else _("Customers at %(way)s, step %(n)s")
        )
        who = told % {"way": way, "n": met[0][0]} if met else _("Customers with a path in this period")
        return paths.people(asked, wanted, chain, whole="path" in given), who

    return people.show(request, "journeys", find)


# ---- the question ---------------------------------------------------------------------------------


def said(given: Mapping[str, str]) -> dict[str, str]:
    """The words of a question, the usual ones where none are given."""
    found = {name: given[name] for name in (*NAMED, "most") if given.get(name)}
    return {
        "level": CHANNEL,
        "steps": str(DEPTH),
        "session": paths_api.SESSION,
        "most": str(SHOWN[0]),
    } | found


def kept(given: Mapping[str, str]) -> dict[str, str]:
    """Of them those that are kept: how many nodes are drawn is the page's own."""
    return {name: value for name, value in given.items() if name in NAMED}


def question(given: Mapping[str, str], asked: Asked) -> Question:
    """The words as a question; a BadRequest says which of them cannot be."""
    words = said(given)
    most = next((n for n in SHOWN if words["most"] == str(n)), SHOWN[0])
    return paths_api.question(words, asked.settings.channels)._replace(most=most)


def _find(asked: Asked, given: Mapping[str, str]) -> Found:
    wanted = question(given, asked)
    return Found(
        wanted,
        said(given),
        paths.drawn(asked, wanted),
        paths.frequent(asked, wanted, TOP),
        base.sent(asked),
        asked.mirror.as_of,
    )


def most_frequent(asked: Asked, given: Mapping[str, str], top: int = TOP) -> tuple[Question, list[Frequent]]:
    """The frequent paths alone, with the question that they answer."""
    wanted = question(given, asked)
    return wanted, paths.frequent(asked, wanted, top)


class Links:
    """Addresses of people, and of this page with a part of the question changed."""

    def __init__(self, here: base.Here, given: Mapping[str, str]) -> None:
        self.here, self.given = here, given

    def people(self, **which: str) -> str:
        """Those of a node, a flow or a path."""
        return self.here.address("journeys-people", **self.given, **which)

    def begins(self, start: str) -> str:
        """This page from a step on."""
        return shell.address(self.here.request, start=start, end="") if start else ""


# ---- what is shown --------------------------------------------------------------------------------


def _places(found: Found, words: Words, link: Links, drawing: sankey.Drawing) -> list[Place]:
    made = []
    for box in drawing.boxes:
        node, level = box.node, found.question.level
        called = words.node(level, node.name)
        made.append(
            Place(
                node,
                called,
                called if len(called) <= LONG else called[: LONG - 1] + "…",
                words.colour(level, node.name),
                link.people(node=node.id),
                link.begins(_as_step(level, node.name)),
                box.shape,
                *box.words,
            )
        )
    return made


def _as_step(level: str, name: str) -> str:
    """A node as a step that paths may begin with; "" for what is many."""
    if name == OTHER:
        return ""
    head = steps.written(name, {})
    return head if level == EVENT else f"{level}:{head}"


def _ways(found: Found, drawing: sankey.Drawing, places: Mapping[str, Place], link: Links) -> list[Way]:
    return [
        Way(
            places[flow.link.source].words,
            places[flow.link.target].words,
            flow.link.value,
            places[flow.link.source].node.paths,
            places[flow.link.source].colour,
            link.people(link=f"{flow.link.source}{BETWEEN}{flow.link.target}"),
            flow.curve,
            flow.width,
        )
        for flow in drawing.flows
    ]


def _steps(places: Sequence[Place]) -> list[Step]:
    made = []
    for number in dict.fromkeys(place.node.step for place in places):
        own = [place for place in places if place.node.step == number]
        counted = [place.node.paths for place in own]
        made.append(Step(number, own, max(counted), sum(counted)))
    return made


def _note(picture: Picture) -> str:
    count = sum(node.paths for node in picture.nodes if node.step == 1)
    text = ngettext(
        "%(n)s path; a customer may have several", "%(n)s paths; a customer may have several", count
    )
    return text % {"n": format.number(count)}


def rows_of(question: Question, frequent: Sequence[Frequent], words: Words, link: Links) -> list[Row]:
    """The frequent paths as they are shown."""
    level, currency = question.level, link.here.request.workspace.currency
    return [
        Row(
            [Named(words.node(level, name), words.colour(level, name)) for name in path.nodes],
            path,
            format.money(path.revenue, currency),
            [format.money(value, code) for code, value in sorted(path.unconverted.items())],
            link.people(path=paths.chain_of(path.nodes)),
        )
        for path in frequent
    ]


def _finding(found: Found, words: Words) -> str:
    """The sentence under the title: how many go on to a second place, and the way most of them take."""
    first = sum(node.paths for node in found.picture.nodes if node.step == 1)
    if not first:
        return _("Nobody went any way in this period.")
    onward = sum(node.paths for node in found.picture.nodes if node.step == 2)
    told = {
        "onward": format.number(onward),
        "all": format.number(first),
        "share": format.percent(Decimal(onward) / first),
    }
    text = (
        ngettext(
            "%(onward)s of %(all)s path goes on to a second place (%(share)s).",
            "%(onward)s of %(all)s paths go on to a second place (%(share)s).",
            first,
        )
        % told
    )
    if not found.picture.links:
        return text
    largest = max(found.picture.links, key=lambda link: link.value)
    source, target = (
        words.node(found.question.level, end.partition(":")[2]) for end in (largest.source, largest.target)
    )
    return text + " " + _("Most go from %(source)s to %(target)s.") % {"source": source, "target": target}


def _choices(found: Found, words: Words) -> dict[str, Any]:
    given, wanted = found.given, found.question
    sessions = dict.fromkeys((*SESSIONS, given["session"]))
    met = base.meetings(words, found.names)
    cuts = {}
    for name, cut in (("starts", wanted.start), ("ends", wanted.end)):
        chosen = cut.name if cut else ""
        every = {one.value: one.words for one in met}
        if cut:
            every.setdefault(chosen, words.step(cut))
        cuts[name] = [Choice(value, text, value == chosen) for value, text in every.items()]
    depths = sorted({*DEPTHS, wanted.visits})
    return {
        "levels": [Choice(name, str(label), name == wanted.level) for name, label in LEVELS],
        "depths": [Choice(str(n), format.number(n), n == wanted.visits) for n in depths],
        "sessions": [Choice(one, base.long(one), one == given["session"]) for one in sessions],
        "shown": [Choice(str(n), format.number(n), n == wanted.most) for n in SHOWN],
        **cuts,
    }


def _nothing(here: base.Here, problem: str) -> Page:
    """The page while the mirror cannot be read."""
    return Page(
        **base.around(here.request, here.period, problem),
        save=None,
        csv="",
        there=False,
        places=[],
        ways=[],
        drawing=None,
        steps=[],
        rows=[],
        note="",
        level=CHANNEL,
        levels=[],
        depths=[],
        sessions=[],
        shown=[],
        starts=[],
        ends=[],
        held=[],
        finding="",
        as_of=None,
    )
