"""Why a metric changed, in words: by how much, compared with what, and the channel that caused it. No HTML.

The one place that says so: the title of the overview and of a metric's page, and who helped and held back on both.
Not here: the parts of a change (metrics/contribution.py), reading numbers (board.py, kpi_view.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.metric.breaking import Part
from kernel.web import format, shell
from kernel.web.period import Period
from metrics import query
from metrics.catalogue.base import Metric
from metrics.contribution import Contributions, Made, cause, contributions
from metrics.prices import Moved

SHOWN_SKUS, MOST_SKUS = 3, 24  # named in a title, in a list
ZERO = "0.,¥$€£ "  # signs that an amount of nothing is written with


@dataclass
class Comparison:
    """A metric over the whole days of a period and over those they are compared with; None: not compared."""

    metric: Metric
    currency: str
    period: Period
    channels: Sequence[Part]  # or what else it is broken down by
    now: query.Answer | None
    before: query.Answer | None

    @cached_property
    def moved(self) -> Contributions | None:
        """Each channel's part of the change; None where nothing is compared."""
        if self.now is None or self.before is None:
            return None
        return contributions(
            _made(self.now.total),
            _made(self.before.total),
            {slug: _made(line.total) for slug, line in (self.now.by or {}).items()},
            {slug: _made(line.total) for slug, line in (self.before.by or {}).items()},
        )

    def change(self, slug: str = "") -> format.Change | None:
        """The step of all channels together, or of one, judged by the metric."""
        now, before = self.figure(slug), self.figure(slug, before=True)
        if now is None or before is None:
            return None
        return format.change(now.value, before.value, self.metric.unit, self.metric.good)

    def figure(self, slug: str = "", *, before: bool = False) -> query.Figure | None:
        """What is compared, of all channels or of one; None where nothing is."""
        answer = self.before if before else self.now
        if answer is None or (slug and answer.by is None):
            return None
        if not slug or answer.by is None:
            return answer.total
        return answer.of(slug)

    def said(self, figure: query.Figure | None, *, short: bool = False) -> str:
        """A figure in the metric's unit."""
        value = None if figure is None else figure.value
        return format.in_unit(value, self.metric.unit, self.currency, short=short)

    def signed(self, part: Fraction | None, *, short: bool = False) -> str:
        """A part of a change: with its sign, percentage points where the metric is a percentage."""
        if part is None:
            return format.NOTHING
        value = Decimal(part.numerator) / Decimal(part.denominator)
        if self.metric.unit == "share":
            figure = format.number(abs(value) * 100, 1)
            text = _("%(n)s pts") % {"n": figure}
        else:
            figure = format.in_unit(
                abs(value), self.metric.unit, self.currency, short=short or abs(value) >= 10**6
            )
            text = figure
        if not figure.strip(ZERO):
            return text
        return ("+" if value > 0 else format.MINUS) + text


def _made(figure: query.Figure) -> Made:
    below = None if figure.denominator is None else Fraction(figure.denominator)
    return Made(Fraction(figure.numerator), below)


# ---- the title ------------------------------------------------------------------------------------


def title(found: Comparison, value: str, moved: Moved | None = None) -> str:
    """The sentence of a page: the value, its change, compared with what, and what caused it.

    `value`: of the whole period, as the page says it; `moved`: SKUs whose prices came apart or together.
    """
    said = {"value": value, "days": found.period.label, "against": found.period.against}
    if found.now is None or found.before is None:
        return _not_compared(found, said)
    change = found.change()
    said["whole"] = _so_far(found, said)
    if change is None:
        text = _("%(whole)s; there is nothing from %(against)s to compare with") % said
    elif change.tone == "flat" and change.icon == "minus":
        text = _("%(whole)s, unchanged from %(against)s") % said
    elif change.step > 0:
        text = _("%(whole)s, %(change)s higher than %(against)s") % (said | {"change": change.text})
    else:
        text = _("%(whole)s, %(change)s lower than %(against)s") % (said | {"change": change.text})
    why = _why(found, change, moved)
    return _("%(text)s: %(why)s.") % {"text": text, "why": why} if why else _("%(text)s.") % {"text": text}


def _why(found: Comparison, change: format.Change | None, moved: Moved | None) -> str:
    if moved is None:
        return _cause(found) if change else ""
    return prices(moved, 0 if change is None else (change.step > 0) - (change.step < 0))


def _so_far(found: Comparison, said: dict[str, str]) -> str:
    """The value, with that of the whole days where today is counted too."""
    whole = found.period.whole
    if not found.period.open or whole is None:
        return said["value"]
    return _("%(value)s so far; in the whole days %(days)s %(whole)s") % {
        "value": said["value"],
        "days": whole.short,
        "whole": found.said(found.figure(), short=True),
    }


def _not_compared(found: Comparison, said: dict[str, str]) -> str:
    if found.period.open:
        return _("%(value)s from %(days)s so far.") % said
    return _("%(value)s from %(days)s.") % said


def _cause(found: Comparison) -> str:
    """`Tmall −¥19.1 k of −¥25.8 k`; where the others went the other way, what they came to."""
    moved = found.moved
    slug = None if moved is None else cause(moved)
    if moved is None or slug is None:
        return ""
    part = moved.by[slug]
    said = {
        "channel": next(shell.channel_name(one) for one in found.channels if one.slug == slug),
        "part": found.signed(part, short=True),
        "change": found.signed(moved.change, short=True),
        "rest": found.signed(moved.change - part, short=True),
    }
    if abs(part) > abs(moved.change):
        return _("%(channel)s %(part)s, everything else %(rest)s") % said
    return _("%(channel)s %(part)s of %(change)s") % said


def prices(moved: Moved, rise: int) -> str:
    """The SKUs that made parity fall (`rise` < 0) or rise; without such, those whose prices differ."""
    if rise < 0 and moved.apart:
        return _("prices came apart on %(names)s") % {"names": _listed(moved.apart)}
    if rise > 0 and moved.together:
        return _("prices came together on %(names)s") % {"names": _listed(moved.together)}
    return _("prices differ on %(names)s") % {"names": _listed(moved.differing)} if moved.differing else ""


class Skus(NamedTuple):
    """SKUs of one kind, and how many more there are."""

    what: str
    names: list[str]
    more: int


def skus(moved: Moved) -> list[Skus]:
    """What became of prices, kind by kind; those of which there is none are left out."""
    apart = set(moved.apart)
    kinds = (
        (_("Prices came apart"), moved.apart),
        (_("Prices came together"), moved.together),
        (_("Still differ"), [sku for sku in moved.differing if sku not in apart]),
    )
    return [Skus(what, names[:MOST_SKUS], max(len(names) - MOST_SKUS, 0)) for what, names in kinds if names]


def _listed(names: list[str]) -> str:
    shown = _(", ").join(names[:SHOWN_SKUS])
    rest = len(names) - SHOWN_SKUS
    if rest <= 0:
        return shown
    return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", rest) % {
        "names": shown,
        "n": format.number(rest),
    }


# ---- who helped, who held back --------------------------------------------------------------------


class Mover(NamedTuple):
    """A channel's part of a metric's change."""

    channel: Part
    metric: Metric
    part: str
    total: str  # the change of all channels together
    now: str
    before: str
    weight: float  # how much of it the whole feels
    helps: bool  # by the metric's own good; of one that has none: whether it rose


def movers(found: Comparison) -> Iterator[Mover]:
    """The parts of a change that can be seen, channel by channel."""
    moved, old = found.moved, found.before
    if moved is None or old is None:
        return
    scale = 1.0 if found.metric.unit == "share" else abs(float(old.total.value or 0))
    for channel in found.channels:
        part = moved.by.get(channel.slug, Fraction(0))
        said = found.signed(part, short=True)
        if said[0] not in {"+", format.MINUS} or not scale:
            continue
        yield Mover(
            channel,
            found.metric,
            said,
            found.signed(moved.change, short=True),
            found.said(found.figure(channel.slug), short=True),
            found.said(found.figure(channel.slug, before=True), short=True),
            abs(float(part)) / scale,
            (part > 0) == (found.metric.good != "down"),
        )
