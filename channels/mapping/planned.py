"""A clean message by its workspace's tracking plan: what breaks it goes along with it, or refuses it.

Not here: the plan (channels/plan/), counting what breaks it (channels/plan/violations.py).
"""

from typing import Any, Final

from channels.plan import checker
from channels.plan.checker import Break, Checker
from channels.reasons import (
    PLAN_ENUM,
    PLAN_MAX,
    PLAN_MIN,
    PLAN_MISSING,
    PLAN_PATTERN,
    PLAN_TYPE,
    Code,
    Rejection,
    quoted,
    quoted_whole,
)
from kernel.event import Broken, Clean, Planned

CODES: Final[dict[str, Code]] = {
    checker.MISSING: PLAN_MISSING,
    checker.TYPE: PLAN_TYPE,
    checker.ENUM: PLAN_ENUM,
    checker.PATTERN: PLAN_PATTERN,
    checker.MIN: PLAN_MIN,
    checker.MAX: PLAN_MAX,
}
KEPT: Final[dict[str, Planned]] = {}  # events that keep to it, one for each name of a plan
MOST_KEPT: Final = 10_000


class AgainstPlan(Rejection):
    """A message that the plan refuses: for the first thing that is wrong; all of it goes along to be counted."""

    def __init__(self, planned: Planned) -> None:
        first = planned.broken[0]
        said: dict[str, Any] = {"wanted": first.wanted} if first.wanted else {}
        super().__init__(
            CODES[first.code], f"properties.{first.property}", event=quoted(planned.event), **said
        )
        self.planned = planned


def check(clean: Clean, plan: Checker) -> None:
    """Notes at the message what the plan says of it; AgainstPlan where it must not be stored."""
    event = plan.of(clean.type, clean.name)
    if event is None:
        return
    breaks = event(clean.properties)
    if not breaks:
        clean.planned = _kept(clean.name)
        return
    found = Planned(clean.name, tuple(_said(one) for one in breaks), event.refuses)
    if event.refuses:
        raise AgainstPlan(found)
    clean.planned = found


def _kept(name: str) -> Planned:
    found = KEPT.get(name)
    if found is None:
        if len(KEPT) >= MOST_KEPT:
            KEPT.clear()
        found = KEPT[name] = Planned(name)
    return found


def _said(one: Break) -> Broken:
    return Broken(one.property, one.code, quoted(one.wanted), quoted_whole(one.value))
