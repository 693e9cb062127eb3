"""What the pages of attribution ask, read from their address, and the words for it. Not here: what they show."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from channels.models import Channel
from console.event import event_labels
from console.journey import base as journey
from kernel.errors import BadRequest
from kernel.web import format, shell
from metrics.attribution import question
from metrics.attribution.models import BY_NAME, MODELS
from metrics.attribution.question import Question
from metrics.journeys.base import OTHER

USED: Final = "shapley"  # unless the address says another
MEASURES: Final[Mapping[str, Promise]] = {
    "revenue": gettext_lazy("Net revenue"),
    "margin": gettext_lazy("Gross margin"),
    "conversions": gettext_lazy("Conversions"),
    "new_customers": gettext_lazy("New customers"),
}
MONEY: Final = ("revenue", "margin")
BYS: Final[Mapping[str, Promise]] = {
    "channel": gettext_lazy("By channel"),
    "campaign": gettext_lazy("By campaign"),
    "source": gettext_lazy("By source"),
}
HEADS: Final[Mapping[str, Promise]] = {
    "channel": gettext_lazy("Channel"),
    "campaign": gettext_lazy("Campaign"),
    "source": gettext_lazy("Source"),
}
LOOKBACKS: Final = ("7d", "14d", "30d", "60d", "90d")
TOUCHES: Final[Mapping[str, Promise]] = {
    "marketing": gettext_lazy("Marketing"),
    "marketing,social": gettext_lazy("Marketing and social"),
    "marketing,social,store": gettext_lazy("Marketing, social and store visits"),
    "browse,marketing,social,store": gettext_lazy("The same and pages looked at"),
}
ORDERS: Final[Mapping[str, Promise]] = {
    "1": pgettext_lazy("of a Markov chain", "Order 1"),
    "2": pgettext_lazy("of a Markov chain", "Order 2"),
    "3": pgettext_lazy("of a Markov chain", "Order 3"),
}
WORTHS: Final[Mapping[str, Promise]] = {
    "conversions": gettext_lazy("Conversions of paths inside the set"),
    "chain": gettext_lazy("Chance of an order in the chain of the set"),
}


def wanted(given: Mapping[str, str], channels: Mapping[int, str]) -> tuple[Question, str]:
    """The question of a page's address, and what of it cannot be asked: that is asked as if not given."""
    asked = {"model": USED, **{name: value for name, value in given.items() if value}}
    try:
        found, problem = question.read(asked, channels), ""
    except BadRequest:
        found = question.read({"model": USED}, channels)
        problem = _("The address asks for what there is not: the usual question is answered instead.")
    return (found if found.conversion is None else found._replace(measure="conversions")), problem


def in_address(found: Question, given: Mapping[str, str]) -> dict[str, str]:
    """The question as links have it: what an address says, but for what cannot be."""
    names = ("by", "lookback", "touches", "conversion", "order", "worth")
    said = {name: given[name] for name in names if given.get(name)}
    return {"model": found.model, **said}


def choices(words: Mapping[str, Promise], current: str) -> list[journey.Choice]:
    """To choose from; what is chosen and not among them is one more, as it is written."""
    there = {**words} if current in words else {**words, current: current}
    return [journey.Choice(value, str(label), value == current) for value, label in there.items()]


def lookbacks(current: str) -> list[journey.Choice]:
    """The usual lengths, and this one."""
    return [
        journey.Choice(text, journey.long(text), text == current)
        for text in (*LOOKBACKS, *([] if current in LOOKBACKS else [current]))
    ]


def conversions(names: list[str], current: str) -> list[journey.Choice]:
    """An order, and the events that were sent."""
    found = [journey.Choice(question.ORDER, _("An order"), current == question.ORDER)]
    listed = names if current in (question.ORDER, *names) else [current, *names]
    return found + [
        journey.Choice(name, event_labels.sentence({"name": name}), name == current) for name in listed
    ]


def model_name(name: str) -> str:
    """What a model is called."""
    return str(BY_NAME[name].label)


def models(current: str) -> list[journey.Choice]:
    """All of them."""
    return [journey.Choice(one.name, str(one.label), one.name == current) for one in MODELS]


def key_name(key: str | None, by: str, channels: Mapping[str, Channel]) -> str:
    """What a row is called."""
    if key is None:
        return _("No touch, or nobody known")
    if key == OTHER:
        return _("Others")
    return shell.channel_name(channels[key]) if by == "channel" and key in channels else key.removeprefix("=")


def figure(value: object, measure: str, currency: str) -> str:
    """A figure of a measure, written."""
    return format.money(value, currency) if measure in MONEY else format.number(value, 1)
