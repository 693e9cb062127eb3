"""The fields of an event that means something, cleaned. Not here: which events and fields (kernel/vocabulary.py)."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from channels.mapping import clock, decode
from channels.mapping.origin import Origin
from channels.reasons import (
    BAD_AMOUNT,
    BAD_CURRENCY,
    BAD_LEVEL,
    MISSING_FIELD,
    NO_KEY,
    NOT_WHOLE,
    PLACEHOLDER,
    UNKNOWN_CHANNEL,
    Rejection,
    quoted,
)
from channels.snapshot import ChannelSettings
from kernel import money, values, vocabulary
from kernel.event import Fee, Line, Meaning

T = TypeVar("T")

LONGEST_KEY = 255  # characters of an order's or another fact's number
ROUNDED, NO_SKU = "amount_rounded", "line_without_sku"
SIGN_DROPPED = (
    "sign_dropped"  # of a refund, a return or a discount, which say by themselves which way it goes
)
LEFT_OUT = "left_out:"  # before the field that cannot be used, while the message can

OF_A_FEE = ("kind", "amount")
MAKING = "order_completed"  # makes an order; all else that names one speaks of it, and takes its currency
SIGNLESS = frozenset(("order_refunded", "return_requested", "return_received"))
SIGNED = frozenset(("balance_changed",))  # their amounts go either way
ALWAYS_SIGNLESS = frozenset(("discount", "merchant_discount", "platform_discount"))
KEYS = frozenset(
    ("order_id", "refund_id", "return_id", "payment_id", "shipment_id", "ticket_id", "feedback_id")
)


class Said(msgspec.Struct, frozen=True):
    """What the reader of an event needs of its message: its id and where to mark."""

    message_id: str
    marks: list[str]


def read(row: vocabulary.Event, raw: bytes, origin: Origin, said: Said) -> Meaning:
    """The event's fact. Raises Rejection for a required field missing or not usable, or a channel nobody knows."""
    properties = decode.exact_properties(raw)
    for name in row.required:
        if clock.blank(properties.get(name)):
            raise Rejection(MISSING_FIELD, f"properties.{name}", event=row.name)
    reader = _Reader(row, properties, origin, said.marks)
    fields = reader.fields()
    order_id = fields.get("order_id")
    if origin.second_hand:
        fields["second_hand"] = True
    return Meaning(
        kind=row.kind,
        key=_key(row, properties, fields) or said.message_id,
        fields=fields,
        order_id=order_id,
        order_channel=_order_channel(properties, origin) if order_id else None,
    )


def _key(row: vocabulary.Event, properties: dict[str, Any], fields: dict[str, Any]) -> str | None:
    """The fact's own number, or what stands in for it."""
    for name in (row.key, row.fallback):
        if name in fields:
            return str(fields[name])
        if name and (found := number(properties.get(name))):
            return found
    return None


def number(value: Any) -> str | None:
    """An order's, refund's, payment's … own number as text; None for a placeholder: it would make one of many."""
    found = values.own_id(value)
    if found is None or len(found) > LONGEST_KEY or values.says_nothing(found):
        return None
    return found


def _order_channel(properties: dict[str, Any], origin: Origin) -> int | None:
    channel = named_channel(properties.get("order_channel"), origin, "properties.order_channel")
    return channel.id if channel else None


def named_channel(value: Any, origin: Origin, field: str) -> ChannelSettings | None:
    """The channel that a slug names; None where none is named."""
    if clock.blank(value):
        return None
    slug = values.own_id(value)
    found = origin.snapshot.channels.get(slug.lower()) if slug else None
    if found is None and not (slug and values.says_nothing(slug)):
        raise Rejection(UNKNOWN_CHANNEL, field, value=quoted(value))
    return found


class Amounts:
    """Reads numbers out of an object's fields; `path` says in a reject where they stood."""

    def __init__(self, values: dict[str, Any], path: str, marks: list[str]) -> None:
        self.values, self.path, self.marks = values, path, marks

    def exact(self, name: str, *, signless: bool = False) -> Decimal | None:
        """A number from 0 to 10^15 as it was sent; None where there is none. `signless`: one below 0 is taken too."""
        value = self.values.get(name)
        if clock.blank(value):
            return None
        found = money.number(value)
        if found is not None and found < 0 and signless:
            self.marks.append(SIGN_DROPPED)
            found = -found
        if found is None or not 0 <= found <= money.LARGEST:
            raise Rejection(BAD_AMOUNT, self.path + name)
        return found

    def level(self, name: str) -> Decimal | None:
        """A number that may lie below 0: what is owed."""
        value = self.values.get(name)
        if clock.blank(value):
            return None
        found = money.number(value)
        if found is None or abs(found) > money.LARGEST:
            raise Rejection(BAD_LEVEL, self.path + name)
        return found

    def signed(self, name: str, currency: str) -> Decimal | None:
        """An amount that may lie below 0: what is taken back."""
        found = self.level(name)
        return None if found is None else money.rounded(found, currency)

    def amount(
        self, name: str, currency: str, *, keep: bool = False, signless: bool = False
    ) -> Decimal | None:
        """An amount, rounded half up to the currency's minor unit; `keep`: as it was, its currency is not known yet."""
        found = self.exact(name, signless=signless)
        if found is None:
            return None
        tidy = money.rounded(found, currency)
        if tidy != found:
            self.marks.append(ROUNDED)
        return found if keep else tidy

    def currency(self, default: str) -> str:
        """The currency of the amounts beside it."""
        value = self.values.get("currency")
        if clock.blank(value):
            return default
        found = money.currency(value)
        if found is None:
            raise Rejection(BAD_CURRENCY, f"{self.path}currency")
        return found

    def count(self, name: str) -> int | None:
        """A whole number of things."""
        found = self.exact(name)
        if found is not None and found != int(found):
            raise Rejection(NOT_WHOLE, self.path + name)
        return None if found is None else int(found)

    def optional(self, read: Callable[[str], T], name: str) -> T | None:
        """What `read` makes of a field; one that cannot be used is marked and left out."""
        try:
            return read(name)
        except Rejection:
            self.marks.append(LEFT_OUT + name)
            return None


class _Reader:
    """Reads one event's properties as the vocabulary says."""

    def __init__(
        self, row: vocabulary.Event, properties: dict[str, Any], origin: Origin, marks: list[str]
    ) -> None:
        self.row, self.properties, self.origin, self.marks = row, properties, origin, marks
        self.amounts = Amounts(properties, "properties.", marks)
        self.signless = row.kind in SIGNLESS
        self.own = origin.connector.channel.currency
        self.said: str | None = None  # the currency, where the message itself says it
        self.priced = True  # False: in a currency nobody knows, amounts say nothing

    def fields(self) -> dict[str, Any]:
        """The fields that the message carries. A currency stands beside its amounts; where it is the order's, none."""
        if "currency" in self.row.fields:
            self._read_currency()
        found: dict[str, Any] = {}
        for name in self.row.fields:
            if name in self.properties and (value := self._field(name)) is not None:
                found["lines" if name == vocabulary.LINES else name] = value
        if self.said is not None and _has_amounts(found):
            found["currency"] = self.said
        return found

    def _read_currency(self) -> None:
        """An amount and its currency are one: a currency that cannot be takes the optional amounts with it."""
        default = self.own if self.row.kind == MAKING else ""
        if vocabulary.AMOUNTS.isdisjoint(self.row.required):
            found = self.amounts.optional(lambda _: self.amounts.currency(default), "currency")
            self.priced = found is not None
        else:
            found = self.amounts.currency(default)
        self.said = found or None

    def _field(self, name: str) -> Any:
        if name == vocabulary.LINES:
            return self._lines()
        if name == vocabulary.FEES:
            return self._fees()
        value = self.properties.get(name)
        if value is None or name == "currency":
            return None
        read = self._how(name)
        if read is None:
            return values.text(value)
        return read(name) if name in self.row.required else self.amounts.optional(read, name)

    def _how(self, name: str) -> Callable[[str], Any] | None:
        """What reads a field; None: it is a text."""
        if name in vocabulary.AMOUNTS:
            return self._amount
        if name in vocabulary.NUMBERS:
            return self._score
        if name in vocabulary.SIGNED:
            return self.amounts.level
        if name in vocabulary.TIMES:
            return self._time
        if name in KEYS:
            return self._number
        return self._plain_number if name.endswith("_no") else None

    def _amount(self, name: str, amounts: Amounts | None = None) -> Decimal | None:
        if not self.priced:
            return None
        if self.row.kind in SIGNED:
            return self.amounts.signed(name, self.said or self.own)
        return (amounts or self.amounts).amount(
            name,
            self.said or self.own,
            keep=self.said is None,
            signless=self.signless or name in ALWAYS_SIGNLESS,
        )

    def _score(self, name: str) -> Decimal | None:
        found = self.amounts.exact(name)
        if name == "scale" and found == 0:
            raise Rejection(BAD_AMOUNT, "properties.scale")  # never told: a scale need not be there
        return found

    def _time(self, name: str) -> datetime | None:
        value = self.properties[name]
        return None if clock.blank(value) else clock.read(value, f"properties.{name}", self.origin.zone)

    def _number(self, name: str) -> str | None:
        """A number of an order or another fact; a placeholder is as if it were not given."""
        value = self.properties[name]
        found = number(value)
        if found is not None or clock.blank(value):
            return found
        field, text = f"properties.{name}", values.own_id(value)
        if text is None or len(text) > LONGEST_KEY:
            raise Rejection(NO_KEY, field, limit=LONGEST_KEY)
        if name in self.row.required:
            raise Rejection(PLACEHOLDER, field, event=self.row.name)
        return None

    def _plain_number(self, name: str) -> str | None:
        found = values.own_id(self.properties[name])
        if found is None or len(found) > LONGEST_KEY:
            raise Rejection(NO_KEY, f"properties.{name}", limit=LONGEST_KEY)
        return found

    # --- products --------------------------------------------------------------------------------------------------

    def _lines(self) -> tuple[Line, ...] | None:
        """The lines that can be read; None where none are said, or none of them can be."""
        value = self.properties.get(vocabulary.LINES)
        if value is None or value == "":
            return None
        said = entries(value, ("sku", "product_id"))
        lines = [self._line(entry) for entry in said if isinstance(entry, dict)]
        if len(lines) < len(said) or not isinstance(value, list | dict):
            self.marks.append(LEFT_OUT + vocabulary.LINES)
            return tuple(lines) or None
        return tuple(lines)

    def _line(self, entry: dict[str, Any]) -> Line:
        amounts = Amounts(entry, "properties.products.", self.marks)
        sku = values.own_id(entry.get("sku")) or values.own_id(entry.get("product_id"))
        if sku is None:
            self.marks.append(NO_SKU)
        quantity = self._of_line(amounts, "quantity")
        return Line(
            sku=(sku or "")[:LONGEST_KEY],
            quantity=Decimal(1) if quantity is None else quantity,
            price=self._of_line(amounts, "price"),
            name=values.text(entry.get("name")) or "",
            category=values.text(entry.get("category")) or "",
            brand=values.text(entry.get("brand")) or "",
            cost=self._of_line(amounts, "cost"),
            discount=self._of_line(amounts, "discount"),
        )

    def _of_line(self, amounts: Amounts, name: str) -> Decimal | None:
        """A number of a line, which is never required. Quantities and costs may have any number of decimals."""
        if amounts.values.get(name) is None:
            return None
        try:
            if name == "quantity":
                return amounts.exact(name, signless=self.signless)
            if name == "cost":
                return amounts.exact(name) if self.priced else None
            return self._amount(name, amounts)
        except Rejection:
            self.marks.append(f"{LEFT_OUT}{vocabulary.LINES}.{name}")
            return None

    # --- fees ------------------------------------------------------------------------------------------------------

    def _fees(self) -> tuple[Fee, ...] | None:
        """The fees that can be read; None where none are said, or none of them can be. An empty list says: none."""
        value = self.properties[vocabulary.FEES]
        if clock.blank(value) or not self.priced:
            return None
        said = entries(value, OF_A_FEE)
        fees = [fee for entry in said if (fee := self._fee(entry)) is not None]
        if len(fees) < len(said) or not isinstance(value, list | dict):
            self.marks.append(LEFT_OUT + vocabulary.FEES)
            return tuple(fees) or None
        return tuple(fees)

    def _fee(self, entry: Any) -> Fee | None:
        if not isinstance(entry, dict):
            return None
        try:
            amount = self._amount("amount", Amounts(entry, "properties.fees.", self.marks))
        except Rejection:
            return None
        return None if amount is None else Fee(values.text(entry.get("kind")) or "", amount)


def entries(value: Any, own: tuple[str, ...]) -> list[Any]:
    """A list of objects: as it is, an object of them (PHP: {"0": …}), or the one there is, by its `own` fields."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    one = any(value.get(name) is not None and not isinstance(value[name], dict) for name in own)
    return [value] if one else list(value.values())


def _has_amounts(found: dict[str, Any]) -> bool:
    if not vocabulary.AMOUNTS.isdisjoint(found) or found.get(vocabulary.FEES):
        return True
    lines = found.get("lines", ())
    return any(amount is not None for line in lines for amount in (line.price, line.discount, line.cost))
