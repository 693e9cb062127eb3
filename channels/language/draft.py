"""A mapping as plain values: what its text says, and what a form shows. Not here: the text (text.py), its code."""

from typing import Any, Final

import msgspec

Constant = str | int | bool | float


class Target(msgspec.Struct, frozen=True):
    """A field of ours and where it comes from: an expression, a constant, or a table of lines."""

    field: str
    value: str | int | bool | float | None = None  # a text is an expression
    lines: "Lines | None" = None


class Lines(msgspec.Struct, frozen=True):
    """A list of objects: one for each element of a list, its fields relative to the element."""

    each: str
    targets: tuple[Target, ...] = ()


class MessageRule(msgspec.Struct, frozen=True):
    """One `[[message]]`: which payloads, how many messages, and what is in them."""

    note: str = ""
    when: str = ""
    each: str = ""
    keep: bool = False  # begins with all that the payload (or the element) says
    skip: bool = False  # what it matches makes nothing
    drop: tuple[str, ...] = ()  # fields that go, of what is kept
    targets: tuple[Target, ...] = ()


class CleaningRule(msgspec.Struct, frozen=True, rename={"least": "min", "most": "max"}):
    """One `[clean.FIELD]`: what is done to a field of every message, in this order."""

    field: str
    note: str = ""
    when: str = ""  # a condition on the message
    trim: bool = False
    case: str = ""  # lower, upper
    standard: str = ""  # sku, gender, birthday, province, city, address
    lookup: str = ""  # a table; what it does not hold stays
    unit: str = ""  # cents
    default: Constant | None = None
    required: bool = False
    allowed: tuple[Constant, ...] = ()
    pattern: str = ""
    least: int | float | None = None
    most: int | float | None = None


class Draft(msgspec.Struct, frozen=True, rename={"passes": "pass"}):
    """A whole mapping. `passes`: what no rule matches goes on as it is; None: where it is one of our messages."""

    zone: str = ""  # of times that say none; empty: the channel's
    passes: bool | None = None
    messages: tuple[MessageRule, ...] = ()
    clean: tuple[CleaningRule, ...] = ()
    lookup: dict[str, dict[str, Constant]] = {}


EMPTY: Final = Draft()


def form(draft: Draft) -> dict[str, Any]:
    """A draft as JSON has it."""
    found: dict[str, Any] = msgspec.to_builtins(draft)
    return found


def of_form(form: Any) -> Draft:
    """The other way round; msgspec.ValidationError for what is none."""
    return msgspec.convert(form, Draft)
