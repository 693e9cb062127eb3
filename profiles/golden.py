"""The golden record: of all that channels said of a person, the value that survives, by a rule per trait.

Rules stand in the workspace's settings: {"survivorship": {trait: {"rule": …, "channels": [channel id, …]}}}.
Before any rule: a value that is masked, or no phone or e-mail at all, survives only where no whole one was said.
Losers are kept and shown. Not here: how values are kept (traits), what a value says (kernel/values.py).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from kernel import values as saying
from kernel.db import Connection, Statements, array, rows
from kernel.models import Workspace
from profiles import traits

SQL = Statements(__file__)
NAMES = ("name", "full_name", "fullName", "nickname", "first_name", "firstName", "last_name", "lastName")
DEFAULT_RULE = "most_recent"


class Value(NamedTuple):
    """One value that one channel said of one profile; ties of time are settled by event id."""

    text: str  # as it lies in the table
    hash: UUID
    channel: int
    n: int
    first: tuple[datetime, UUID]
    last: tuple[datetime, UUID]
    whole: bool = True  # not masked; told only where there is another to stand before it


class Rule(NamedTuple):
    """How the surviving value of a trait is chosen. `channels`: ids, most trusted first."""

    name: str = DEFAULT_RULE
    channels: tuple[int, ...] = ()


def rule_of(settings: dict[str, Any], trait: str) -> Rule:
    """The rule of a trait in a workspace's settings; most recent where none stands."""
    found = settings.get("survivorship", {}).get(trait)
    if not isinstance(found, dict) or found.get("rule") not in traits.RULES:
        return Rule()
    return Rule(found["rule"], tuple(found.get("channels", ())))


def order(values: Iterable[Value], rule: Rule) -> list[Value]:
    """The values, the surviving one first. A pure function of the set, whatever its order."""
    return sorted(_by_rule(values, rule), key=lambda value: not value.whole)


def _by_rule(values: Iterable[Value], rule: Rule) -> list[Value]:
    given = sorted(values, key=lambda value: value.last, reverse=True)
    if rule.name == "first":
        return sorted(given, key=lambda value: value.first)
    if rule.name == "most_frequent":
        said: dict[UUID, int] = {}
        for value in given:
            said[value.hash] = said.get(value.hash, 0) + value.n
        return sorted(given, key=lambda value: -said[value.hash])
    if rule.name == "most_trusted":
        trust = {channel: place for place, channel in enumerate(rule.channels)}
        return sorted(given, key=lambda value: trust.get(value.channel, len(trust)))
    return given


def load(
    db: Connection, workspace: int, profiles: Iterable[int], names: Iterable[str] | None = None
) -> dict[int, dict[str, list[Value]]]:
    """All values of profiles' traits: profile -> trait -> values, in no order."""
    wanted = array(sorted(set(profiles)))
    which = None if names is None else array(names)
    found: dict[int, dict[str, list[Value]]] = {}
    for profile, trait, text, hashed, channel, n, first_at, first_event, last_at, last_event in rows(
        db, SQL["values_of"], workspace=workspace, profiles=wanted, names=which
    ):
        value = Value(text, hashed, channel, n, (first_at, first_event), (last_at, last_event))
        found.setdefault(profile, {}).setdefault(trait, []).append(value)
    for by_trait in found.values():
        for trait, values in by_trait.items():
            if len({value.hash for value in values}) > 1:
                by_trait[trait] = [_judged(workspace, trait, value) for value in values]
    return found


def _judged(workspace: int, trait: str, value: Value) -> Value:
    whole = saying.whole(trait, traits.unseal(workspace, trait, value.text))
    return value if whole else value._replace(whole=False)


def settings_of(workspace: int) -> dict[str, Any]:
    """The workspace's settings, where the rules stand."""
    found: dict[str, Any] = Workspace.objects.values_list("settings", flat=True).get(pk=workspace)
    return found


def names(db: Connection, workspace: int, profiles: set[int]) -> dict[int, str]:
    """The surviving name of each profile that has one."""
    settings = settings_of(workspace)
    found: dict[int, str] = {}
    for profile, by_trait in load(db, workspace, profiles, NAMES).items():
        best = {
            trait: traits.unseal(workspace, trait, order(values, rule_of(settings, trait))[0].text)
            for trait, values in by_trait.items()
        }
        text = full_name(best)
        if text:
            found[profile] = text
    return found


def full_name(best: dict[str, Any]) -> str:
    """One name out of the traits that may carry it: a whole one before a masked one, a nickname last."""
    said = {trait: value.strip() for trait, value in best.items() if isinstance(value, str) and value.strip()}
    names = [said[trait] for trait in ("name", "full_name", "fullName") if trait in said]
    first = said.get("first_name", said.get("firstName", ""))
    last = said.get("last_name", said.get("lastName", ""))
    if first or last:
        chinese = all("\u4e00" <= sign <= "\u9fff" for sign in first + last)
        names.append(last + first if chinese else f"{first} {last}".strip())
    if not names:
        return said.get("nickname", "")
    return next((name for name in names if not saying.masked(name, "name")), names[0])
