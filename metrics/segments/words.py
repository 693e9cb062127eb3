"""A rule in words, in the language of whoever reads it. Not here: what it finds (compile.py)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from metrics.segments.rule import (
    All,
    Consent,
    Did,
    FirstOrder,
    Has,
    InSegment,
    Node,
    Not,
    Orders,
    SeenOn,
    Sequence,
    Sizes,
    Some,
    Span,
    Spent,
    Trait,
)

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SIGNS: Final = {
    "gt": gettext_lazy("more than %(n)s"),
    "gte": gettext_lazy("at least %(n)s"),
    "lt": gettext_lazy("less than %(n)s"),
    "lte": gettext_lazy("at most %(n)s"),
    "is": gettext_lazy("exactly %(n)s"),
}
TESTS: Final = {
    "is": gettext_lazy("%(trait)s is %(value)s"),
    "is_not": gettext_lazy("%(trait)s is not %(value)s"),
    "in": gettext_lazy("%(trait)s is one of %(value)s"),
    "contains": gettext_lazy("%(trait)s contains %(value)s"),
    "gt": gettext_lazy("%(trait)s is more than %(value)s"),
    "gte": gettext_lazy("%(trait)s is at least %(value)s"),
    "lt": gettext_lazy("%(trait)s is less than %(value)s"),
    "lte": gettext_lazy("%(trait)s is at most %(value)s"),
    "before": gettext_lazy("%(trait)s is before %(value)s"),
    "after": gettext_lazy("%(trait)s is after %(value)s"),
    "within_last": gettext_lazy("%(trait)s lies in the last %(value)s"),
}
ONCE: Final = (("gte", Decimal(1)),)
MOST_SHOWN = 10  # values of a list


def of(node: Node, channels: Mapping[int, str], currency: str = "") -> str:
    """The rule as a sentence's part. `channels`: slugs by id."""
    return _Teller(channels, currency).of(node, 0)


class _Teller:
    def __init__(self, channels: Mapping[int, str], currency: str) -> None:
        self.channels, self.currency = channels, currency

    def of(self, node: Node, level: int) -> str:
        """A condition in words; a list within another stands in brackets."""
        if isinstance(node, All | Some):
            word = _(" and ") if isinstance(node, All) else _(" or ")
            text = word.join(self.of(part, level + 1) for part in node.parts)
            return f"({text})" if level and len(node.parts) > 1 else text
        if isinstance(node, Not):
            return self._not(node.part, level)
        tell: Callable[[Any], str] = getattr(self, f"_{type(node).__name__.lower()}")
        return tell(node)

    def _not(self, part: Node, level: int) -> str:
        if isinstance(part, Did) and part.times == ONCE:
            return _("did not do “%(step)s”%(when)s") % {
                "step": part.step.name,
                "when": self._when(part.span),
            }
        return _("not: %(rule)s") % {"rule": self.of(part, level + 1)}

    def _did(self, node: Did) -> str:
        values = {"step": node.step.name, "when": self._when(node.span)}
        if node.times == ONCE:
            return _("did “%(step)s”%(when)s") % values
        return _("did “%(step)s” %(times)s times%(when)s") % (values | {"times": self._sizes(node.times)})

    def _sequence(self, node: Sequence) -> str:
        way = _(", then ").join(f"“{step.name}”" for step in node.steps)
        return _("did %(steps)s within %(length)s") % {"steps": way, "length": length(node.within)}

    def _orders(self, node: Orders) -> str:
        return _("made %(times)s orders%(when)s") % {
            "times": self._sizes(node.times),
            "when": self._when(node.span),
        }

    def _spent(self, node: Spent) -> str:
        return _("spent %(amount)s%(when)s") % {
            "amount": self._sizes(node.amounts, f" {self.currency}" if self.currency else ""),
            "when": self._when(node.span),
        }

    def _firstorder(self, node: FirstOrder) -> str:
        values = {"channels": self._named(node.channels), "when": self._when(node.span)}
        if not node.channels:
            return _("ordered for the first time%(when)s") % values
        return _("ordered for the first time on %(channels)s%(when)s") % values

    def _seenon(self, node: SeenOn) -> str:
        return _("was seen on %(channels)s") % {"channels": self._named(node.channels)}

    def _has(self, node: Has) -> str:
        return _("has an identifier “%(kind)s”") % {"kind": node.kind}

    def _insegment(self, node: InSegment) -> str:
        return _("is in the segment “%(slug)s”") % {"slug": node.slug}

    def _consent(self, node: Consent) -> str:
        values = {"purpose": node.purpose, "channel": node.channel}
        if node.channel:
            given, held = (
                _("consented to %(purpose)s by %(channel)s"),
                _("did not consent to %(purpose)s by %(channel)s"),
            )
        else:
            given, held = _("consented to %(purpose)s"), _("did not consent to %(purpose)s")
        return (given if node.given else held) % values

    def _trait(self, node: Trait) -> str:
        told = []
        for test, value in node.tests:
            if test == "exists":
                text = _("%(trait)s is known") if value else _("%(trait)s is not known")
                told.append(text % {"trait": node.name})
            else:
                told.append(str(TESTS[test]) % {"trait": node.name, "value": shown(value)})
        return _(" and ").join(told)

    # ---- parts -----------------------------------------------------------------------------------

    def _sizes(self, sizes: Sizes, unit: str = "") -> str:
        told = (str(SIGNS[sign]) % {"n": f"{size:f}{unit}"} for sign, size in sizes)
        return _(" and ").join(told)

    def _when(self, span: Span) -> str:
        """When it was, with a space before it; nothing for ever."""
        if span.within is not None:
            return _(" in the last %(length)s") % {"length": length(span.within)}
        if span.days is None:
            return ""
        return _(" from %(first)s to %(last)s") % {"first": span.days[0], "last": span.days[1]}

    def _named(self, channels: tuple[int, ...]) -> str:
        return _(" or ").join(self.channels.get(one, str(one)) for one in channels)


def length(lasts: timedelta) -> str:
    """A length of time, in the largest unit that it is a whole number of."""
    if lasts % DAY == timedelta(0):
        n = lasts // DAY
        return ngettext("%(n)s day", "%(n)s days", n) % {"n": n}
    if lasts % HOUR == timedelta(0):
        n = lasts // HOUR
        return ngettext("%(n)s hour", "%(n)s hours", n) % {"n": n}
    if lasts % MINUTE == timedelta(0):
        n = lasts // MINUTE
        return ngettext("%(n)s minute", "%(n)s minutes", n) % {"n": n}
    n = int(lasts.total_seconds())
    return ngettext("%(n)s second", "%(n)s seconds", n) % {"n": n}


def shown(value: Any) -> str:
    """A value that a trait is compared with."""
    if isinstance(value, tuple):
        told = [shown(one) for one in value[:MOST_SHOWN]] + (["…"] if len(value) > MOST_SHOWN else [])
        return ", ".join(told)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, timedelta):
        return length(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else f"“{value}”"
