"""By what a metric's page is broken down, and of what: the dimensions it knows, its values and filters, in words.

Not here: counting (metrics/breakdown), reading it for the page (kpi_view.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel
from kernel.errors import BadRequest
from kernel.web import access, shell
from metrics import query
from metrics.breakdown import dimensions
from metrics.breakdown.dimensions import CHANNEL, NONE, REST, Filter
from metrics.catalogue.base import Metric
from metrics.scope import Days

WORDS: Mapping[str, Promise] = {
    "channel": gettext_lazy("Channel"),
    "store": gettext_lazy("Store"),
    "sku": gettext_lazy("SKU"),
    "category": gettext_lazy("Category"),
    "brand": gettext_lazy("Brand"),
    "campaign": gettext_lazy("Campaign"),
    "source": gettext_lazy("Source"),
    "city": gettext_lazy("City"),
    "payment_method": gettext_lazy("Payment method"),
    "member_tier": gettext_lazy("Member tier"),
    "new_or_returning": gettext_lazy("New or returning"),
}
CALLED: Mapping[str, Promise] = {
    "new": gettext_lazy("First order"),
    "returning": gettext_lazy("Later order"),
}  # of new_or_returning


@dataclass(frozen=True, slots=True)
class Value:
    """A value that numbers are broken down by: named, coloured and found as a channel is."""

    slug: str  # its key
    name: str
    color: str = ""
    kind: str = ""
    pk: int = 0


Part = Channel | Value


@dataclass(frozen=True, slots=True)
class Dimension:
    """One that may be chosen."""

    name: str
    words: Promise
    current: bool

    @property
    def asked(self) -> str:
        """As the address has it; by channel it says nothing."""
        return "" if self.name == CHANNEL else self.name


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that holds, and the filters without it."""

    words: Promise
    value: str
    without: list[str]


@dataclass(frozen=True, slots=True)
class Breaking:
    """What the address of a metric asks for. `problem`: what of it cannot be, in a sentence."""

    metric: Metric
    by: str
    filters: tuple[Filter, ...]
    problem: str = ""
    ranked: Days | None = None  # the days by which the rest is told, where the address says so
    channels: Mapping[str, Channel] = field(default_factory=dict)
    masked: bool = False

    @property
    def words(self) -> Promise:
        """What it is broken down by."""
        return WORDS[self.by]

    @property
    def dimensions(self) -> list[Dimension]:
        """Those the metric knows."""
        return [Dimension(name, WORDS[name], name == self.by) for name in query.known(self.metric)]

    @property
    def plain(self) -> bool:
        """Whether it is the metric of all, by channel, as it was before anybody asked for more."""
        return self.by == CHANNEL and not self.filters

    @property
    def chips(self) -> list[Chip]:
        """The filters that hold."""
        return [
            Chip(WORDS[one.dimension], self.called(one.dimension, one.key), self.texts(self.filters, one))
            for one in self.filters
        ]

    @property
    def asked(self) -> list[str]:
        """The filters, as addresses write them."""
        return self.texts(self.filters)

    def only(self, key: str) -> list[str]:
        """The filters, and one of a value of what it is broken down by."""
        return [*self.asked, f"{self.by}:{key}"]

    def sealed(self, key: str) -> bool:
        """Whether a value holds contact data that this person must not see."""
        return self.masked and self.by != CHANNEL and access.scrub(key) != key

    @staticmethod
    def texts(filters: Iterable[Filter], but: Filter | None = None) -> list[str]:
        """Filters as addresses write them, one left out."""
        return [str(one) for one in filters if one is not but]

    def value(self, key: str, plain: str | None) -> Part:
        """A value as pages show it. `plain`: what it is; None where it is none, or the rest."""
        if self.by == CHANNEL and key in self.channels:
            return self.channels[key]
        return Value(key, self.called(self.by, key) if plain is None else self._said(self.by, plain))

    def called(self, dimension: str, key: str) -> str:
        """What a value of that key is called."""
        if key == NONE:
            return _("Not known")
        if key == REST:
            return _("All others")
        return self._said(dimension, key.removeprefix(dimensions.LITERAL))

    def _said(self, dimension: str, value: str) -> str:
        if dimension == CHANNEL and value in self.channels:
            return shell.channel_name(self.channels[value])
        if dimension == "new_or_returning" and value in CALLED:
            return str(CALLED[value])
        return str(access.scrub(value)) if self.masked else value


def _days(text: str) -> Days | None:
    """`FIRST/LAST`, as addresses have it; None for what is none."""
    try:
        first, last = (date.fromisoformat(one) for one in text.split("/"))
    except ValueError:
        return None
    return Days(first, last) if first <= last else None


def of(asked: QueryDict, metric: Metric, channels: Iterable[Channel], *, masked: bool) -> Breaking:
    """What an address asks for; what cannot be is left out, and said."""
    known: dict[str, Any] = {"channels": {one.slug: one for one in channels}, "masked": masked}
    known["ranked"] = _days(asked.get("ranked", ""))
    try:
        filters = dimensions.filters(one for one in asked.getlist("filter") if one)
        for one in filters:
            dimensions.check(one.dimension, query.known(metric), metric.name, "filter")
        by = asked.get("by") or CHANNEL
        dimensions.check(by, query.known(metric), metric.name, "by")
    except BadRequest:
        said = _(
            "This metric cannot be broken down or filtered as the address says: all of it is shown, by channel."
        )
        return Breaking(metric, CHANNEL, (), said, **known)
    return Breaking(metric, by, filters, **known)
