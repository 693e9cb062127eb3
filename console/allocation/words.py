"""What the pages of allocation say: states, steps and rules in words. Not here: the rules themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel
from kernel.web import format, shell
from metrics.allocation.rules import EVERY, MODEL_WORDS, SOLD, Limit, Rules
from metrics.allocation.workbook import STATE_WORDS

TONES: Final = MappingProxyType(
    {
        "draft": "note",
        "sent": "note",
        "disputed": "bad",
        "agreed": "good",
        "closed": "good",
        "waiting": "warn",
    }
)
SERVICE_WORDS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "pickup": gettext_lazy("Picked up here, sold elsewhere"),
        "return": gettext_lazy("Taken back here, sold elsewhere"),
        "advice": gettext_lazy("Asked here, sold elsewhere"),
    }
)
POT_WORDS: Final[Mapping[str, Promise]] = MappingProxyType(
    {"revenue": gettext_lazy("net revenue"), "margin": gettext_lazy("gross margin")}
)
ACT_WORDS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "sent": gettext_lazy("sent it to the channels"),
        "agreed": gettext_lazy("agreed"),
        "disputed": gettext_lazy("disputed"),
        "reopened": gettext_lazy("took it back to a draft"),
        "closed": gettext_lazy("closed it"),
    }
)
SHORT_WORDS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "pot": gettext_lazy(
            "The pot is not above zero: each channel stands for its own, no other rule holds."
        ),
        "costs": gettext_lazy(
            "The costs of channels are more than the pot: each gets back the same part of them."
        ),
        "services": gettext_lazy("Services are more than what is left of the pot: each gets the same part."),
    }
)
AXIOM_WORDS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "efficiency": gettext_lazy("Efficiency: all of the pot is given"),
        "null_player": gettext_lazy("Null player: who contributes nothing gets nothing"),
        "symmetry": gettext_lazy("Symmetry: equal contributions get equal shares"),
        "additivity": gettext_lazy("Additivity: two halves of the period add up to the whole"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state as a label shows it."""

    name: str
    words: str
    tone: str


def state(name: str) -> State:
    """Of a statement or a share."""
    return State(name=name, words=str(STATE_WORDS[name]), tone=TONES[name])


def sentences(rules: Rules, channels: Mapping[str, Channel], currency: str) -> list[str]:
    """The rules as an agreement reads."""
    said = [_pot(rules), _weights(rules)]
    said.append(_untouched(rules))
    if rules.costs_first:
        said.append(_("First each channel gets back what it spent."))
    said += [
        _("%(service)s: %(rate)s of the order's value.")
        % {"service": SERVICE_WORDS[name], "rate": share(rate)}
        for name, rate in rules.services.items()
    ]
    said += [_limit(slug, one, channels, currency) for slug, one in rules.limits.items()]
    if rules.adjustment and rules.most:
        told = _(
            "A channel that grew since the last period counts more: %(rate)s of its growth, at most %(most)s."
        )
        said.append(told % {"rate": share(rules.adjustment), "most": share(rules.most)})
    return said


def _pot(rules: Rules) -> str:
    values = {"rate": share(rules.rate), "of": POT_WORDS[rules.pot]}
    return _("The pot is %(rate)s of %(of)s.") % values


def _weights(rules: Rules) -> str:
    parts = [
        _("%(weight)s by “%(model)s”") % {"weight": share(weight), "model": MODEL_WORDS[name]}
        for name, weight in rules.weights.items()
    ]
    return _("It is shared %(parts)s.") % {"parts": _(", ").join(parts)}


def _untouched(rules: Rules) -> str:
    if set(rules.weights) == {SOLD}:
        return _("Each order counts for the channel that sold it.")
    if rules.untouched == SOLD:
        told = _("Contacts of the %(n)s days before an order count; what nobody touched goes to who sold it.")
    else:
        told = _(
            "Contacts of the %(n)s days before an order count; what nobody touched stays with the company."
        )
    return told % {"n": rules.lookback}


def _limit(slug: str, one: Limit, channels: Mapping[str, Channel], currency: str) -> str:
    parts = []
    if one.floor:
        parts.append(_("at least %(share)s of the pot") % {"share": share(one.floor)})
    if one.guarantee:
        parts.append(_("at least %(amount)s") % {"amount": format.money(one.guarantee, currency)})
    if one.cap < 1:
        parts.append(_("at most %(share)s of the pot") % {"share": share(one.cap)})
    name = (
        _("Every channel")
        if slug == EVERY
        else shell.channel_name(channels[slug])
        if slug in channels
        else slug
    )
    told = _("%(channel)s gets %(limits)s.")
    return told % {"channel": name, "limits": _(", ").join(parts) or _("whatever comes out")}


def share(value: Decimal | None) -> str:
    """A share with two decimals where it has them: `22%`, `23.55%`."""
    if value is None:
        return format.NOTHING
    hundredths = value * 100
    return format.number(hundredths, 0 if hundredths == round(hundredths) else 2) + "%"


def names(channels: Sequence[Channel]) -> dict[int, str]:
    """Channels by id, as pages call them."""
    return {one.pk: shell.channel_name(one) for one in channels}
