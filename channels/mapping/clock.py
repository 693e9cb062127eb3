"""When a message happened: the sender's clock, corrected where it is known to be wrong. Not here: reading a time."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple

from channels.reasons import BAD_TIME, Rejection
from channels.sender import Sender
from kernel.normalise import EPOCH, beyond, moment

THRESHOLD = timedelta(seconds=30)  # a smaller difference is the network's: order within a device stays
STALE = timedelta(hours=24)  # sentAt older than this: the body was replayed, its clock says nothing
FILED = timedelta(minutes=10)  # the same of clients that write sentAt into a file and send that file later
FUTURE = timedelta(hours=24)  # a time further ahead than this is set to the receipt

# By their user agent or library: sentAt is when they closed a file, not when the request left.
FILING = frozenset({"analytics-kotlin", "analytics-swift", "analytics-ios"})

SUSPECT, CORRECTED, AHEAD = "clock_suspect", "clock_corrected", "future_time"


class Settled(NamedTuple):
    """The time that counts, and what was done to it."""

    at: datetime
    marks: tuple[str, ...] = ()


class Sending(NamedTuple):
    """How a request was sent, as far as its sentAt depends on it."""

    again: bool = False  # the same body once more: its sentAt is the first attempt's
    filed: bool = False  # by a client that keeps bodies in files, sentAt in them


ORDINARY = Sending()


def blank(value: Any) -> bool:
    """null, "" and a text of blanks are no time given."""
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


def sending(sender: Sender, context: dict[str, Any]) -> Sending:
    """How a message was sent, by what is kept of its request's headers and by the library its context names."""
    again = sender.retries > 0
    library = context.get("library")
    name = library.get("name") if isinstance(library, dict) else None
    filed = files(sender.agent) or (isinstance(name, str) and files(name))
    return Sending(again, filed) if again or filed else ORDINARY


@lru_cache(maxsize=1_000)
def files(client: str) -> bool:
    """Whether a client keeps bodies in files: by its user agent or the name of its library."""
    return client[:10].lower() == "analytics-" and client.partition("/")[0].strip().lower() in FILING


def settle(
    times: tuple[Any, Any, Any], received: datetime, zone: tzinfo = UTC, sending: Sending = ORDINARY
) -> Settled:
    """`times` are timestamp, originalTimestamp and sentAt as sent. Raises Rejection when the time cannot be read."""
    given, original, sent = times
    original = None if original is None or blank(original) else original
    if blank(given):
        if original is None:
            return Settled(received)
        field, value, both = "originalTimestamp", original, False
    else:
        field, value, both = "timestamp", given, original is not None
    at = moment(value, zone)
    if at is None:
        if beyond(value, zone):
            return Settled(received, (AHEAD,))
        raise Rejection(BAD_TIME, field)
    marks: tuple[str, ...] = ()
    if not both and sent is not None:
        at, marks = _corrected(at, moment(sent, zone), received, sending)
    if at - received > FUTURE:
        return Settled(received, (*marks, AHEAD))
    return Settled(at, marks)


def _corrected(
    at: datetime, sent: datetime | None, received: datetime, sending: Sending
) -> tuple[datetime, tuple[str, ...]]:
    """The time moved by the difference of the two clocks, where sentAt can tell it: it never leads before 1970."""
    if sent is None:
        return at, ()
    skew = received - sent
    if sending.again or skew > (FILED if sending.filed else STALE):
        return at, (SUSPECT,)
    if abs(skew) < THRESHOLD:
        return at, ()
    try:
        moved = at + skew
    except OverflowError:
        return at, (SUSPECT,)
    return (moved, (CORRECTED,)) if moved >= EPOCH else (at, (SUSPECT,))


def read(value: Any, field: str, zone: tzinfo = UTC) -> datetime:
    """A time, or Rejection."""
    found = moment(value, zone)
    if found is None:
        raise Rejection(BAD_TIME, field)
    return found
