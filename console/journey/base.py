"""What the pages of journeys share: their tabs, the period, the mirror they read, words for steps and nodes.

A new page of this family: its line in TABS, in console/urls.py and below `journeys` in console/navigation.py.
Not here: what a page shows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypedDict, TypeVar

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from channels.models import Channel
from channels.queries import channels_of
from console import saving
from console.event import event_labels
from kernel import vocabulary
from kernel.errors import BadRequest, TryAgain
from kernel.web import shell
from kernel.web.access import WorkspaceRequest
from metrics import query
from metrics.boards import kinds
from metrics.journeys.base import OTHER, Asked
from metrics.journeys.steps import PROPERTIES, Step
from metrics.mirror import reading
from metrics.models import NAME_LENGTH
from metrics.scope import Days

MOST_NAMES = 300  # event names that are offered, those of most events first
NAMES = (
    "select name from touches where occurred_at >= $begin and occurred_at < $end "
    "group by name order by count(*) desc, name limit $most"
)
FIELDS: Mapping[str, Promise] = {
    "channel": gettext_lazy("Channel"),
    "touchpoint": gettext_lazy("Touchpoint"),
    "name": gettext_lazy("Event"),
    "campaign": gettext_lazy("Campaign"),
    "source": gettext_lazy("Source"),
}
# The routes of their files, by the kind of analysis.
FILES: Mapping[str, str] = {
    "funnel": "journey-funnel-export",
    "retention": "journey-retention-export",
    "paths": "journeys-export",
    "switching": "journey-switching-export",
    "touchpoints": "journey-touchpoints-export",
}
T = TypeVar("T")


class Tab(NamedTuple):
    """A page of the family: the name of its route, and its words."""

    page: str
    words: Promise


TABS = (
    Tab("journeys", gettext_lazy("Paths")),
    Tab("journey-funnel", gettext_lazy("Funnel")),
    Tab("journey-retention", pgettext_lazy("page", "Retention")),
    Tab("journey-switching", gettext_lazy("Channel switching")),
    Tab("journey-touchpoints", gettext_lazy("Touchpoints")),
)


@dataclass(frozen=True, slots=True)
class ShownTab:
    """A tab as somebody sees it: the period goes along."""

    words: Promise
    address: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyPage(shell.PeriodPage):
    """What stands around every page of journeys."""

    tabs: list[ShownTab]
    kept: list[tuple[str, str]]  # of the address, that a change of the period keeps
    problem: str  # what of the address cannot be used, or why nothing can be said now


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisPage(JourneyPage):
    """A page of journeys whose question can be kept and taken as a file."""

    save: saving.Offer | None
    csv: str  # the file's address; "" where the address asks for what cannot be


class Around(TypedDict):
    """The same as the arguments of a page."""

    period: shell.Period
    presets: list[Any]
    neighbours: Any
    tabs: list[ShownTab]
    kept: list[tuple[str, str]]
    problem: str


def around(
    request: WorkspaceRequest, period: shell.Period, problem: str, tabs: Sequence[Tab] = TABS
) -> Around:
    """Tabs of a family and period of a page."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    without = ("from", "to", "unit", "interval", "compare", "cursor")
    return {
        "period": period,
        "presets": shell.presets(request, period),
        "neighbours": shell.neighbours(request, period),
        "tabs": [ShownTab(tab.words, shell.in_period(request, tab.page), tab.page == here) for tab in tabs],
        "kept": [
            (name, value)
            for name in request.GET
            if name not in without
            for value in request.GET.getlist(name)
        ],
        "problem": problem,
    }


class Here(NamedTuple):
    """Where a question is put: on a page by its address, on a tile of a board by what was kept."""

    request: WorkspaceRequest
    period: shell.Period
    given: Mapping[str, str]  # the question, in the words of an address
    days: Mapping[str, str] = MappingProxyType({})  # the period in links, where it is not that of the address

    @classmethod
    def of(cls, request: WorkspaceRequest) -> "Here":
        """As the address has it."""
        return cls(request, shell.period_of(request), request.GET.dict())

    def address(self, route: str, **more: Any) -> str:
        """Another page's address in the same period."""
        return shell.in_period(self.request, route, **{**self.days, **more})


Find = Callable[[Asked, Mapping[str, str]], T]


def ask(here: Here, find: Find[T]) -> T:
    """What a question finds. Raises BadRequest for what cannot be asked, TryAgain for what cannot be answered now."""
    with _opened(here) as asked:
        return find(asked, here.given)


def read(here: Here, find: Find[T]) -> tuple[T | None, str]:
    """The same for a page: what cannot be asked is said, and asked as if not given."""
    try:
        with _opened(here) as asked:
            try:
                return find(asked, here.given), ""
            except BadRequest as wrong:
                return find(asked, {}), str(wrong)
    except TryAgain as wrong:
        return None, str(wrong)


@contextmanager
def _opened(here: Here) -> Iterator[Asked]:
    settings = query.reporting_settings(connection, here.request.workspace)
    with reading.open_mirror(here.request.workspace.pk) as mirror:
        yield Asked(mirror, settings, Days(here.period.first, here.period.last))


class Keeping(TypedDict):
    """How a page's question is kept and taken as a file: arguments of an AnalysisPage."""

    save: saving.Offer | None
    csv: str


def keeping(here: Here, kind: str, params: Mapping[str, str], problem: str, name: str = "") -> Keeping:
    """The question to be kept: for these days, or for those of each day it is looked at; and its file.

    An address that asks for what cannot be leads to neither: what is shown then is not what it says.
    """
    if problem:
        return {"save": None, "csv": ""}
    period = here.period
    days = [("from", period.first.isoformat()), ("to", period.last.isoformat())]
    always = (days, _("Always these days: %(days)s") % {"days": period.label})
    called = (name or str(kinds.named(kind).label))[:NAME_LENGTH]
    given = [(word, value) for word, value in params.items() if value]
    return {
        "save": saving.offer(here.request, kind, called, given, [always]),
        "csv": here.address(FILES[kind], **params),
    }


def sent(asked: Asked) -> list[str]:
    """The names of the period's events, those of most events first."""
    return [name for (name,) in asked.mirror.rows(NAMES, begin=asked.begin, end=asked.end, most=MOST_NAMES)]


# ---- words ----------------------------------------------------------------------------------------


class Words:
    """What steps and nodes are called in the language that is on."""

    def __init__(self, workspace: int) -> None:
        self.channels: dict[str, Channel] = {one.slug: one for one in channels_of(workspace).values()}
        self.slugs = {one.pk: slug for slug, one in self.channels.items()}

    def of(self, field: str, value: str) -> str:
        """A channel (by its slug), a touchpoint or an event."""
        if field == "channel":
            return shell.channel_name(self.channels[value]) if value in self.channels else value
        if field == "touchpoint":
            return event_labels.touch({"touchpoint": value})
        return event_labels.sentence({"name": value})

    def node(self, level: str, name: str) -> str:
        """A node of the paths; what is not listed by name is one."""
        if name == OTHER and (level != "touchpoint"):
            return _("Others")
        return self.of("name" if level == "event" else level, name)

    def step(self, step: Step) -> str:
        """A step without its conditions."""
        first = step.conditions[0]
        said = self.of(first.field, self._plain(first.field, first.value))
        return _("Touchpoint %(name)s") % {"name": said} if first.field == "touchpoint" else said

    def conditions(self, step: Step) -> list[str]:
        """Its conditions: `category = tea`."""
        return [self._condition(one.field, one.value) for one in step.conditions[1:]]

    def _condition(self, field: str, value: Any) -> str:
        plain = self._plain(field, value)
        shown = self.of(field, plain) if field in {"channel", "touchpoint", "name"} else plain
        called = FIELDS[field] if field in FIELDS else field.removeprefix(PROPERTIES)
        return f"{called} = {shown}"

    def _plain(self, field: str, value: Any) -> str:
        return self.slugs.get(value, str(value)) if field == "channel" else str(value)

    def colour(self, level: str, name: str) -> str:
        """The class of a node's colour: a channel has its own, all else has one."""
        if level != "channel":
            return "c-other" if name == OTHER and level == "event" else "c-accent"
        return shell.colour(self.channels[name]) if name in self.channels else "c-other"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose, as an address has it and in words."""

    value: str
    words: str
    chosen: bool = False


def meetings(words: Words, names: Iterable[str]) -> list[Choice]:
    """What a step can be: the events that were sent, touchpoints, channels."""
    return [
        *(Choice(name, words.of("name", name)) for name in names),
        *(
            Choice(f"touchpoint:{name}", _("Touchpoint %(name)s") % {"name": words.of("touchpoint", name)})
            for name in vocabulary.TOUCHPOINTS
        ),
        *(Choice(f"channel:{slug}", words.of("channel", slug)) for slug in words.channels),
    ]


def long(text: str) -> str:
    """A length of time in words."""
    plain = text.strip()
    n, unit = int(plain[:-1]), plain[-1]
    forms = {
        "s": ngettext("%(n)s second", "%(n)s seconds", n),
        "m": ngettext("%(n)s minute", "%(n)s minutes", n),
        "h": ngettext("%(n)s hour", "%(n)s hours", n),
        "d": ngettext("%(n)s day", "%(n)s days", n),
        "w": ngettext("%(n)s week", "%(n)s weeks", n),
    }
    return forms[unit] % {"n": n}
