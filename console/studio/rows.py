"""A draft as its form shows it: messages, fields in groups with what each comes to, rules, tables. Pure.

Not here: reading it (draft_form.py), what a field comes to (channels/studio/fields.py), words (words.py).
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.language.draft import CleaningRule, Draft, MessageRule, Target
from channels.mapping import mapped
from channels.studio.fields import Look, Path, Seen
from console.studio import constants, draft_form, words
from kernel.web import format

LONGEST: Final = 80  # signs of a value beside its field
SAMPLE: Final = 3  # rows of a table that are shown


@dataclass(frozen=True, slots=True)
class Out:
    """What a field comes to, or what is wrong with it. `id`: where it stands."""

    id: str
    said: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A field of a message, or of a line. `each`: of a list, whose fields are `below`."""

    at: str
    field: str
    label: str
    value: str
    out: Out
    listed: bool = False
    below: "list[Row]" = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Message:
    """One `[[message]]`."""

    at: str
    n: int
    title: str
    said: MessageRule
    drop: str
    when: Out
    when_out: Out  # the same where the field stands: what is wrong alone
    each: Out
    groups: list[Group]
    matches: bool
    open: bool  # what the payload has nothing to do with is folded


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a cleaning rule. `type`: yes, choice, text."""

    name: str
    label: str
    type: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A cleaning rule: what it does in words, and its parts."""

    at: str
    field: str
    label: str
    does: list[str]
    parts: list[Part]
    out: Out


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup table."""

    at: str
    name: str
    rows: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """All of a draft."""

    zone: str
    zone_out: Out
    passes: str
    messages: list[Message]
    rules: list[Rule]
    tables: list[Table]


def form(draft: Draft, look: Look) -> Form:
    """What the form shows."""
    names = tuple(name for name in draft.lookup if name)
    return Form(
        zone=draft.zone,
        zone_out=_out(look, ("zone",), "zone"),
        passes={True: "yes", False: "no", None: ""}[draft.passes],
        messages=[_message(one, n, look) for n, one in enumerate(draft.messages)],
        rules=[_rule(one, n, look, names) for n, one in enumerate(draft.clean)],
        tables=[
            Table(f"l{n}-", name, constants.as_table(rows), len(rows))
            for n, (name, rows) in enumerate(draft.lookup.items())
        ],
    )


# ---- messages --------------------------------------------------------------------------------------


def _message(said: MessageRule, n: int, look: Look) -> Message:
    at = f"m{n}-"
    path: Path = ("message", n)
    groups: list[list[Row]] = [[] for _group in words.GROUPS]
    for k, target in enumerate(said.targets):
        groups[words.group(target.field)].append(_row(target, f"{at}t{k}-", path, look))
    shown = zip(words.GROUPS, groups, strict=True)
    when = _when(said, n, look)
    return Message(
        at=at,
        n=n + 1,
        title=_title(said, n),
        said=said,
        drop=" ".join(said.drop),
        when=when,
        when_out=Out(when.id, "", when.problem),
        each=_out(look, (*path, "each"), f"{at}each"),
        groups=[Group(str(title), rows) for (title, _names), rows in shown if rows],
        matches=bool(look.matched.get(n)),
        open=look.matched.get(n) is not False or any(where[:2] == path for where in look.problems),
    )


def _title(said: MessageRule, n: int) -> str:
    """By what it makes, where that is one word."""
    if said.skip:
        return _("Left out on purpose")
    values = {target.field: target.value for target in said.targets}
    for name in ("event", "type"):
        value = values.get(name)
        if isinstance(value, str) and len(value) > 2 and value[0] == value[-1] == "'":
            return value[1:-1]
    return _("Message %(n)s") % {"n": n + 1}


def _when(said: MessageRule, n: int, look: Look) -> Out:
    out = _out(look, ("message", n, "when"), f"m{n}-when")
    if out.problem or not said.when:
        return out
    met = look.matched.get(n)
    shown = "" if met is None else _("matches this payload") if met else _("does not match this payload")
    return Out(out.id, shown)


def _row(target: Target, at: str, above: Path, look: Look) -> Row:
    path = (*above, target.field)
    if target.lines is None:
        value = constants.as_expression(target.value)
        return Row(at, target.field, words.label(target.field), value, _out(look, path, at))
    below = [_row(one, f"{at}t{k}-", path, look) for k, one in enumerate(target.lines.targets)]
    out = _out(look, (*path, "each"), at)
    return Row(at, target.field, words.label(target.field), target.lines.each, out, True, below)


def _out(look: Look, path: Path, at: str) -> Out:
    seen = look.fields.get(path)
    name = f"out-{at.rstrip('-')}"
    if seen is None:
        return Out(name, "")
    if seen.problem:
        return Out(name, "", seen.problem)
    return Out(name, _shown(seen, path))


def _shown(seen: Seen, path: Path) -> str:
    if not seen.there:
        return ""
    if path[-1] == "each":
        return ngettext("%(n)s line", "%(n)s lines", seen.n) % {"n": format.number(seen.n)}
    value = seen.value if isinstance(seen.value, str) else mapped.ENCODER.encode(seen.value).decode()
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"


# ---- rules -----------------------------------------------------------------------------------------


def _rule(said: CleaningRule, n: int, look: Look, tables: tuple[str, ...]) -> Rule:
    at = f"c{n}-"
    problem = next((why for path, why in look.problems.items() if path[:2] == ("clean", said.field)), "")
    typed = draft_form.posted(Draft(clean=(said,)))
    return Rule(
        at=at,
        field=said.field,
        label=words.label(said.field),
        does=does(said),
        parts=[_part(name, kind, typed, tables) for name, kind in _PARTS],
        out=Out(f"out-c{n}", "", problem),
    )


_PARTS: Final = (
    ("trim", "yes"),
    ("required", "yes"),
    ("case", "choice"),
    ("standard", "choice"),
    ("lookup", "choice"),
    ("unit", "choice"),
    ("default", "text"),
    ("allowed", "text"),
    ("pattern", "text"),
    ("least", "text"),
    ("most", "text"),
    ("when", "text"),
    ("note", "text"),
)
_OWN: Final = {"least": "min", "most": "max"}


def _part(name: str, kind: str, typed: Mapping[str, str], tables: tuple[str, ...]) -> Part:
    value = typed.get(f"c0-{name}", "")
    choices = tuple((each, str(said)) for each, said in words.CHOICES.get(name, ()))
    if name == "lookup":
        choices = tuple((each, each) for each in tables)
    if value and kind == "choice" and value not in dict(choices):
        choices += ((value, value),)
    return Part(name, _label(name), kind, value, choices)


def _label(name: str) -> str:
    named = {"when": _("Only where"), "note": _("Note")}
    return named[name] if name in named else str(words.PARTS[_OWN.get(name, name)])


def does(said: CleaningRule) -> list[str]:
    """A rule in words, part by part, in the order in which they work."""
    typed = draft_form.posted(Draft(clean=(said,)))
    found = []
    for part in sorted(_PARTS[:-2], key=lambda one: _ORDER.index(one[0])):
        name, kind = part
        value = typed.get(f"c0-{name}", "")
        if not value:
            continue
        shown = dict(words.CHOICES.get(name, ())).get(value, value)
        found.append(
            _label(name)
            if kind == "yes"
            else _("%(part)s: %(value)s") % {"part": _label(name), "value": shown}
        )
    return found


_ORDER: Final = (
    *("trim", "case", "standard", "lookup", "unit", "default", "required"),
    *("allowed", "pattern", "least", "most"),
)


def used(draft: Draft) -> set[str]:
    """Words of the expressions, any of which may be a key of the payload: those are marked in it."""
    texts: list[Any] = []
    for message in draft.messages:
        texts += [message.when, message.each]
        waiting = list(message.targets)
        while waiting:
            one = waiting.pop()
            texts.append(one.value if one.lines is None else one.lines.each)
            waiting += one.lines.targets if one.lines else ()
    return {word for text in texts if isinstance(text, str) for word in words.NAMES.findall(text)}
