"""What notices of shop platforms have in common: reading their fields safely, and our messages made of them.

A platform sends the whole order again at each change, in any order and sometimes twice. So a messageId is made of the
fact's own number and of all that the message says: the same said twice is one message, whoever delivers it, and
another state of it is another message. Only `once` is said a single time of somebody, whatever else changed.
Not here: what a platform calls its fields (shopify_*.py, woocommerce_*.py).
"""

import hashlib
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final, NamedTuple

import msgspec

from channels.connectors import payloads
from channels.connectors.base import Message
from channels.reasons import FIELD_OF_PLATFORM, NOT_WHOLE, Rejection
from kernel import money, values

LONGEST_ID: Final = 255  # characters of an order's or another thing's number
MARK: Final = 16  # hex digits of what a message says, in its messageId
LEAST: Final = Decimal("0.001")  # of a thing that is bought
MOST: Final = 1_000  # lines, variants, refunds … of one notice that are read


class Buyer(NamedTuple):
    """Who a notice is about. `account`: the platform's number of them, good within `namespace` alone (empty: the
    channel's). It is no user id: the retailer's own may be the same number and another person. `openid` is good within
    its app, the namespace too."""

    account: str | None = None
    namespace: str = ""
    email: str | None = None
    phone: str | None = None
    openid: str | None = None
    unionid: str | None = None

    def identifiers(self) -> list[dict[str, str]]:
        """As a message carries them."""
        named = {"namespace": self.namespace} if self.namespace else {}
        spaced = (("marketplace_uid", self.account), ("openid", self.openid))
        others = (("unionid", self.unionid), ("email", self.email), ("phone", self.phone))
        found = [{"kind": kind, "value": value, **named} for kind, value in spaced if value]
        return found + [{"kind": kind, "value": value} for kind, value in others if value]


NOBODY: Final = Buyer()


# ---- reading --------------------------------------------------------------------------------------


def part(value: Any, *path: str) -> dict[str, Any]:
    """An object, or the object below it; an empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def parts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none where there is no list."""
    return [one for one in value[:MOST] if isinstance(one, dict)] if isinstance(value, list) else []


def number(value: Any) -> str | None:
    """A platform's number of something, as text; None for 0 and other placeholders."""
    found = values.own_id(value)
    if found is None or len(found) > LONGEST_ID or values.says_nothing(found):
        return None
    return found


def needed(found: dict[str, Any], name: str) -> str:
    """The number without which a notice says nothing; raises Rejection."""
    said = number(found.get(name))
    if said is None:
        raise Rejection(FIELD_OF_PLATFORM, name)
    return said


def first(*candidates: Any) -> Any:
    """The first that says anything, as it came; a list or an object too: it is refused where it is read."""
    return next((one for one in candidates if one is not None and one != ""), None)


def text(*candidates: Any) -> str | None:
    """The first that is a text or a number."""
    return next((found for one in candidates if (found := values.text(one))), None)


def time(*candidates: Any) -> str | int | None:
    """The first that may be a time."""
    return next(
        (one for one in candidates if (isinstance(one, str) and one.strip()) or type(one) is int), None
    )


def epoch(*candidates: Any) -> int | None:
    """The first that is a time in seconds or milliseconds since 1970; platforms write 0 for none."""
    for one in candidates:
        bare = payloads.text_of(one)
        if bare.isascii() and bare.isdigit() and len(bare) <= 13 and int(bare):
            return int(bare)
    return None


def amount(value: Any) -> Decimal | None:
    """An amount exactly as it was written, below 0 too; None where there is none."""
    found = money.number(value)
    return None if found is None or abs(found) > money.LARGEST else found


def total(several: Iterable[Any]) -> Decimal | None:
    """A sum; None where one of them is no amount."""
    found = [amount(one) for one in several]
    known = [one for one in found if one is not None]
    return sum(known, Decimal(0)) if len(known) == len(found) else None


def cents(value: Any, currency: str) -> Decimal | None:
    """A whole number of a currency's smallest units as an amount; None for what is none."""
    return amount(payloads.minor_units(value, currency))


def each(before: Any, after: Any, quantity: Any, currency: str) -> tuple[str, str | None] | None:
    """What one of a line costs before its discount, and the line's discount: together they are what the line came to,
    to the cent. Where the price of one is no whole cent it is the next one up, and the rest of it discount. None where
    one of them is no amount."""
    whole, left, many = amount(before), amount(after), amount(quantity)
    if whole is None or left is None or many is None or many < LEAST or whole < 0:
        return None
    price = (whole / many).quantize(money.unit(currency), rounding=ROUND_CEILING)
    off = price * many - left
    return format(price, "f"), format(off, "f") if off > 0 else None


def needed_cents(found: dict[str, Any], name: str, where: str, currency: str) -> str:
    """An amount in a currency's smallest units that has to be there, as a message carries it; raises Rejection."""
    if found.get(name) is None:
        raise Rejection(FIELD_OF_PLATFORM, where)
    said = payloads.minor_units(found[name], currency)
    if said is None:
        raise Rejection(NOT_WHOLE, where)
    return said


def written(value: Decimal | None) -> str | None:
    """An amount as a message carries it."""
    return None if value is None else format(value, "f")


# ---- saying ---------------------------------------------------------------------------------------


def said(**fields: Any) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", [], {})}


def track(event: str, key: str, at: Any, buyer: Buyer, properties: dict[str, Any]) -> Message:
    """An event; another state of the same fact is another message."""
    return _marked(key, _event(event, at, buyer, properties))


def once(event: str, key: str, at: Any, buyer: Buyer, properties: dict[str, Any]) -> Message:
    """An event that happens a single time, however often and in whatever state a notice says so; told anew only when
    it is said whose it is, or another's: what it counts for that person must not hang on which notice came first."""
    named = f"{key}-{mark(buyer.identifiers())}" if buyer.identifiers() else key
    return _event(event, at, buyer, properties) | {"messageId": named}


def identify(buyer: Buyer, at: Any, **traits: Any) -> list[Message]:
    """What is said of somebody; nothing where nobody is meant, or nothing is said."""
    known = said(email=buyer.email, phone=buyer.phone, **traits)
    if not buyer.identifiers() or not known:
        return []
    message = {"type": "identify", **said(timestamp=at, identifiers=buyer.identifiers()), "traits": known}
    return [_marked("identify", message)]


def record(kind: str, key: str, at: Any, **fields: Any) -> Message:
    """A record of goods."""
    return _marked(f"{kind}-{key}", {"type": kind, **said(at=at, **fields)})


def _event(event: str, at: Any, buyer: Buyer, properties: dict[str, Any]) -> Message:
    beside = said(timestamp=at, identifiers=buyer.identifiers())
    return {"type": "track", "event": event, **beside, "properties": said(**properties)}


def _marked(key: str, message: Message) -> Message:
    return message | {"messageId": f"{key}-{mark(message)}"}


def mark(plain: Any) -> str:
    """A short name of plain values, the same for the same ones."""
    return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()[:MARK]
