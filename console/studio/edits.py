"""What a button of the form does to a draft: a field, list, message, rule or table more or less. Pure.

Not here: the form's fields (draft_form.py), reading an uploaded table (table_file.py).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.language import targets
from channels.language.draft import CleaningRule, Draft, Lines, MessageRule, Target
from channels.language.errors import Wrong
from console.studio import constants, words
from kernel.errors import BadRequest

LISTS: Final = frozenset({"properties.products", "properties.fees"})
_AT = re.compile(r"([mcl])(\d{1,4})-((?:t\d{1,4}-)*)\Z")

put = msgspec.structs.replace


def _blank(*names: str) -> tuple[Target, ...]:
    return tuple(Target(name, "") for name in names)


# What one begins with: what usually has to be said, its expressions left open.
STARTS: Final[dict[str, tuple[Promise, MessageRule]]] = {
    "order": (
        gettext_lazy("An order"),
        MessageRule(
            targets=(
                Target("type", "'track'"),
                Target("event", "'Order Completed'"),
                *_blank("messageId", "timestamp", "identifiers.phone", "properties.order_id"),
                *_blank("properties.total", "properties.currency"),
                Target("properties.products", lines=Lines("", _blank("sku", "quantity", "price"))),
            )
        ),
    ),
    "person": (
        gettext_lazy("A person"),
        MessageRule(
            targets=(
                Target("type", "'identify'"),
                *_blank("messageId", "timestamp", "identifiers.phone", "traits.name", "traits.phone"),
            )
        ),
    ),
    "event": (
        gettext_lazy("Another event"),
        MessageRule(
            targets=(Target("type", "'track'"), *_blank("event", "messageId", "timestamp", "userId")),
        ),
    ),
    "skip": (gettext_lazy("Leave some out"), MessageRule(skip=True)),
}


def edited(draft: Draft, act: str, posted: Mapping[str, str]) -> Draft:
    """The draft after a button; BadRequest with a sentence for one that asks what cannot be done."""
    name, _colon, at = act.partition(":")
    found: Callable[[Draft, str, Mapping[str, str]], Draft] | None = ACTS.get(name)
    if found is None:
        raise BadRequest(_("The form has no such button: load the page again."))
    return found(draft, at, posted)


def _start(draft: Draft, at: str, posted: Mapping[str, str]) -> Draft:
    if at not in STARTS:
        raise BadRequest(_("The form has no such button: load the page again."))
    return put(draft, messages=(*draft.messages, STARTS[at][1]))


def _field(draft: Draft, at: str, posted: Mapping[str, str]) -> Draft:
    """One more field, below a message or a list; some are lists themselves."""
    field = posted.get(f"{at}new", "").strip()
    if not field:
        raise BadRequest(_("Say which field: choose one or write its name."))
    below = "-t" in at
    _must_be(field, below=below)
    listed = field in LISTS
    new = Target(field, lines=Lines("", _blank("sku", "quantity", "price"))) if listed else Target(field, "")
    return _changed(draft, at, lambda every: _with(every, new))


def _must_be(field: str, *, below: bool) -> None:
    if below:
        if "." in field or len(field) > targets.LONGEST:
            raise BadRequest(_("A field of a line has no dot in its name."))
        return
    try:
        targets.must_be_field(field)
    except Wrong as why:
        raise BadRequest(why.text) from None


def _with(every: tuple[Target, ...], new: Target) -> tuple[Target, ...]:
    if any(one.field == new.field for one in every):
        raise BadRequest(_("The field “%(field)s” is there already.") % {"field": new.field})
    plain = [one for one in (*every, new) if one.lines is None]
    return (*plain, *(one for one in (*every, new) if one.lines is not None))


def _drop(draft: Draft, at: str, posted: Mapping[str, str]) -> Draft:
    """A message, field, rule or table less."""
    kind, n, below = _place(at)
    if below:
        head, last = below[:-1], below[-1]
        above = f"m{n}-" + "".join(f"t{k}-" for k in head)
        return _changed(draft, above, lambda every: _without(every, last))
    if kind == "m":
        return put(draft, messages=_without(draft.messages, n))
    if kind == "c":
        return put(draft, clean=_without(draft.clean, n))
    return put(draft, lookup=dict(_without(tuple(draft.lookup.items()), n)))


def _without(every: tuple[Any, ...], n: int) -> tuple[Any, ...]:
    return (*every[:n], *every[n + 1 :])


def _place(at: str) -> tuple[str, int, list[int]]:
    found = _AT.match(at)
    if found is None:
        raise BadRequest(_("The form has no such button: load the page again."))
    return found[1], int(found[2]), [int(one) for one in re.findall(r"\d+", found[3])]


def _changed(draft: Draft, at: str, change: Callable[[tuple[Target, ...]], tuple[Target, ...]]) -> Draft:
    """With other fields below a message, or below a list of it."""
    kind, n, below = _place(at)
    if kind != "m" or n >= len(draft.messages):
        raise BadRequest(_("The form has no such button: load the page again."))
    message = draft.messages[n]
    new = put(message, targets=_deep(message.targets, below, change))
    return put(draft, messages=(*draft.messages[:n], new, *draft.messages[n + 1 :]))


def _deep(
    every: tuple[Target, ...], below: list[int], change: Callable[[tuple[Target, ...]], tuple[Target, ...]]
) -> tuple[Target, ...]:
    if not below:
        return change(every)
    k = below[0]
    one = every[k] if k < len(every) else None
    if one is None or one.lines is None:
        raise BadRequest(_("The form has no such button: load the page again."))
    lines = put(one.lines, targets=_deep(one.lines.targets, below[1:], change))
    return (*every[:k], put(one, lines=lines), *every[k + 1 :])


# ---- cleaning rules --------------------------------------------------------------------------------

WHATS: Final[dict[str, tuple[Promise, str]]] = {  # words, and what has to be said beside it
    "required": (gettext_lazy("must be there"), ""),
    "trim": (gettext_lazy("without blanks at both ends"), ""),
    "cents": (gettext_lazy("is in cents: read as yuan"), ""),
    "default": (gettext_lazy("where it is missing, is"), "default"),
    "allowed": (gettext_lazy("is one of (a, b, c)"), "allowed"),
    "least": (gettext_lazy("is at least"), "least"),
    "most": (gettext_lazy("is at most"), "most"),
    "lookup": (gettext_lazy("is looked up in the table"), "lookup"),
    "pattern": (gettext_lazy("is of the form (pattern)"), "pattern"),
    "sku": (gettext_lazy("is a SKU: no blanks, one dash, capitals"), ""),
    "gender": (gettext_lazy("is a gender: male, female, unknown"), ""),
    "birthday": (gettext_lazy("is a birthday: 1990-01-05"), ""),
    "address": (gettext_lazy("is an address: fills in province, city, district"), ""),
    "city": (gettext_lazy("is a city: 杭州 is 杭州市"), ""),
    "province": (gettext_lazy("is a province: 浙江 is 浙江省"), ""),
    "upper": (gettext_lazy("in capitals"), ""),
    "lower": (gettext_lazy("in small letters"), ""),
}


def _rule(draft: Draft, at: str, posted: Mapping[str, str]) -> Draft:
    """One more rule, or one more part of the field's rule."""
    field, what = posted.get("rule-field", "").strip(), posted.get("rule-what", "")
    if not field:
        raise BadRequest(_("Say which field: choose one or write its name."))
    _must_be(field, below=False)
    if what not in WHATS:
        raise BadRequest(_("Say what the rule wants."))
    said = _said(what, posted.get("rule-value", "").strip())
    for n, one in enumerate(draft.clean):
        if one.field == field:
            return put(draft, clean=(*draft.clean[:n], put(one, **said), *draft.clean[n + 1 :]))
    return put(draft, clean=(*draft.clean, put(CleaningRule(field), **said)))


def _said(what: str, value: str) -> dict[str, Any]:
    """The part of a rule."""
    plain: dict[str, dict[str, Any]] = {
        "required": {"required": True},
        "trim": {"trim": True},
        "cents": {"unit": "cents"},
        "sku": {"standard": "sku"},
        "gender": {"standard": "gender"},
        "birthday": {"standard": "birthday"},
        "address": {"standard": "address"},
        "city": {"standard": "city"},
        "province": {"standard": "province"},
        "upper": {"case": "upper"},
        "lower": {"case": "lower"},
    }
    if what in plain:
        return plain[what]
    if not value:
        raise BadRequest(_("Write the value beside the rule."))
    if what in ("least", "most"):
        found = constants.number(value)
        if found is None:
            raise BadRequest(_("“%(value)s” is no number.") % {"value": value[:60]})
        return {what: found}
    if what == "allowed":
        return {"allowed": constants.listed(value)}
    return {what: constants.said(value) if what == "default" else value}


def with_table(draft: Draft, name: str, rows: dict[str, Any]) -> Draft:
    """With a table, in place of one of its name."""
    return put(draft, lookup={**draft.lookup, name: rows})


ACTS: Final[dict[str, Callable[[Draft, str, Mapping[str, str]], Draft]]] = {
    "start": _start,
    "field": _field,
    "drop": _drop,
    "rule": _rule,
}
SHOWN_FIELDS: Final = words.OF_LINES
