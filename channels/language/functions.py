"""What an expression may call: our own functions, and all with JMESPath's (library.py).

Ours answer null for null, so that an optional field needs no condition; what they cannot read they refuse (Misread).
A new one: the function, its line in OWN, an example in
tests/channels/language/test_functions.py. Not here: how a call becomes code (expressions.py).
"""

import hashlib
import re
import unicodedata
import uuid
from datetime import UTC
from decimal import Context as DecimalContext
from decimal import Decimal
from typing import Any, Final

import msgspec

from channels.language import errors, regions
from channels.language.errors import Misread
from channels.language.library import LIBRARY, LONGEST, MANY, Function
from channels.language.runtime import NUMBERS, Context, spend
from kernel import money, normalise, periods, values

OFFSET: Final = -len("+00:00")
MOST_PIECES: Final = 10_000  # of a text that is split
SCALE: Final = 200  # digits of a number that is counted with
NAMESPACE: Final = uuid.UUID("8f0d7c1e-52d2-5c51-9a66-6d5b8f6f2b0a")  # of the uuids made of parts

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z", re.ASCII)
_CENT = Decimal("0.01")
_EXACT = DecimalContext(prec=5 * SCALE)


# ---- reading a value ----------------------------------------------------------------------------


def _said(value: Any) -> str | None:
    """A text or a number as text; None for null and for blanks. Anything else is refused."""
    if type(value) is str:
        if len(value) > LONGEST:
            raise Misread(errors.LONG)
        return value
    if type(value) is int:
        return str(value) if -money.LARGEST < value < money.LARGEST else values.text(value)
    if value is None:
        return None
    if type(value) is bool:
        return "true" if value else "false"
    found = values.text(value)
    if found is None:
        raise Misread(errors.TEXT, value)
    return found


def text(value: Any) -> str | None:
    """A number, yes or no as text; a whole number without its decimals."""
    return _said(value)


def number(value: Any) -> int | Decimal | None:
    """A number, exactly: of a text with blanks, full-width digits or commas between thousands too."""
    found = _number(value)
    if found is None:
        return None
    return int(found) if found == found.to_integral_value() and found.adjusted() < SCALE else found


def _number(value: Any) -> Decimal | None:
    if value is None or (type(value) is str and not value.strip()):
        return None
    found = money.number(value)
    if found is None and type(value) is str and len(value) <= money.LONGEST_NUMBER:
        plain = unicodedata.normalize("NFKC", value).strip()
        found = money.number(plain.replace(",", "") if _GROUPED.match(plain) else plain)
    if found is None or abs(found.adjusted()) > SCALE:
        raise Misread(errors.NUMBER, value)
    return found


def money_of(value: Any) -> Decimal | None:
    """An amount, exactly as it is written; a currency's sign before or after it is no part of it."""
    if type(value) is str and len(value) <= money.LONGEST_NUMBER:
        value = unicodedata.normalize("NFKC", value).strip().strip("¥$€£元 ")
    return _number(value)


def yuan(value: Any) -> Decimal | None:
    """Whole cents as yuan (or cents of another currency with two decimals as its units): 1250 is 12.50."""
    if type(value) is int and -money.LARGEST < value < money.LARGEST:
        return Decimal(value) * _CENT
    found = _number(value)
    if found is None:
        return None
    if found != found.to_integral_value() or (type(value) is str and "." in value):
        raise Misread(errors.CENTS, value)
    return _EXACT.multiply(found, _CENT)


def time(context: Context, value: Any, zone: Any = None) -> str | None:
    """A time as it is written anywhere, in UTC. Without an offset: of the zone that is named, else the channel's."""
    if value is None or (type(value) is str and not value.strip()):
        return None
    found = normalise.moment(value, context.zone if zone is None else _zone(zone))
    if found is None:
        raise Misread(errors.TIME, value)
    return f"{found.isoformat()[:OFFSET]}Z"


def _zone(name: Any) -> Any:
    if not isinstance(name, str) or not periods.is_zone(name):
        raise Misread(errors.ZONE, name)
    return periods.zone(name)


def phone(context: Context, value: Any, region: Any = None) -> Any:
    """A phone number in its one form; one that is none stays as it is, and is marked when it is stored."""
    where = region.upper() if type(region) is str else context.region
    return values.identifier("phone", value, where) or value


def email(value: Any) -> Any:
    """The same of an e-mail address."""
    return values.identifier("email", value) or value


# ---- texts ----------------------------------------------------------------------------------------


def address(value: Any) -> dict[str, str] | None:
    """A Chinese address in its parts: province, city, district, street; "" for those it does not say."""
    found = regions.read(_said(value))
    return None if found is None else found._asdict()


def lower(value: Any) -> str | None:
    """In small letters."""
    found = _said(value)
    return None if found is None else found.lower()


def upper(value: Any) -> str | None:
    """In capitals."""
    found = _said(value)
    return None if found is None else found.upper()


def trim(value: Any) -> str | None:
    """Without blanks before and behind it; a text of blanks alone is null."""
    found = _said(value)
    return None if found is None else (found.strip() or None)


def prefix(value: Any, before: Any) -> str | None:
    """With a text before it."""
    found = _said(value)
    return None if found is None else _made(f"{_said(before) or ''}{found}")


def concat(*parts: Any) -> str | None:
    """The parts as one text; null is no part, of nulls alone comes null."""
    found = [one for one in map(_said, parts) if one is not None]
    return _made("".join(found)) if found else None


def split(value: Any, by: Any) -> list[str] | None:
    """The pieces of a text."""
    found, sign = _said(value), _said(by)
    if found is None:
        return None
    if not sign:
        raise Misread(errors.TAKES, by, "split")
    return found.split(sign, MOST_PIECES)


def replace(value: Any, old: Any, new: Any) -> str | None:
    """Every occurrence of a text by another."""
    found, before, after = _said(value), _said(old), _said(new) or ""
    if found is None or not before:
        return found
    if len(found) + found.count(before) * len(after) > LONGEST:
        raise Misread(errors.LONG)
    return found.replace(before, after)


def _made(found: str) -> str:
    if len(found) > LONGEST:
        raise Misread(errors.LONG)
    return found


def hash_of(*parts: Any) -> str:
    """32 hexadecimal digits that are the same for the same parts."""
    return hashlib.sha256(_joined(parts)).hexdigest()[:32]


def uuid_of(*parts: Any) -> str:
    """A UUID that is the same for the same parts."""
    return str(uuid.uuid5(NAMESPACE, _joined(parts).decode("utf-8", "replace")))


def _joined(parts: tuple[Any, ...]) -> bytes:
    return "\x1f".join("" if one is None else _said(one) or "" for one in parts).encode("utf-8", "replace")


_PLAIN: Final = msgspec.json.Decoder(float_hook=lambda text: Decimal(text) if len(text) < SCALE else text)


def json_of(context: Context, value: Any) -> Any:
    """What a text that is JSON holds: platforms put one message into another."""
    if value is None or (type(value) is str and not value.strip()):
        return None
    if type(value) is not str:
        return value
    spend(context, value)
    try:
        return _PLAIN.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Misread(errors.JSON, value) from None


# ---- choosing and counting ------------------------------------------------------------------------


def coalesce(*given: Any) -> Any:
    """The first that says something: neither null nor a text of blanks."""
    for one in given:
        if one is not None and not (type(one) is str and (not one or one.isspace())):
            return one
    return None


def plus(one: Any, other: Any) -> Decimal | None:
    """The sum, exactly; null counts nothing."""
    first, second = _number(one), _number(other)
    if first is None or second is None:
        return second if first is None else first
    return _EXACT.add(first, second)


def minus(one: Any, other: Any) -> Decimal | None:
    """The difference, exactly."""
    first, second = _number(one), _number(other)
    return None if first is None else _EXACT.subtract(first, second or 0)


def times(one: Any, other: Any) -> Decimal | None:
    """The product, exactly."""
    first, second = _number(one), _number(other)
    return None if first is None or second is None else _EXACT.multiply(first, second)


def header(context: Context, name: Any) -> str | None:
    """A header of the delivery; null where it has none of this name."""
    return context.headers.get(name.lower()) if type(name) is str else None


def received(context: Context) -> str | None:
    """When it was received."""
    at = context.received_at
    return None if at is None else f"{at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


OWN: Final[dict[str, Function]] = {
    "text": Function(text, 1, 1, words="text(value)"),
    "number": Function(number, 1, 1, words="number(value)"),
    "money": Function(money_of, 1, 1, words="money(value)"),
    "yuan": Function(yuan, 1, 1, words="yuan(cents)"),
    "time": Function(time, 1, 2, told=True, words="time(value, zone?)"),
    "phone": Function(phone, 1, 2, told=True, words="phone(value, region?)"),
    "email": Function(email, 1, 1, words="email(value)"),
    "address": Function(address, 1, 1, words="address(text)"),
    "lower": Function(lower, 1, 1, words="lower(text)"),
    "upper": Function(upper, 1, 1, words="upper(text)"),
    "trim": Function(trim, 1, 1, words="trim(text)"),
    "prefix": Function(prefix, 2, 2, words="prefix(value, before)"),
    "concat": Function(concat, 1, MANY, words="concat(part, …)"),
    "split": Function(split, 2, 2, words="split(text, by)"),
    "replace": Function(replace, 3, 3, words="replace(text, old, new)"),
    "hash": Function(hash_of, 1, MANY, words="hash(part, …)"),
    "uuid": Function(uuid_of, 1, MANY, words="uuid(part, …)"),
    "json": Function(json_of, 1, 1, told=True, words="json(text)"),
    "coalesce": Function(coalesce, 1, MANY, words="coalesce(value, …)"),
    "plus": Function(plus, 2, 2, words="plus(a, b)"),
    "minus": Function(minus, 2, 2, words="minus(a, b)"),
    "times": Function(times, 2, 2, words="times(a, b)"),
    "header": Function(header, 1, 1, told=True, words="header(name)"),
    "received": Function(received, 0, 0, told=True, words="received()"),
}
# Those that the code itself answers (expressions.py).
BUILT: Final = {
    "root": "root()",
    "parent": "parent()",
    "index": "index()",
    "lookup": "lookup(table, value, default?)",
}

ALL: Final[dict[str, Function]] = LIBRARY | OWN

# ---- what conditions and rules ask -----------------------------------------------------------------


def true(value: Any) -> bool:
    """Whether a condition holds, as JMESPath has it: 0 does."""
    return bool(value) or type(value) in NUMBERS


def blank(value: Any) -> bool:
    """null and a text of blanks: nothing is said."""
    return value is None or (type(value) is str and (not value or value.isspace()))
