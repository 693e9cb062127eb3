"""What the pages of shelves (parity, stock) share: which goods and channels the address asks for, and as of when.

Days are those of the period: shelves are shown as its last day ends; an address that says no last day shows them as
they are now. Not here: what a page shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.models import Channel
from channels.queries import channels_of
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.period import Neighbours, Preset
from metrics import query
from metrics.assortment import asking, parity
from metrics.assortment.rules import of as rules_of
from metrics.scope import Days

LONGEST = 255  # characters of what is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfPage(shell.PeriodPage):
    """What stands around every page of shelves."""

    problem: str
    kept: list[tuple[str, str]]  # of the address, that a change of the period keeps
    held: list[tuple[str, str]]  # of the address, that a look for a SKU keeps
    channel: Channel | None
    channels: list[Channel]
    category: str
    categories: list[str]
    sku: str
    as_of: str  # the moment, in words


class Around(TypedDict):
    """The same as the arguments of a page."""

    period: shell.Period
    presets: list[Preset]
    neighbours: Neighbours
    problem: str
    kept: list[tuple[str, str]]  # of the address, that a change of the period keeps
    held: list[tuple[str, str]]  # of the address, that a look for a SKU keeps
    channel: Channel | None
    channels: list[Channel]
    category: str
    categories: list[str]
    sku: str
    as_of: str


class Asked:
    """What the address asks; what it has wrong is said, and left out."""

    def __init__(self, request: WorkspaceRequest) -> None:
        given = request.GET
        self.request, self.workspace = request, request.workspace
        self.masked = request.access.masked
        self.period = shell.period_of(request)
        self.problem = self.period.problem
        self.channels = channels_of(self.workspace.pk)
        self.by_id = {one.pk: one for one in self.channels.values()}
        self.channel = self.channels.get(given.get("channel", ""))
        if given.get("channel") and self.channel is None:
            self.problem = _("The channel in the address is not one of this workspace: all are shown.")
        self.category, self.sku = given.get("category", "")[:LONGEST], given.get("sku", "").strip()[:LONGEST]
        self.rules = rules_of(self.workspace)
        slugs = {channel.pk: slug for slug, channel in self.channels.items()}
        self.settings = query.ReportingSettings(
            self.workspace.pk, self.workspace.timezone, self.workspace.currency, slugs
        )
        self.now = not given.get("to") or bool(self.period.problem)
        at = "" if self.now else self.period.last.isoformat()
        self.about = asking.asked({"at": at}, self.settings, timezone.now())._replace(
            category=self.category,
            skus=(self.sku,) if self.sku else (),
            channels=(self.channel.pk,) if self.channel else (),
        )

    def around(self) -> Around:
        """Period and filters of a page."""
        without = ("from", "to", "unit", "interval", "compare", "cursor")
        given = self.request.GET
        return {
            "period": self.period,
            "presets": shell.presets(self.request, self.period),
            "neighbours": shell.neighbours(self.request, self.period),
            "problem": self.problem,
            "kept": [(name, value) for name, value in given.dict().items() if name not in without],
            "held": [(name, value) for name, value in given.dict().items() if name not in ("sku", "cursor")],
            "channel": self.channel,
            "channels": list(self.channels.values()),
            "category": self.said(self.category),
            "categories": parity.categories(connection, self.workspace.pk),
            "sku": self.said(self.sku),
            "as_of": _("now")
            if self.now
            else _("as of %(day)s") % {"day": format.day(self.about.day, year=True)},
        }

    @property
    def days(self) -> Days:
        """The days of the page's series: to the one it is shown as of."""
        last = self.about.day if self.now else min(self.period.last, self.about.day)
        return Days(min(self.period.first, last), last)

    def said(self, words: str) -> str:
        """What a sender wrote, as this person may see it."""
        return str(access.scrub(words)) if self.masked else words

    def shows(self, words: str) -> bool:
        """Whether this person may see all of it: what stands in a link is seen too."""
        return self.said(words) == words

    def chosen(self, name: str, known: Mapping[str, object] | tuple[str, ...], usual: str = "") -> str:
        """What the address chooses of some words; what it does not know is as if it had not been said."""
        value = self.request.GET.get(name, "")
        return value if value in known else usual
