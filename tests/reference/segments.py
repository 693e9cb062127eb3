"""The judge of segments: who a rule finds, slow and plain, out of what each person did. Not here: who keeps members."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(days=7)}


class Event(NamedTuple):
    """Something that somebody did. `order`: its number, total and what was given back of it."""

    at: datetime
    name: str
    channel: str
    category: str = ""
    order: tuple[str, Decimal, Decimal] | None = None


class Person(NamedTuple):
    """All that is known of somebody. `said`: trait, value, when."""

    events: Sequence[Event]
    said: Sequence[tuple[str, Any, datetime]]
    kinds: frozenset[str]
    seen_on: frozenset[str]


class World(NamedTuple):
    """When and where a rule is asked, and the rules of other segments."""

    now: datetime
    zone: str
    segments: Mapping[str, Any]


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "is": lambda a, b: a == b,
}


def holds(rule: dict[str, Any], person: Person, world: World) -> bool:
    """Whether a rule holds of a person."""
    if "all" in rule:
        return all(holds(part, person, world) for part in rule["all"])
    if "any" in rule:
        return any(holds(part, person, world) for part in rule["any"])
    if "not" in rule:
        return not holds(rule["not"], person, world)
    if "segment" in rule:
        return holds(world.segments[rule["segment"]], person, world)
    if "trait" in rule:
        return _trait(rule, person, world)
    if "has" in rule:
        return rule["has"] in person.kinds
    if "seen_on" in rule:
        return bool(set(rule["seen_on"]) & person.seen_on)
    return _happened(rule, person, world)


def _happened(rule: dict[str, Any], person: Person, world: World) -> bool:
    inside = [event for event in person.events if _inside(event.at, rule, world)]
    if "did" in rule or "did_not" in rule:
        step = rule.get("did") or rule["did_not"]
        count = len([event for event in inside if _is(event, step)])
        met = _sized(count, rule.get("times", {"gte": 1}))
        return met if "did" in rule else not met
    if "sequence" in rule:
        return _sequence(rule, person)
    orders = [event for event in inside if event.order]
    if "orders" in rule:
        return _sized(len(orders), rule["orders"])
    if "spent" in rule:
        return _sized(
            sum((event.order[1] - event.order[2] for event in orders if event.order), Decimal(0)),
            rule["spent"],
        )
    ever = sorted((event for event in person.events if event.order), key=lambda event: event.at)
    if not ever or not _inside(ever[0].at, rule, world):
        return False
    return ever[0].channel in rule["first_order"].get("channel", [ever[0].channel])


def _sized(found: Any, sizes: Mapping[str, Any]) -> bool:
    return all(COMPARE[sign](Decimal(found), Decimal(str(size))) for sign, size in sizes.items())


def _length(text: str) -> timedelta:
    return int(text[:-1]) * UNITS[text[-1]]


def _inside(at: datetime, rule: Mapping[str, Any], world: World) -> bool:
    if "between" in rule:
        first, last = rule["between"]
        return bool(first <= at.astimezone(ZoneInfo(world.zone)).date().isoformat() <= last)
    return "within" not in rule or at >= world.now - _length(rule["within"])


def _is(event: Event, step: str) -> bool:
    head, *conditions = step.replace("]", "").split("[")
    own, named = (event.channel, head[8:]) if head.startswith("channel:") else (event.name, head)
    met = own == named
    for condition in conditions:
        field, _equals, value = condition.partition("=")
        met = met and {"channel": event.channel, "properties.category": event.category}[field] == value
    return met


def _sequence(rule: Mapping[str, Any], person: Person) -> bool:
    """Every way to choose an event for each step is tried."""
    steps, window = rule["sequence"], _length(rule["within"])
    chosen = [[event for event in person.events if _is(event, step)] for step in steps]
    for way in product(*chosen):
        if way[-1].at - way[0].at > window:
            continue
        pairs = zip(way, way[1:], steps, steps[1:], strict=False)
        if all(a.at < b.at or (a.at == b.at and not _both(x, y)) for a, b, x, y in pairs):
            return True
    return False


def _both(one: str, other: str) -> bool:
    """Whether one event could be both steps."""
    return any(
        _is(Event(datetime.now(UTC), name, channel, category), one)
        and _is(Event(datetime.now(UTC), name, channel, category), other)
        for name in ("A", "B", "Order Completed")
        for channel in ("web-shop", "store")
        for category in ("tea", "cups", "")
    )


def _trait(rule: Mapping[str, Any], person: Person, world: World) -> bool:
    said = sorted((one for one in person.said if one[0] == rule["trait"]), key=lambda one: one[2])
    value = said[-1][1] if said else None
    return all(_compared(test, given, value, world) for test, given in rule.items() if test != "trait")


def _compared(test: str, given: Any, value: Any, world: World) -> bool:
    if test == "exists":
        return (value is not None) == given
    if test == "is_not":
        return not _compared("is", given, value, world)
    if value is None:
        return False
    if test == "is":
        return str(value) == str(given)
    if test == "in":
        return str(value) in map(str, given)
    if test == "contains":
        return given in str(value)
    if test in COMPARE:
        number = str(value)
        return number.isdigit() and COMPARE[test](Decimal(number), Decimal(str(given)))
    return _moment(test, given, value, world)


def _moment(test: str, given: str, value: Any, world: World) -> bool:
    zone = ZoneInfo(world.zone)
    try:
        at = datetime.combine(date.fromisoformat(str(value)), datetime.min.time(), zone)
    except ValueError:
        return False
    if test == "within_last":
        return world.now - _length(given) <= at <= world.now
    day = datetime.combine(date.fromisoformat(given), datetime.min.time(), zone)
    return at < day if test == "before" else at >= day + timedelta(days=1)
