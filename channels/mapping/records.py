"""An item of /v1/records -> a cleaned record. Not here: which types and fields (vocabulary.py), what they count as."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

from channels.mapping import clock, meaning
from channels.mapping.cleaning import LARGEST_ITEM
from channels.mapping.meaning import LONGEST_KEY, Amounts
from channels.mapping.origin import Named, Origin
from channels.reasons import (
    BAD_AMOUNT,
    BAD_TIME,
    ENDS_BEFORE_IT_BEGINS,
    MISSING_IN_RECORD,
    NO_KEY,
    NO_RECORD_TYPE,
    PLACEHOLDER,
    RECORD_TOO_LARGE,
    SPEND_WITHOUT_DATE,
    SPREAD_TOO_LONG,
    UNKNOWN_KIND_OF_SPEND,
    UNKNOWN_PERIOD_OF_TARGET,
    UNKNOWN_TYPE,
    ZERO_RATE,
    Rejection,
)
from kernel import periods, values
from kernel.event import Fee, Record
from kernel.vocabulary import FEES, RECORDS, RecordType

EARLIEST = date(1970, 1, 1)
LONGEST_SPREAD = timedelta(days=3_660)  # one record of spend covers at most these days
MOST_TAGS = 100
# What a target is per: of the calendar, so many days (45d), or all its days together.
PERIOD_OF_TARGET = re.compile(r"day|week|month|quarter|year|whole|[1-9]\d{0,3}d")
KINDS = ("acquisition", "retention")  # of spend

AMOUNTS = frozenset(("price", "list_price", "amount"))  # rounded to the minor unit
EXACT = frozenset(("unit_cost", "rate", "value"))  # any number of decimals
LEVELS = frozenset(("quantity",))  # of stock: below 0 where more was sold than there is
COUNTS = frozenset(("clicks", "impressions"))
NUMBERS = AMOUNTS | EXACT | LEVELS | COUNTS
LISTS = frozenset(("tags", FEES))
DATES = frozenset(("date", "from", "to"))
KEYS = frozenset(("sku", "metric", "id", "location", "order_id"))
SIGNED = "payout"  # whose amount lies below 0 where a platform takes something back
# A day of the calendar as people and systems write it: 2026-01-06, 2026/1/6, 2026.1.6, 20260106, 2026年1月6日.
_DAY = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d{2})(\d{2})|年(\d{1,2})月(\d{1,2})日)\Z")


def clean(values: dict[str, Any], raw: bytes, origin: Origin, named: Named) -> Record:
    """A record that is understood. Raises Rejection for one that is not."""
    if len(raw) > LARGEST_ITEM:
        raise Rejection(RECORD_TOO_LARGE, limit=LARGEST_ITEM // 1024)
    row = _type(values.get("type"))
    named_channel = meaning.named_channel(values.get("channel"), origin, "channel")
    channel = named_channel or (None if row.shared else origin.connector.channel)
    for name in row.required:
        if clock.blank(values.get(name)):
            raise Rejection(MISSING_IN_RECORD, name, record=row.type)
    return Record(
        type=row.type,
        id=named.id,
        message_id=named.message_id,
        connector=origin.connector.id,
        channel=channel.id if channel else None,
        request=origin.request,
        position=named.position,
        received_at=origin.received_at,
        at=_moment(values.get("at"), origin),
        fields=_fields(row, values, origin, channel.currency if channel else origin.snapshot.currency),
    )


def _type(value: Any) -> RecordType:
    tidy = value.strip().lower() if isinstance(value, str) else value
    if clock.blank(tidy):
        raise Rejection(NO_RECORD_TYPE, "type", expected=", ".join(RECORDS))
    row = RECORDS.get(tidy) if isinstance(tidy, str) else None
    if row is None:
        raise Rejection(UNKNOWN_TYPE, "type", expected=", ".join(RECORDS))
    return row


def _fields(row: RecordType, values: dict[str, Any], origin: Origin, default: str) -> dict[str, Any]:
    marks: list[str] = []
    amounts = Amounts(values, "", marks)
    names = row.required + row.optional
    currency = amounts.currency(default) if "currency" in names else default
    found: dict[str, Any] = {}
    for name in names:
        value = _field(row, name, amounts, currency, origin)
        if value is not None:
            found[name] = value
    if "currency" in names:
        found["currency"] = currency
    if row.type == "spend":
        _settle_spend(found)
    if row.type == "target":
        _settle_target(found)
    if row.type == "rate" and found["rate"] == 0:
        raise Rejection(ZERO_RATE, "rate")
    return found


def _field(row: RecordType, name: str, amounts: Amounts, currency: str, origin: Origin) -> Any:
    value = amounts.values.get(name)
    if clock.blank(value) or name == "currency":
        return None
    if name in NUMBERS:
        signed = row.type == SIGNED and name in AMOUNTS
        return amounts.signed(name, currency) if signed else _number(name, amounts, currency)
    if name in DATES:
        return _date(value, name, origin)
    if name in LISTS:
        return _tags(value) if name == "tags" else _fees(value, amounts.marks, currency)
    found = values.own_id(value) if name in KEYS else values.text(value)
    if name in KEYS and (found is None or len(found) > LONGEST_KEY):
        raise Rejection(NO_KEY, name, limit=LONGEST_KEY)
    if name == "id":
        return meaning.number(found)  # a placeholder would make one spend of many
    if name == "order_id" and meaning.number(found) is None:
        raise Rejection(PLACEHOLDER, name, event=row.type)
    return found


def _fees(value: Any, marks: list[str], currency: str) -> tuple[Fee, ...]:
    """The fees of a line of a bill; one that cannot be used refuses it, as any number of a record does."""
    said = meaning.entries(value, meaning.OF_A_FEE)
    if not isinstance(value, list | dict) or not all(isinstance(one, dict) for one in said):
        raise Rejection(BAD_AMOUNT, FEES)
    found = []
    for one in said:
        amount = Amounts(one, f"{FEES}.", marks).amount("amount", currency)
        if amount is None:
            raise Rejection(BAD_AMOUNT, f"{FEES}.amount")
        found.append(Fee(values.text(one.get("kind")) or "", amount))
    return tuple(found)


def _number(name: str, amounts: Amounts, currency: str) -> Any:
    """A number. One that cannot be used refuses its record, which has no marks to say that it was left out."""
    if name in AMOUNTS:
        return amounts.amount(name, currency)
    if name in LEVELS:
        return amounts.level(name)
    return amounts.exact(name) if name in EXACT else amounts.count(name)


def _tags(value: Any) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else [value]
    return tuple(tag for tag in map(values.text, entries[:MOST_TAGS]) if tag)


def _date(value: Any, name: str, origin: Origin) -> date:
    """A date of the workspace's zone as written; a time is the date on which it falls there. A number is neither."""
    if not isinstance(value, str):
        raise Rejection(BAD_TIME, name)
    return _day(value, name) or periods.day(clock.read(value, name, origin.zone), origin.snapshot.zone)


def _day(value: str, name: str) -> date | None:
    """The date that a text writes, whatever the zone; None for a text of another form."""
    found = _DAY.match(unicodedata.normalize("NFKC", value).strip())
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups() if part and part.isdigit())
    try:
        written = date(year, month, day)
    except ValueError:
        raise Rejection(BAD_TIME, name) from None
    if written < EARLIEST:
        raise Rejection(BAD_TIME, name)
    return written


def _moment(value: Any, origin: Origin) -> datetime:
    """From when on a record holds: from its receipt, or from the beginning of a date in the workspace's zone."""
    if clock.blank(value):
        return origin.received_at
    day = _day(value, "at") if isinstance(value, str) else None
    if day is None:
        return clock.read(value, "at", origin.zone)
    return periods.begins(day, origin.snapshot.zone)


def _settle_spend(found: dict[str, Any]) -> None:
    """`date`, or `from` and `to`: kept as from and to."""
    on = found.pop("date", None)
    if on is not None:
        found["from"] = found["to"] = on
    for name in ("from", "to"):
        if name not in found:
            raise Rejection(SPEND_WITHOUT_DATE, name)
    if found["to"] < found["from"]:
        raise Rejection(ENDS_BEFORE_IT_BEGINS, "to")
    if found["to"] - found["from"] > LONGEST_SPREAD:
        raise Rejection(SPREAD_TOO_LONG, "to", limit=LONGEST_SPREAD.days)
    found["kind"] = found.get("kind", KINDS[0]).lower()
    if found["kind"] not in KINDS:
        raise Rejection(UNKNOWN_KIND_OF_SPEND, "kind")


def _settle_target(found: dict[str, Any]) -> None:
    """Its days are in order, its period is one there is."""
    if "to" in found and found["to"] < found["from"]:
        raise Rejection(ENDS_BEFORE_IT_BEGINS, "to")
    if "period" not in found:
        return
    found["period"] = found["period"].strip().lower()
    whole = found["period"] == "whole"
    if not PERIOD_OF_TARGET.fullmatch(found["period"]) or (whole and "to" not in found):
        raise Rejection(UNKNOWN_PERIOD_OF_TARGET, "period")
