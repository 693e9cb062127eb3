"""A plan proposed of what was sent: types, what is always there, values where there are few, the size of numbers.

Nothing that could be a person's goes into a list of values: no names, contact data, identifiers or free text. Not here:
looking at the events (profiles/observed.py), saving what was proposed (api.py).
"""

import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from channels.plan import form
from channels.plan.form import Event, Plan, Property
from kernel.web import access

ALWAYS: Final = (
    0.995  # share of the events from which on a property is required, of the values for their type
)
FEWEST: Final = 20  # events from which on anything is required
MOST_VALUES: Final = 20  # of a list of values
EACH_VALUE: Final = 10  # how often each of them was seen at least, in the mean
LONGEST_VALUE: Final = 40  # characters; what is longer is somebody's text
ROOM: Final = 10  # how much larger than the largest number seen one may be, then up to a power of ten
# Parts of names of what points to a person, or to one thing of many.
POINTS: Final = re.compile(
    r"(?:^|_)(?:id|ids|uuid|guid|no|number|num|code|key|token|hash|sku|openid|unionid|ip|url|link|path|phone|mobile|"
    r"tel|mail|email|name|user|member|person|customer|contact|account|address|street|city|district|zip|birth|birthday|"
    r"text|comment|note|message|remark|title|query|keyword|search|lat|lng|lon|latitude|longitude|recipient|receiver)(?:$|_)"
)
HUMPS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Seen(NamedTuple):
    """What was seen of one property of an event. `of`: how many events, or objects on its path, could have it.

    `kinds`: how often each type of a value; `values`: the texts, where there are few.
    """

    event: str
    property: str
    of: int
    there: int
    kinds: Mapping[str, int]
    distinct: int
    values: tuple[str, ...]
    least: Decimal | None
    most: Decimal | None


def proposed(seen: Iterable[Seen]) -> Plan:
    """The plan; every event open, so that saving it changes nothing yet."""
    events: dict[str, dict[str, Property]] = {}
    for one in seen:
        if one.there and len(one.property) <= form.LONGEST_NAME and all(one.property.split(".")):
            events.setdefault(one.event, {})[one.property] = _property(one)
    return Plan({name: Event(form.OPEN, properties) for name, properties in sorted(events.items())})


def _property(one: Seen) -> Property:
    kind = _kind(one)
    least = most = None
    if kind in form.NUMBERS and not points(one.property):
        least, most = _bounds(one)
    return Property(
        type=kind,
        required=one.of >= FEWEST and one.there / one.of >= ALWAYS,
        enum=one.values if kind == form.STRING and _few(one) else (),
        min=least,
        max=most,
    )


def _kind(one: Seen) -> str:
    """The type of nearly all values; a whole number is a number, a time a text. Empty: they have none in common."""
    counts = dict(one.kinds)
    everything = sum(counts.values())

    def nearly(*kinds: str) -> bool:
        return sum(counts.get(kind, 0) for kind in kinds) >= ALWAYS * everything

    for kind in form.TYPES:
        if nearly(kind):
            return kind
    if nearly(form.INTEGER, form.NUMBER):
        return form.NUMBER
    return form.STRING if nearly(form.DATETIME, form.STRING) else ""


def points(name: str) -> bool:
    """Whether a property's name says that it points to a person or to one thing of many."""
    last = HUMPS.sub("_", name.rpartition(".")[2]).lower().replace("-", "_").replace(" ", "_")
    return last in access.CONTACT_NAMES | access.CALLED or POINTS.search(last) is not None


def _few(one: Seen) -> bool:
    """Whether its values are a list from which senders choose."""
    if (
        not one.values
        or len(one.values) != one.distinct
        or one.distinct > MOST_VALUES
        or points(one.property)
    ):
        return False
    if one.there < EACH_VALUE * one.distinct:
        return False
    return all(len(value) <= LONGEST_VALUE and access.scrub(value) == value for value in one.values)


def _bounds(one: Seen) -> tuple[int | None, int | None]:
    """Not below 0 where nothing was; above, room for ten times as much: what is read in cents does not pass."""
    if one.least is None or one.most is None:
        return None, None
    least = 0 if one.least >= 0 else -_above(-one.least)
    most = _above(one.most) if one.most > 0 else 0
    return (
        least if abs(least) <= form.LARGEST else None,
        most if most <= form.LARGEST else None,
    )


def _above(value: Decimal) -> int:
    """The power of ten that leaves room above a number."""
    return int(10 ** max(1, math.ceil(math.log10(float(value) * ROOM))))
