"""The fields of an event that means something, cleaned. Not here: which events and fields (kernel/vocabulary.py)."""

from decimal import Decimal
from typing import Any

import msgspec

from cdp.kernel import money, normalise, vocabulary
from cdp.kernel.event import Line, Meaning
from channels.mapping import clock, decode
from channels.mapping.decode import Unfit
from channels.mapping.origin import Origin
from channels.snapshot import ChannelPlace

LONGEST_KEY = 255  # characters of an order's or another fact's number
ROUNDED, NO_SKU = "amount_rounded", "line_without_sku"


class Said(msgspec.Struct, frozen=True):
    """What the reader of an event needs of its message: its id and where to mark."""

    message_id: str
    marks: list[str]


def read(row: vocabulary.Event, raw: bytes, origin: Origin, said: Said) -> Meaning:
    """The event's fact. Raises Unfit for a missing field, an amount, a currency or a channel that cannot be."""
    properties = decode.exact_properties(raw)
    for name in row.required:
        if clock.blank(properties.get(name)):
            raise missing(f"properties.{name}", f"{row.name} needs {name}.")
    reader = _Reader(properties, origin.connector.channel.currency, said.marks)
    fields = reader.fields(row, origin)
    order_id = fields.get("order_id")
    return Meaning(
        kind=row.kind,
        key=_key(row, reader, said.message_id),
        fields=fields,
        order_id=order_id,
        order_channel=_order_channel(properties, origin) if order_id else None,
    )


def _key(row: vocabulary.Event, reader: "_Reader", message_id: str) -> str:
    """The fact's own number, what stands in for it, or the message's."""
    for name in (row.key, row.fallback):
        found = reader.number_of(name) if name else None
        if found:
            return found
    return message_id


def _order_channel(properties: dict[str, Any], origin: Origin) -> int | None:
    channel = named_channel(properties.get("order_channel"), origin, "properties.order_channel")
    return channel.id if channel else None


def named_channel(value: Any, origin: Origin, field: str) -> ChannelPlace | None:
    """The channel that a slug names; None where none is named."""
    if clock.blank(value):
        return None
    slug = normalise.text(value)
    found = origin.snapshot.channels.get(slug.lower()) if slug else None
    if found is None:
        hint = f"There is no channel {str(value)[:60]!r}: use the short name that the Channels page shows."
        raise Unfit("unknown_channel", field, hint)
    return found


def missing(field: str, hint: str) -> Unfit:
    """The reject for a field that has to be there."""
    return Unfit("missing_field", field, hint)


class Amounts:
    """Reads numbers out of an object's fields; `path` says in a reject where they stood."""

    def __init__(self, values: dict[str, Any], path: str, marks: list[str]) -> None:
        self.values, self.path, self.marks = values, path, marks

    def exact(self, name: str) -> Decimal | None:
        """A number from 0 to 10^15 as it was sent; None where there is none."""
        value = self.values.get(name)
        if clock.blank(value):
            return None
        found = money.amount(value)
        if found is None:
            hint = f"{name} is a number from 0 to 10^15, as a JSON number or a text like 1234.50."
            raise Unfit("bad_amount", f"{self.path}{name}", hint)
        return found

    def amount(self, name: str, currency: str) -> Decimal | None:
        """An amount, rounded half up to the currency's minor unit."""
        found = self.exact(name)
        if found is None:
            return None
        kept = money.rounded(found, currency)
        if kept != found:
            self.marks.append(ROUNDED)
        return kept

    def currency(self, default: str) -> str:
        """The currency of the amounts beside it."""
        value = self.values.get("currency")
        if clock.blank(value):
            return default
        found = money.currency(value)
        if found is None:
            hint = "The currency is a code of ISO 4217: CNY, USD, EUR …"
            raise Unfit("bad_currency", f"{self.path}currency", hint)
        return found

    def count(self, name: str) -> int | None:
        """A whole number of things."""
        found = self.exact(name)
        if found is not None and found != int(found):
            raise Unfit("bad_amount", f"{self.path}{name}", f"{name} is a whole number.")
        return None if found is None else int(found)


class _Reader:
    """Reads one event's properties as the vocabulary says."""

    def __init__(self, properties: dict[str, Any], currency: str, marks: list[str]) -> None:
        self.properties, self.marks = properties, marks
        self.amounts = Amounts(properties, "properties.", marks)
        self.currency = currency

    def fields(self, row: vocabulary.Event, origin: Origin) -> dict[str, Any]:
        """The fields that the message carries; a currency stands beside every amount."""
        if "currency" in row.fields:
            self.currency = self.amounts.currency(self.currency)
        found: dict[str, Any] = {}
        for name in row.fields:
            value = self._field(name, origin)
            if value is not None:
                found["lines" if name == vocabulary.LINES else name] = value
        amounts = ((line.price, line.discount, line.cost) for line in found.get("lines", ()))
        priced = any(amount is not None for line in amounts for amount in line)
        if priced or not vocabulary.AMOUNTS.isdisjoint(found):
            found["currency"] = self.currency
        return found

    def _field(self, name: str, origin: Origin) -> Any:
        if name == vocabulary.LINES:
            return self._lines()
        value = self.properties.get(name)
        if value is None or name == "currency":
            return None
        if name in vocabulary.AMOUNTS:
            return self.amounts.amount(name, self.currency)
        if name in vocabulary.NUMBERS:
            return self._number(name)
        if name in vocabulary.TIMES:
            return None if clock.blank(value) else clock.read(value, f"properties.{name}", origin.zone)
        return self._required_number(name) if name.endswith(("_id", "_no")) else normalise.text(value)

    def _number(self, name: str) -> Decimal | None:
        found = self.amounts.exact(name)
        if name == "scale" and found == 0:
            raise Unfit("bad_amount", "properties.scale", "A scale is the best answer there is: more than 0.")
        return found

    def number_of(self, name: str) -> str | None:
        """An order's, refund's, payment's … own number, as text."""
        found = normalise.text(self.properties.get(name))
        return found if found and len(found) <= LONGEST_KEY else None

    def _required_number(self, name: str) -> str | None:
        found = self.number_of(name)
        if found is None and not clock.blank(self.properties[name]):
            raise missing(
                f"properties.{name}", f"{name} is a text or a number of at most {LONGEST_KEY} characters."
            )
        return found

    def _lines(self) -> tuple[Line, ...] | None:
        value = self.properties.get(vocabulary.LINES)
        if value is None:
            return None
        if not isinstance(value, list):
            raise Unfit("bad_properties", "properties.products", "products is a list of objects.")
        return tuple(self._line(entry, place) for place, entry in enumerate(value))

    def _line(self, entry: Any, place: int) -> Line:
        path = f"properties.products[{place}]"
        if not isinstance(entry, dict):
            raise Unfit(
                "bad_properties",
                path,
                'A product is an object: {"sku": "A-1", "price": 9.90, "quantity": 1}.',
            )
        amounts = Amounts(entry, f"{path}.", self.marks)
        sku = normalise.text(entry.get("sku")) or normalise.text(entry.get("product_id"))
        if sku is None:
            self.marks.append(NO_SKU)
        quantity = amounts.exact("quantity")
        return Line(
            sku=(sku or "")[:LONGEST_KEY],
            quantity=Decimal(1) if quantity is None else quantity,
            price=amounts.amount("price", self.currency),
            name=normalise.text(entry.get("name")) or "",
            category=normalise.text(entry.get("category")) or "",
            brand=normalise.text(entry.get("brand")) or "",
            cost=amounts.exact("cost"),
            discount=amounts.amount("discount", self.currency),
        )
