"""What kinds that are pulled by time have in common: which stretch is asked for next, its pages, what was answered.

A feed (orders, refunds, …) is asked for by the time of modification, stretch after stretch, each no longer than its
platform allows. Platforms commit late: a stretch ends some minutes before now, and one that follows on it begins some
before its end; what comes twice has the same messageId. Within a stretch what is modified again leaves it and moves
the others up, so pages are walked from the last one to the first where the platform says how many there are.
Not here: what is asked of which platform, and how it is signed (the kinds' files), when (channels/pulls/).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import msgspec
from django.utils.translation import gettext

from channels.connectors import payloads, shops
from channels.connectors.base import Answer, Api, Connection, Message, Page, Unusable
from channels.reasons import Rejection
from kernel.errors import Refused
from kernel.outside import Busy, CredentialsRefused, NotJson, Outside, Said

LATE: Final = 300  # seconds that a stretch reaches back before the end of the one before it
SETTLED: Final = 180  # seconds before now at which a stretch ends at the latest
LEAST: Final = 60  # seconds; a shorter stretch is not worth a request
DAY: Final = 86_400
MOST_PAGES: Final = 5_000  # of one stretch
LONGEST_WORDS: Final = 300  # characters of what a platform says of a failure
BEIJING: Final = timezone(timedelta(hours=8))  # whose clock these platforms go by, whatever the shop's zone
NEVER: Final = ("0", "1970-01-01", "1900-")  # how times begin that are none
WRITTEN: Final = "%Y-%m-%d %H:%M:%S"
FORM: Final = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}


class Stretch(NamedTuple):
    """What is asked for: modified from `since` to `until` (epoch seconds), its page (the first is 1)."""

    since: int
    until: int
    page: int


class Found(NamedTuple):
    """What a page brought. `pages`: of the stretch, None where it is not told; `more`: then."""

    rows: Sequence[Mapping[str, Any]]
    pages: int | None = None
    more: bool = False


class Feed(NamedTuple):
    """What is pulled under one topic. `longest`: seconds of one stretch that the platform answers."""

    topic: str
    longest: int
    ask: Callable[[Connection, Api, Stretch], Found]


class _Reading(msgspec.Struct):
    """A stretch on its way. `newest`: the latest moment that could be asked for when it began; `down`: its pages are
    walked towards the first.
    """

    topic: str
    since: int
    until: int
    newest: int
    page: int = 1
    down: bool = False


class _Cursor(msgspec.Struct):
    """By topic: up to when each feed has been asked for, and where its next stretch begins."""

    done: dict[str, int] = {}
    next: dict[str, int] = {}
    reading: _Reading | None = None


def fetch(
    connection: Connection, api: Api, cursor: Mapping[str, Any], feeds: Sequence[Feed], back: int
) -> Page:
    """The next page of the feed that is the farthest behind; without a request where all are up to date.

    `back`: seconds before now at which a feed begins that was never asked for.
    """
    newest = int(api.now) - SETTLED
    place = msgspec.convert(dict(cursor), _Cursor)
    known = {feed.topic: feed for feed in feeds}
    reading = place.reading
    if reading is None or reading.topic not in known:
        reading = _next(place, feeds, newest, back)
    if reading is None:
        return Page(b"", msgspec.to_builtins(_Cursor(place.done, place.next)), rows=0)
    found = known[reading.topic].ask(connection, api, Stretch(reading.since, reading.until, reading.page))
    after = _after(reading, found)
    moved = _Cursor(place.done, place.next, after) if after else _read(place, reading)
    more = after is not None or _next(moved, feeds, newest, back) is not None
    return Page(_body(reading, found), msgspec.to_builtins(moved), more, reading.topic, len(found.rows))


def _next(place: _Cursor, feeds: Sequence[Feed], newest: int, back: int) -> _Reading | None:
    """The stretch to ask for next: of the feed that is the farthest behind."""
    behind = [(place.done.get(feed.topic, newest - back), n, feed) for n, feed in enumerate(feeds)]
    due = [one for one in behind if newest - one[0] >= LEAST]
    if not due:
        return None
    done, _n, feed = min(due, key=lambda one: one[:2])
    since = place.next.get(feed.topic, done)
    return _Reading(feed.topic, since, min(since + feed.longest, newest), newest)


def _read(place: _Cursor, reading: _Reading) -> _Cursor:
    """After a stretch that has been read whole. What its last minutes may still lack is asked for again."""
    done = max(reading.until, place.done.get(reading.topic, 0))
    again = min(done, reading.newest - LATE)
    return _Cursor({**place.done, reading.topic: done}, {**place.next, reading.topic: again})


def _after(reading: _Reading, found: Found) -> _Reading | None:
    """Where a stretch goes on; None: it has been read."""
    if reading.down:
        return _turned(reading, reading.page - 1) if reading.page > 1 else None
    if found.pages is not None:
        return _turned(reading, found.pages, down=True) if found.pages > 1 else None
    return _turned(reading, reading.page + 1) if found.more and found.rows else None


def _turned(reading: _Reading, page: int, *, down: bool = False) -> _Reading:
    if page > MOST_PAGES:
        text = gettext("The stretch of time has %(pages)s pages: at most %(most)s are read.")
        raise Said(text % {"pages": f"{page:,}", "most": f"{MOST_PAGES:,}"})
    return msgspec.structs.replace(reading, page=page, down=down or reading.down)


def _body(reading: _Reading, found: Found) -> bytes:
    """A page as it is kept. Of a stretch that is over it says which: two of them may hold the same row, which lies on
    their border, and are two; the newest ones are the same as long as nothing is new.
    """
    if not found.rows:
        return b""
    over = {"until": reading.until} if reading.until < reading.newest else {}
    return msgspec.json.encode({**over, "rows": found.rows})


# ---- asking -----------------------------------------------------------------------------------------


def post(api: Api, url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """A signed form's answer, a JSON object; Refused with its beginning for anything else."""
    answer = api.call("POST", url, headers=FORM, body=urlencode(form).encode())
    return object_of(answer)


def md5_between(form: Mapping[str, str], secret: str) -> str:
    """How several platforms sign: MD5, in upper hex, of the secret, the parameters sorted by name, the secret."""
    plain = "".join(f"{name}{value}" for name, value in sorted(form.items()) if name != "sign")
    return hashlib.md5(f"{secret}{plain}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def object_of(answer: Answer) -> dict[str, Any]:
    """An answer's JSON object."""
    try:
        return payloads.object_of(answer.body)
    except Rejection:
        raise NotJson(quoted(answer.body[:LONGEST_WORDS].decode("utf-8", "replace"))) from None


def failed(code: Any, *words: Any, busy: bool = False, credentials: bool = False) -> Outside:
    """A failure that the platform tells in an answer of status 200: asked too often, by wrong credentials, or else."""
    said = " ".join(text for one in (code, *words) if (text := quoted(one)))[:LONGEST_WORDS]
    if busy:
        return Busy(said)
    return CredentialsRefused(said) if credentials else Said(said)


def quoted(value: Any) -> str:
    """A platform's words on one line, cut."""
    return " ".join(str(value if value is not None else "").replace("\x00", "").split())[:LONGEST_WORDS]


def rows_of(value: Any, where: str) -> list[dict[str, Any]]:
    """The objects of a list that has to be one; nothing at all is none."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise unlike(where)
    return [one for one in value if isinstance(one, dict)]


def object_at(found: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The object that has to stand there."""
    value = payloads.inside(dict(found), *names)
    if not isinstance(value, dict):
        raise unlike(".".join(names))
    return value


def unlike(where: str) -> Outside:
    """An answer of another form than the platform's documents say."""
    return Said(gettext("The answer has not what it should have at %(where)s.") % {"where": where})


def pages_of(total: Any, size: int) -> int | None:
    """How many pages a number of rows has; None where there is no such number."""
    text = payloads.text_of(total)
    if not (text.isascii() and text.isdigit() and len(text) <= payloads.LONGEST_COUNT):
        return None
    return max(1, -(-int(text) // size))


def needed(connection: Connection, *names: str) -> list[str]:
    """Secrets without which nothing can be asked; Refused names the first that is not set."""
    for name in names:
        if not connection.secrets.get(name):
            text = gettext("The connector has no %(name)s yet: an admin sets it on the connector's page.")
            raise Refused(text % {"name": name})
    return [connection.secrets[name] for name in names]


# ---- reading ----------------------------------------------------------------------------------------


def rows_in(body: bytes) -> list[dict[str, Any]]:
    """The rows of a page as it was kept."""
    return payloads.objects(payloads.object_of(body).get("rows"))


def written(seconds: int) -> str:
    """A moment as these platforms want it: Beijing's clock, whatever the shop's zone."""
    return datetime.fromtimestamp(seconds, BEIJING).strftime(WRITTEN)


def moment(*candidates: Any) -> str | int | None:
    """The first that is a time, with Beijing's offset where it says none; the platforms' zeros are none."""
    for one in candidates:
        found = shops.time(one)
        if type(found) is int:
            if found > 0:
                return found
        elif isinstance(found, str) and not found.strip().startswith(NEVER):
            return _in_beijing(found.strip())
    return None


def _in_beijing(text: str) -> str:
    """A time with its offset; what is written otherwise as it is: whoever reads it says what is wrong."""
    try:
        at = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return text
    return (at if at.tzinfo else at.replace(tzinfo=BEIJING)).isoformat()


def each(
    topic: str, body: bytes, read: Callable[[dict[str, Any]], Iterable[Message]]
) -> Iterator[Message | Unusable]:
    """What each row of a page says. One that cannot be read is a reject by itself, with what it says of itself."""
    for row in rows_in(body):
        try:
            yield from list(read(row))
        except Rejection as why:
            yield Unusable(
                {"type": topic, "messageId": f"unread-{topic}-{shops.mark(row)}", **_kept(row)}, why
            )


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("type", "messageId")}
