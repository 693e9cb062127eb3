"""The funnel as contracts have it, for one person after the other: every start, every way on from it. The judge.

Slow and plain; it shares no code with what it judges.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any, NamedTuple


class Touch(NamedTuple):
    """An event of a person."""

    profile: int
    at: datetime
    tie: int
    channel: str
    name: str
    campaign: str | None = None


Step = tuple[str, str]  # a field of a touch, and its value


class Ask(NamedTuple):
    """What is asked. `end` is the first moment after the period."""

    steps: Sequence[Step]
    begin: datetime
    end: datetime
    window: timedelta
    strict: bool = False
    exclude: Step | None = None
    by: str = ""


class Way(NamedTuple):
    """What a person's counting start comes to: its own moment and those of the later steps, and its value."""

    moments: tuple[datetime, ...]
    value: str | None

    @property
    def depth(self) -> int:
        return len(self.moments)


def meets(touch: Touch, step: Step) -> bool:
    return getattr(touch, step[0]) == step[1]


def could_be_one(a: Step, b: Step) -> bool:
    return a[0] != b[0] or a[1] == b[1]


def ways(touches: Sequence[Touch], ask: Ask) -> dict[int, Way]:
    """Each person's counting start."""
    own: dict[int, list[Touch]] = defaultdict(list)
    for touch in touches:
        own[touch.profile].append(touch)
    found = {}
    for profile, met in own.items():
        tried = [way for start in met for way in _from(start, met, ask)]
        if tried:
            found[profile] = min(tried, key=_worth)[1]
    return found


def _worth(tried: tuple[Touch, Way]) -> Any:
    start, way = tried
    return -way.depth, way.moments[-1] - start.at, start.at, start.tie, way.moments


def _from(start: Touch, met: Sequence[Touch], ask: Ask) -> Iterator[tuple[Touch, Way]]:
    if not meets(start, ask.steps[0]) or not ask.begin <= start.at < ask.end:
        return
    lost = [t.at for t in met if ask.exclude and meets(t, ask.exclude) and t.at > start.at]
    gone = min(lost, default=None)
    value = getattr(start, ask.by) if ask.by else None
    for moments in (_strict if ask.strict else _loose)((start.at,), met, ask, gone):
        yield start, Way(moments, value)


def _possible(moments: tuple[datetime, ...], touch: Touch, ask: Ask, gone: datetime | None) -> bool:
    """Whether an event can be the next step after these."""
    place = len(moments)
    step = ask.steps[place]
    if not meets(touch, step) or touch.at > moments[0] + ask.window:
        return False
    for before, moment in zip(ask.steps, moments, strict=False):
        if touch.at < moment or (touch.at == moment and could_be_one(before, step)):
            return False
    if gone is None or ask.exclude is None:
        return True
    return touch.at < gone if could_be_one(ask.exclude, step) else touch.at <= gone


def _loose(
    moments: tuple[datetime, ...], met: Sequence[Touch], ask: Ask, gone: datetime | None
) -> Iterator[tuple]:
    """Every way on, all of them."""
    yield moments
    if len(moments) < len(ask.steps):
        for touch in met:
            if _possible(moments, touch, ask, gone):
                yield from _loose((*moments, touch.at), met, ask, gone)


def _strict(
    moments: tuple[datetime, ...], met: Sequence[Touch], ask: Ask, gone: datetime | None
) -> Iterator[tuple]:
    """The earliest that can be next, if nothing but repeats of the step before lies between."""
    yield moments
    if len(moments) == len(ask.steps):
        return
    possible = [touch.at for touch in met if _possible(moments, touch, ask, gone)]
    before = ask.steps[len(moments) - 1]
    if possible and all(meets(t, before) for t in met if moments[-1] < t.at < min(possible)):
        yield from _strict((*moments, min(possible)), met, ask, gone)


# ---- the answer ------------------------------------------------------------------------------------


def answer(found: Sequence[Way], ask: Ask) -> list[tuple[int, float | None, float | None]]:
    """Of each step the customers, and the median and 90th percentile of their times to it in seconds."""
    lines = []
    for place in range(len(ask.steps)):
        took = sorted((w.moments[place] - w.moments[0]).total_seconds() for w in found if w.depth > place)
        lines.append((len(took), *(_percentile(took, share) for share in (50, 90))))
    return lines


def _percentile(values: Sequence[float], share: int) -> float | None:
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=100, method="inclusive")[share - 1]


def split(found: dict[int, Way], most: int) -> dict[str, list[Way]]:
    """By value: the largest, then the rest, then those without one."""
    sizes: dict[str, int] = defaultdict(int)
    for way in found.values():
        if way.value is not None:
            sizes[way.value] += 1
    listed = sorted(sizes, key=lambda value: (-sizes[value], value))[:most]
    label: Callable[[str | None], str] = lambda value: (  # noqa: E731 (a table of three)
        "null" if value is None else value if value in listed else "other"
    )
    made: dict[str, list[Way]] = defaultdict(list)
    for way in found.values():
        made[label(way.value)].append(way)
    return made
