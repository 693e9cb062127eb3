"""From what an actor did to messages and requests, in time order. Not here: what anybody does."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from demo import outlets
from demo.people import Id, Person
from demo.plan import Outage
from demo.seasons import DAY
from demo.truth import Truth

BATCH = 100  # messages a request at most
BATCHES, RECORDS = "/v1/batch", "/v1/records"
CATCHES_UP = 1_000  # times as fast as it happened a channel tells what it had to keep while it was down
RESENT_EVERY = 150  # one request in so many is sent twice: a client that missed the answer
BARE, SPACED, DASHED = "{1}{2}{3}", "{0} {1} {2} {3}", "{0} {1}-{2}-{3}"
SPELLING = {"tills": BARE, "call-centre": SPACED, "tmall": DASHED, "jd": DASHED}
PLACES = {"user_id": "userId", "anonymous_id": "anonymousId"}
LISTED = ("marketplace_uid", "openid", "unionid")


class Request(NamedTuple):
    """One POST with the write key of a connector."""

    connector: str
    path: str
    body: dict[str, Any]


class Session(NamedTuple):
    """Somebody at a connector: what he shows of himself, and what the client says beside it."""

    connector: str
    person: Person | None
    ids: tuple[Id, ...]
    context: dict[str, Any]


class _Entry(NamedTuple):
    at: int
    number: int
    connector: str
    path: str
    body: dict[str, Any]
    person: int
    ids: tuple[Id, ...]
    reason: str


class Post:
    """Takes messages in any order, gives a day's requests when the day is over. After the end nothing leaves."""

    def __init__(self, tag: str, first: dt.date, end: int, truth: Truth, outage: Outage | None) -> None:
        self._tag, self._first, self._end, self._truth = tag, first, end, truth
        self._dates: dict[int, str] = {}
        self._outage = outage
        self._down, self._again = (outage.first * DAY, (outage.last + 1) * DAY) if outage else (end, end)
        self._days: defaultdict[int, list[_Entry]] = defaultdict(list)
        self._number = self._sent = self._requests = 0

    def time(self, at: int) -> str:
        """ISO 8601 with the offset of China."""
        day, rest = divmod(at, DAY)
        date = self._dates.get(day)
        if date is None:
            date = self._dates[day] = f"{self._first + dt.timedelta(days=day)}T"
        minute, rest = divmod(rest, 60_000)
        return f"{date}{minute // 60:02d}:{minute % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}+08:00"

    def track(self, who: Session, at: int, event: str, properties: dict[str, Any]) -> None:
        """Something happened."""
        at = self._up(who.connector, at)
        body = {"type": "track", "event": event, "properties": properties}
        self._message(who, at, body, properties)

    def page(self, who: Session, at: int, name: str, properties: dict[str, Any]) -> None:
        """A page, or a screen where there are screens."""
        at = self._up(who.connector, at)
        kind = "page" if who.connector == "web" else "screen"
        self._message(who, at, {"type": kind, "name": name, "properties": properties}, properties)

    def identify(self, who: Session, at: int, traits: dict[str, Any]) -> None:
        """What a person says of himself."""
        at = self._up(who.connector, at)
        self._message(who, at, {"type": "identify", "traits": traits}, traits)

    def record(self, connector: str, at: int, body: dict[str, Any]) -> None:
        """Something without a person: a price, a stock level …"""
        at = self._up(connector, at)
        self._put(Session(connector, None, (), {}), at, RECORDS, {"at": self.time(at), **body}, "")

    def bad(self, connector: str, at: int, body: dict[str, Any], reason: str) -> None:
        """A message that is to be refused, for a known reason."""
        at = self._up(connector, at)
        path = RECORDS if "at" in body else BATCHES
        time = {} if "timestamp" in body or "at" in body else {"timestamp": self.time(at)}
        self._put(Session(connector, None, (), {}), at, path, {**time, **body}, reason)

    def _up(self, connector: str, at: int) -> int:
        """When a connector can say what happens at a time: in an outage of its channel, just after it."""
        if not self._down <= at < self._again or not self._outage:
            return at
        if outlets.CHANNEL_OF[connector] != self._outage.channel:
            return at
        return self._again + (at - self._down) // CATCHES_UP

    def _message(self, who: Session, at: int, body: dict[str, Any], fields: dict[str, Any]) -> None:
        body["timestamp"] = self.time(at)
        if who.context:
            body["context"] = who.context
        for kind, namespace, value in who.ids:
            if kind in PLACES:
                body[PLACES[kind]] = value
            elif kind == "device_id":
                body["context"] = {**who.context, "device": {"id": value, "type": "android"}}
            elif kind in LISTED:
                named = {"kind": kind, "value": value}
                body.setdefault("identifiers", []).append(
                    {**named, "namespace": namespace} if namespace else named
                )
            else:
                fields[kind] = spelled(who.connector, kind, value)
        self._put(who, at, BATCHES, body, "")

    def _put(self, who: Session, at: int, path: str, body: dict[str, Any], reason: str) -> None:
        if at > self._end:
            return
        self._number += 1
        person = who.person.number if who.person else -1
        entry = _Entry(at, self._number, who.connector, path, body, person, who.ids, reason)
        self._days[at // DAY].append(entry)

    def close(self, day: int) -> Iterator[Request]:
        """The requests of a day, by connector in the order of time."""
        waiting: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for entry in sorted(self._days.pop(day, ())):
            self._leave(entry)
            key = (entry.connector, entry.path)
            batch = waiting.setdefault(key, [])
            batch.append(entry.body)
            if len(batch) == BATCH:
                yield from self._request(key, waiting.pop(key))
        for key, batch in waiting.items():
            yield from self._request(key, batch)

    def _leave(self, entry: _Entry) -> None:
        """The message gets its id; the truth notes what it proves."""
        self._sent += 1
        entry.body.setdefault("messageId", f"hemu-{self._tag}-{self._sent:07x}")
        if entry.reason:
            self._truth.rejects[entry.reason] += 1
            return
        self._truth.messages[entry.body["type"] if entry.path == BATCHES else "record"] += 1
        who = self._truth.seen(entry.person, entry.ids) if entry.person >= 0 else None
        if entry.path == BATCHES:
            self._truth.ledger.note(entry.at, entry.connector, who, entry.body)
        if entry.body.get("event") == "Order Completed":
            fields = entry.body["properties"]
            self._truth.orders[fields["order_id"]] = str(fields["total"])

    def _request(self, key: tuple[str, str], batch: list[dict[str, Any]]) -> Iterator[Request]:
        connector, path = key
        self._requests += 1
        request = Request(connector, path, {"batch" if path == BATCHES else "records": batch})
        yield request
        if self._requests % RESENT_EVERY == 0:
            yield request


def spelled(connector: str, kind: str, value: str) -> str:
    """A phone or mail address the way this system writes it."""
    if kind == "phone" and connector in SPELLING:
        return SPELLING[connector].format(value[:3], value[3:6], value[6:10], value[10:])
    if kind == "email" and connector == "web" and len(value) % 3 == 0:
        return f" {value.title()}"
    return value
