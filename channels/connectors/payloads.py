"""A delivery's body as plain values: JSON, a form, XML, and what stands in them. Bounded, without outside entities.

Not here: the front door's own JSON (readable.py), what the fields mean (the kinds' files).
"""

from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from channels.reasons import NOT_AN_OBJECT, TOO_DEEP, UNREADABLE_BODY, Rejection
from kernel import money

MOST_FIELDS: Final = 1_000  # of a form
DEEPEST: Final = 64
MOST_NODES: Final = 100_000  # of an XML
LONGEST_COUNT: Final = 15  # digits of a number of cents: more is no amount here (kernel/money.py)
LONGEST_NUMBER: Final = 400  # digits; a longer one is text


def _exact(text: str) -> Decimal | str:
    found = Decimal(text) if len(text) <= LONGEST_NUMBER else None
    return text if found is None or abs(found.adjusted()) >= LONGEST_NUMBER else found


_ANY: Final = msgspec.json.Decoder(float_hook=str)
_EXACT: Final = msgspec.json.Decoder(float_hook=_exact)


def json_of(body: bytes | str) -> Any:
    """Any JSON; decimal numbers as they are written, as text."""
    return _json(_ANY, body)


def exact_json_of(body: bytes | str) -> Any:
    """Any JSON; decimal numbers exactly."""
    return _json(_EXACT, body)


def _json(decoder: "msgspec.json.Decoder[Any]", body: bytes | str) -> Any:
    try:
        return decoder.decode(body)
    except RecursionError:
        raise Rejection(TOO_DEEP, limit=DEEPEST) from None
    except (msgspec.MsgspecError, ValueError):
        raise Rejection(UNREADABLE_BODY, format="JSON") from None


def object_of(body: bytes | str) -> dict[str, Any]:
    """A JSON object."""
    found = json_of(body)
    if not isinstance(found, dict):
        raise Rejection(NOT_AN_OBJECT)
    return found


def form_of(body: bytes | str) -> dict[str, str]:
    """A form's fields; of one that is there twice the last."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Rejection(UNREADABLE_BODY, format="a form") from None


def xml_of(body: bytes | str) -> dict[str, Any]:
    """The children of the root by name: a text, an object, or a list where a name is there several times."""
    try:
        root = fromstring(body, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Rejection(UNREADABLE_BODY, format="XML") from None
    if sum(1 for _ in root.iter()) > MOST_NODES:
        raise Rejection(UNREADABLE_BODY, format="XML")
    found = _element(root, 0)
    return found if isinstance(found, dict) else {root.tag: found}


def _element(node: Element, depth: int) -> Any:
    if depth > DEEPEST:
        raise Rejection(TOO_DEEP, limit=DEEPEST)
    children = list(node)
    if not children:
        return (node.text or "").strip()
    found: dict[str, list[Any]] = {}
    for child in children:
        found.setdefault(child.tag, []).append(_element(child, depth + 1))
    return {name: several if len(several) > 1 else several[0] for name, several in found.items()}


# ---- values in what was read --------------------------------------------------------------------


def inside(found: Any, *names: str) -> Any:
    """What stands that deep in objects; None where something on the way is none."""
    for name in names:
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, or the one there is: an XML with one entry has no list."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def text_of(value: Any) -> str:
    """A text or a whole number as text, without outer blanks; empty for anything else."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if type(value) is int else ""


def minor_units(value: Any, currency: str) -> str | None:
    """A whole number of a currency's minor units (cents) as a decimal amount; None for what is no whole number."""
    text = text_of(value)
    bare = text.removeprefix("-")
    if not (bare.isascii() and bare.isdigit() and len(bare) <= LONGEST_COUNT):
        return None
    return f"{Decimal(text).scaleb(-money.digits(currency)):f}"
