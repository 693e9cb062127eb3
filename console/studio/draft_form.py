"""A draft <-> the fields of its form. Names say the place: `m0-t3-value` is the value of message 1's fourth field.

Not here: a value as it is typed (constants.py), how a form looks (rows.py), its text (channels/language/text.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from channels.language.draft import CleaningRule, Draft, Lines, MessageRule, Target
from console.studio import constants

MOST_INPUTS: Final = 900  # of one form, below what Django reads; a larger mapping is worked on as text
DEEPEST: Final = 8  # lists within lists
PASS: Final = {"yes": True, "no": False}
YES: Final = "yes"
TICKS: Final = ("trim", "required")  # of a rule
TEXTS: Final = ("note", "when", "case", "standard", "lookup", "unit", "pattern")
NUMBERS: Final = ("least", "most")

Posted = Mapping[str, str]


# ---- reading ---------------------------------------------------------------------------------------


def read(posted: Posted) -> Draft:
    """The draft that a form says, empty fields with it."""
    return Draft(
        zone=posted.get("zone", "").strip(),
        passes=PASS.get(posted.get("pass", "")),
        messages=tuple(_message(posted, f"m{n}-") for n in _places(posted, "m", "note")),
        clean=tuple(_rule(posted, f"c{n}-") for n in _places(posted, "c", "field")),
        lookup={
            posted[f"l{n}-name"].strip(): constants.table(posted.get(f"l{n}-rows", ""))
            for n in _places(posted, "l", "name")
        },
    )


def _places(posted: Posted, before: str, name: str) -> Iterator[int]:
    """0, 1, 2 … as far as there is one."""
    n = 0
    while f"{before}{n}-{name}" in posted:
        yield n
        n += 1


def _message(posted: Posted, at: str) -> MessageRule:
    return MessageRule(
        note=posted[f"{at}note"].strip(),
        when=posted.get(f"{at}when", "").strip(),
        each=posted.get(f"{at}each", "").strip(),
        keep=posted.get(f"{at}keep") == YES,
        skip=posted.get(f"{at}skip") == YES,
        drop=tuple(posted.get(f"{at}drop", "").replace(",", " ").split()),
        targets=_targets(posted, at, 0),
    )


def _targets(posted: Posted, above: str, depth: int) -> tuple[Target, ...]:
    """Plain ones first, then lists: as their text has them."""
    found = [_target(posted, f"{above}t{n}-", depth) for n in _places(posted, f"{above}t", "field")]
    return tuple(sorted(found, key=lambda one: one.lines is not None))


def _target(posted: Posted, at: str, depth: int) -> Target:
    field = posted[f"{at}field"].strip()
    if f"{at}each" in posted and depth < DEEPEST:
        return Target(field, lines=Lines(posted[f"{at}each"].strip(), _targets(posted, at, depth + 1)))
    typed = posted.get(f"{at}value", "").strip()
    return Target(field, constants.expression(typed))


def _rule(posted: Posted, at: str) -> CleaningRule:
    said: dict[str, Any] = {"field": posted[f"{at}field"].strip()}
    said |= {name: posted.get(f"{at}{name}", "").strip() for name in TEXTS}
    said |= {name: posted.get(f"{at}{name}") == YES for name in TICKS}
    said |= {name: constants.number(posted.get(f"{at}{name}", "").strip()) for name in NUMBERS}
    said["allowed"] = constants.listed(posted.get(f"{at}allowed", ""))
    default = posted.get(f"{at}default", "").strip()
    return CleaningRule(**said, default=constants.said(default) if default else None)


# ---- writing ---------------------------------------------------------------------------------------


def posted(draft: Draft) -> dict[str, str]:
    """The fields of a form that says the draft."""
    found = {"zone": draft.zone, "pass": {True: "yes", False: "no", None: ""}[draft.passes]}
    for n, message in enumerate(draft.messages):
        found |= _of_message(message, f"m{n}-")
    for n, rule in enumerate(draft.clean):
        found |= _of_rule(rule, f"c{n}-")
    for n, (name, rows) in enumerate(draft.lookup.items()):
        found |= {f"l{n}-name": name, f"l{n}-rows": constants.as_table(rows)}
    return found


def _of_message(message: MessageRule, at: str) -> dict[str, str]:
    found = {f"{at}{name}": getattr(message, name) for name in ("note", "when", "each")}
    found |= {f"{at}{name}": YES for name in ("keep", "skip") if getattr(message, name)}
    return found | {f"{at}drop": " ".join(message.drop)} | _of_targets(message.targets, at)


def _of_targets(targets: tuple[Target, ...], above: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for n, one in enumerate(targets):
        at = f"{above}t{n}-"
        found[f"{at}field"] = one.field
        if one.lines is None:
            found[f"{at}value"] = constants.as_expression(one.value)
        else:
            found |= {f"{at}each": one.lines.each} | _of_targets(one.lines.targets, at)
    return found


def _of_rule(rule: CleaningRule, at: str) -> dict[str, str]:
    found = {f"{at}{name}": getattr(rule, name) for name in ("field", *TEXTS)}
    found |= {f"{at}{name}": YES for name in TICKS if getattr(rule, name)}
    numbers = {name: getattr(rule, name) for name in NUMBERS}
    found |= {f"{at}{name}": "" if value is None else repr(value) for name, value in numbers.items()}
    found[f"{at}allowed"] = constants.as_list(rule.allowed)
    return found | {f"{at}default": "" if rule.default is None else constants.shown(rule.default)}


def fits(draft: Draft) -> bool:
    """Whether a form of it can be sent."""
    return len(posted(draft)) <= MOST_INPUTS


# ---- what is empty ---------------------------------------------------------------------------------


def without_blanks(draft: Draft) -> Draft:
    """What somebody has not filled in yet says nothing: fields, lists, rules and tables without a name or a value."""
    return msgspec.structs.replace(
        draft,
        messages=tuple(msgspec.structs.replace(one, targets=_filled(one.targets)) for one in draft.messages),
        clean=tuple(one for one in draft.clean if one.field),
        lookup={name: rows for name, rows in draft.lookup.items() if name},
    )


def _filled(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    found = []
    for one in targets:
        if one.lines is not None:
            one = Target(one.field, lines=Lines(one.lines.each, _filled(one.lines.targets)))
        said = one.lines.each if one.lines is not None else one.value
        if one.field and said not in ("", None):
            found.append(one)
    return tuple(found)
