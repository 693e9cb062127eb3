"""From what an actor did to messages and requests, in time order. Not here: what anybody does."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from demo.people import Id, Person
from demo.seasons import DAY
from demo.truth import Truth

BATCH = 100  # messages a request at most
BATCHES, RECORDS = "/v1/batch", "/v1/records"
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

    def __init__(self, tag: str, first: dt.date, end: int, truth: Truth) -> None:
        self._tag, self._first, self._end, self._truth = tag, first, end, truth
        self._days: defaultdict[int, list[_Entry]] = defaultdict(list)
        self._number = self._sent = self._requests = 0

    def time(self, at: int) -> str:
        """ISO 8601 with the offset of China."""
        day, rest = divmod(at, DAY)
        seconds, thousandths = divmod(rest, 1000)
        minutes, second = divmod(seconds, 60)
        date = self._first + dt.timedelta(days=day)
        return f"{date}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{thousandths:03d}+08:00"

    def track(self, who: Session, at: int, event: str, properties: dict[str, Any]) -> None:
        """Something happened."""
        body = {"type": "track", "event": event, "properties": properties}
        self._message(who, at, body, properties)

    def page(self, who: Session, at: int, name: str, properties: dict[str, Any]) -> None:
        """A page, or a screen where there are screens."""
        kind = "page" if who.connector == "web" else "screen"
        self._message(who, at, {"type": kind, "name": name, "properties": properties}, properties)

    def identify(self, who: Session, at: int, traits: dict[str, Any]) -> None:
        """What a person says of himself."""
        self._message(who, at, {"type": "identify", "traits": traits}, traits)

    def record(self, connector: str, at: int, body: dict[str, Any]) -> None:
        """Something without a person: a price, a stock level …"""
        self._put(Session(connector, None, (), {}), at, RECORDS, {"at": self.time(at), **body}, "")

    def bad(self, connector: str, at: int, body: dict[str, Any], reason: str) -> None:
        """A message that is to be refused, for a known reason."""
        path = RECORDS if "at" in body else BATCHES
        time = {} if "timestamp" in body or "at" in body else {"timestamp": self.time(at)}
        self._put(Session(connector, None, (), {}), at, path, {**time, **body}, reason)

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
        if entry.person >= 0:
            self._truth.seen(entry.person, entry.ids)
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
