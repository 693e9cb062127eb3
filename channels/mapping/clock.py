"""When a message happened: the sender's clock, corrected where it is known to be wrong. Not here: reading a time."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from cdp.kernel.normalise import EPOCH, beyond, moment
from channels.mapping.decode import Unfit

THRESHOLD = timedelta(seconds=30)  # a smaller difference is the network's: order within a device stays
STALE = timedelta(hours=24)  # sentAt older than this: the body was replayed, its clock says nothing
FUTURE = timedelta(hours=24)  # a time further ahead than this is set to the receipt

SUSPECT, CORRECTED, AHEAD = "clock_suspect", "clock_corrected", "future_time"


class Settled(NamedTuple):
    """The time that counts, and what was done to it."""

    at: datetime
    marks: tuple[str, ...] = ()


def blank(value: Any) -> bool:
    """null, "" and a text of blanks are no time given."""
    return value is None or (isinstance(value, str) and not value.strip())


def settle(times: tuple[Any, Any, Any], received: datetime, zone: tzinfo = UTC) -> Settled:
    """`times` are timestamp, originalTimestamp and sentAt as sent. Raises Unfit when the time cannot be read."""
    given, original, sent = times
    if blank(given):
        if blank(original):
            return Settled(received)
        field, value, both = "originalTimestamp", original, False
    else:
        field, value, both = "timestamp", given, not blank(original)
    at = moment(value, zone)
    if at is None:
        if beyond(value):
            return Settled(received, (AHEAD,))
        raise bad_time(field)
    marks: tuple[str, ...] = ()
    if not both and sent is not None:
        at, marks = _corrected(at, moment(sent, zone), received)
        if at < EPOCH:
            raise bad_time(field)
    if at - received > FUTURE:
        return Settled(received, (*marks, AHEAD))
    return Settled(at, marks)


def _corrected(at: datetime, sent: datetime | None, received: datetime) -> tuple[datetime, tuple[str, ...]]:
    if sent is None:
        return at, ()
    skew = received - sent
    if skew > STALE:
        return at, (SUSPECT,)
    if abs(skew) < THRESHOLD:
        return at, ()
    try:
        return at + skew, (CORRECTED,)
    except OverflowError:
        return at, (SUSPECT,)


def read(value: Any, field: str, zone: tzinfo = UTC) -> datetime:
    """A time, or Unfit."""
    found = moment(value, zone)
    if found is None:
        raise bad_time(field)
    return found


def bad_time(field: str) -> Unfit:
    """The reject for it."""
    hint = "Send a time from 1970 on: ISO 8601 (2026-11-24T10:00:00Z), or epoch seconds or milliseconds."
    return Unfit("bad_time", field, hint)
