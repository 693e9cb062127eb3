"""A draft field by field on one payload: what each comes to, what is wrong with each, also where the whole is unusable.

A mapping as a whole stops at its first mistake; who writes one wants to see all of them, each at its place.
Not here: what becomes of the messages (preview.py).
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from channels import reasons
from channels.language import mapping, messages, rules
from channels.language.draft import Draft, MessageRule, Target
from channels.language.errors import Misread, TooMuch, Wrong
from channels.language.runtime import STEPS, Context
from channels.mapping import mapped
from channels.mapping.mapped import Around, Source

MOST: Final = 400  # fields of one look

Path = tuple[str | int, ...]  # as Wrong has it: ("message", 0, "properties.total")


class Seen(NamedTuple):
    """What a field comes to. `there`: it says something; `value`: the first of `n`, of messages or lines."""

    there: bool
    value: Any = None
    n: int = 1
    problem: str = ""


class Look(NamedTuple):
    """A draft as one payload sees it: `matched` by the place of each message; None where its condition is wrong."""

    fields: dict[Path, Seen]
    matched: dict[int, bool | None]

    @property
    def problems(self) -> dict[Path, str]:
        """What is wrong, and where."""
        return {path: one.problem for path, one in self.fields.items() if one.problem}


def looked(draft: Draft, source: Source | None, around: Around) -> Look:
    """Every field alone. Without a payload: only what is wrong with the text."""
    found: dict[Path, Seen] = {}
    matched: dict[int, bool | None] = {}
    for n, rule in enumerate(draft.messages):
        matched[n] = _of_message(found, draft, rule, n, source, around.context)
        if len(found) > MOST:
            break
    found |= dict(_of_whole(draft))
    return Look(found, matched)


def _of_message(
    found: dict[Path, Seen],
    draft: Draft,
    rule: MessageRule,
    n: int,
    source: Source | None,
    context: Context,
) -> bool | None:
    """Its fields, where it matches; whether it does."""
    at: Path = ("message", n)
    head = MessageRule(when=rule.when, each=rule.each, drop=rule.drop, keep=rule.keep)
    matches, began = _tried(draft, head, source, context)
    if began.problem:
        found[(*at, began.value or "when")] = began
        matches = None
    body = MessageRule(each=rule.each) if began.value != "each" else MessageRule()
    shown = source if matches else None
    for target in rule.targets:
        for path, alone in _alone(target):
            _met, seen = _tried(draft, msgspec.structs.replace(body, targets=(alone,)), shown, context, path)
            found[(*at, *path)] = seen._replace(value=None) if seen.problem else seen
    return matches


def _alone(target: Target, above: Path = ()) -> Iterator[tuple[Path, Target]]:
    """The field by itself; of a list also each field of its lines, in a list that has no other."""
    path = (*above, target.field)
    if target.lines is None:
        yield path, target
        return
    yield (
        (*path, "each"),
        msgspec.structs.replace(
            target, lines=msgspec.structs.replace(target.lines, targets=(Target("line", True),))
        ),
    )
    for below in target.lines.targets:
        for under, alone in _alone(below, path):
            lines = msgspec.structs.replace(target.lines, targets=(alone,))
            yield under, msgspec.structs.replace(target, lines=lines)


def _tried(
    draft: Draft, rule: MessageRule, source: Source | None, context: Context, path: Path = ()
) -> tuple[bool | None, Seen]:
    """Whether a message matches, and what the one field of it says. `value` of a problem: where it stands."""
    try:
        make = messages.compiled(rule, 0, draft.lookup)
    except Wrong as why:
        place = why.path[2] if len(why.path) > 2 else ""
        return None, Seen(False, place, problem=why.text)
    if source is None:
        return None, Seen(False)
    context.left, made = STEPS, []  # type: ignore[var-annotated]
    try:
        matched = make(source.value, context, made)
    except (Misread, TooMuch) as why:
        rejection = mapped.rejection(why)
        said = reasons.Why(rejection.code.reason.name, rejection.field, rejection.code.name, rejection.params)
        return None, Seen(False, rejection.field, problem=reasons.translated(said))
    return matched, _seen(made, path)


def _seen(made: list[dict[str, Any]], path: Path) -> Seen:
    """The field's value in the first message, and the first line, that has it."""
    values: list[Any] = list(made)
    for name in path:
        if name == "each":
            return Seen(bool(values), None, len(values))
        values = [inner for value in values for inner in _within(value, str(name))]
    return Seen(bool(values), values[0] if values else None, len(values))


def _within(value: Any, field: str) -> Iterator[Any]:
    """What stands in a field of a message or line; of a list each of its lines."""
    first, _dot, rest = field.partition(".")
    inner = value.get(first) if isinstance(value, dict) else None
    if first == messages.IDENTIFIERS and rest and isinstance(inner, list):
        yield from (one["value"] for one in inner if one.get("kind") == rest)
    elif rest and isinstance(inner, dict):
        yield from _within(inner, rest)
    elif not rest and isinstance(inner, list):
        yield from inner
    elif not rest and inner is not None:
        yield inner


def _of_whole(draft: Draft) -> Iterator[tuple[Path, Seen]]:
    """The zone and each cleaning rule by itself."""
    try:
        mapping.Mapping(Draft(zone=draft.zone))
    except Wrong as why:
        yield why.path, Seen(False, problem=why.text)
    for rule in draft.clean:
        try:
            rules.compiled((rule,), draft.lookup)
        except Wrong as why:
            yield why.path, Seen(False, problem=why.text)
