"""An item of /v1/records -> a cleaned record. Not here: which types and fields (vocabulary.py), what they count as."""

from datetime import date, timedelta
from typing import Any

from cdp.kernel import normalise, periods
from cdp.kernel.event import Record
from cdp.kernel.vocabulary import RECORDS, RecordType
from channels.mapping import clock, meaning
from channels.mapping.cleaning import LARGEST_ITEM
from channels.mapping.decode import Unfit
from channels.mapping.meaning import LONGEST_KEY, Amounts, missing
from channels.mapping.origin import Named, Origin

LONGEST_SPREAD = timedelta(days=3_660)  # one record of spend covers at most these days
MOST_TAGS = 100
KINDS = ("acquisition", "retention")  # of spend

AMOUNTS = frozenset(("price", "list_price", "amount"))  # rounded to the minor unit
EXACT = frozenset(("unit_cost", "rate", "quantity"))  # any number of decimals
COUNTS = frozenset(("clicks", "impressions"))
DATES = frozenset(("date", "from", "to"))
KEYS = frozenset(("sku", "metric", "id", "location"))


def clean(values: dict[str, Any], raw: bytes, origin: Origin, named: Named) -> Record:
    """A record that is understood. Raises Unfit for one that is not."""
    if len(raw) > LARGEST_ITEM:
        raise Unfit("too_large", "", f"A record has at most {LARGEST_ITEM // 1024} KB: send less with it.")
    row = _type(values.get("type"))
    named_channel = meaning.named_channel(values.get("channel"), origin, "channel")
    channel = named_channel or (None if row.shared else origin.connector.channel)
    for name in row.required:
        if clock.blank(values.get(name)):
            raise missing(name, f"A {row.type} needs {name}.")
    at = values.get("at")
    return Record(
        type=row.type,
        id=named.id,
        message_id=named.message_id,
        connector=origin.connector.id,
        channel=channel.id if channel else None,
        request=origin.request,
        position=named.position,
        received_at=origin.received_at,
        at=origin.received_at if clock.blank(at) else clock.read(at, "at", origin.zone),
        fields=_fields(row, values, origin, channel.currency if channel else origin.snapshot.currency),
    )


def _type(value: Any) -> RecordType:
    tidy = value.strip().lower() if isinstance(value, str) else value
    if clock.blank(tidy):
        raise Unfit("no_type", "type", f"Say what the record is: {', '.join(RECORDS)}.")
    row = RECORDS.get(tidy) if isinstance(tidy, str) else None
    if row is None:
        raise Unfit("unknown_type", "type", f"The type is one of {', '.join(RECORDS)}.")
    return row


def _fields(row: RecordType, values: dict[str, Any], origin: Origin, default: str) -> dict[str, Any]:
    marks: list[str] = []
    amounts = Amounts(values, "", marks)
    names = row.required + row.optional
    currency = amounts.currency(default) if "currency" in names else default
    found: dict[str, Any] = {}
    for name in names:
        value = _field(name, amounts, currency, origin)
        if value is not None:
            found[name] = value
    if "currency" in names:
        found["currency"] = currency
    if row.type == "spend":
        _settle_spend(found)
    if row.type == "target" and "to" in found and found["to"] < found["from"]:
        raise _backwards()
    if row.type == "rate" and found["rate"] == 0:
        raise Unfit(
            "bad_amount", "rate", "A rate is the worth of one unit in the workspace's currency: more than 0."
        )
    return found


def _field(name: str, amounts: Amounts, currency: str, origin: Origin) -> Any:
    value = amounts.values.get(name)
    if clock.blank(value) or name == "currency":
        return None
    if name in AMOUNTS:
        return amounts.amount(name, currency)
    if name in EXACT or name == "value":
        return amounts.exact(name)
    if name in COUNTS:
        return amounts.count(name)
    if name in DATES:
        return _date(value, name, origin)
    if name == "tags":
        return _tags(value)
    found = normalise.text(value)
    if name in KEYS and (found is None or len(found) > LONGEST_KEY):
        raise missing(name, f"{name} is a text or a number of at most {LONGEST_KEY} characters.")
    return found


def _tags(value: Any) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else [value]
    return tuple(tag for tag in map(normalise.text, entries[:MOST_TAGS]) if tag)


def _date(value: Any, name: str, origin: Origin) -> date:
    """A date as written; a time is the date on which it falls in the workspace's zone."""
    if isinstance(value, str) and len(value.strip()) == len("2026-11-24"):
        return clock.read(value, name).date()
    return periods.day(clock.read(value, name, origin.zone), origin.snapshot.zone)


def _settle_spend(found: dict[str, Any]) -> None:
    """`date`, or `from` and `to`: kept as from and to."""
    on = found.pop("date", None)
    if on is not None:
        found["from"] = found["to"] = on
    for name in ("from", "to"):
        if name not in found:
            raise missing(name, "Spend needs its date, or from and to.")
    if found["to"] < found["from"]:
        raise _backwards()
    if found["to"] - found["from"] > LONGEST_SPREAD:
        raise Unfit("bad_time", "to", f"Spend is spread over at most {LONGEST_SPREAD.days:,} days.")
    found["kind"] = found.get("kind", KINDS[0]).lower()
    if found["kind"] not in KINDS:
        raise Unfit("bad_properties", "kind", "The kind of spend is acquisition or retention.")


def _backwards() -> Unfit:
    return Unfit("bad_time", "to", "The period ends before it begins.")
