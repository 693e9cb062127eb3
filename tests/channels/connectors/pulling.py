"""For tests of kinds that are pulled: the real way out to a platform's double, a walk over the pages, what is kept.

Not here: the double itself (tests/platform_double.py), when something is pulled (tests of channels/pulls/).
"""

import itertools
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import TracebackType
from typing import Any, NamedTuple

from django.db import connection

from channels import connectors, hooks, sender, snapshot
from channels.connect import connections
from channels.connectors.base import Answer, Connection, Page
from channels.inbox import log
from channels.models import Connector
from kernel.outbound import Client
from tests.channels.connectors.telling import odd_ones
from tests.platform_double import Asked

BEIJING = timezone(timedelta(hours=8))
NOON = datetime(2026, 3, 10, 12, tzinfo=BEIJING)
NOW = NOON.timestamp()


class Way:
    """The way out as a kind sees it. `made`: access tokens that were remembered, with the seconds they last."""

    def __init__(self, now: float = NOW) -> None:
        self.now, self.made = now, dict[str, tuple[str, float]]()
        self._client = Client(seconds=10)

    def __enter__(self) -> "Way":
        return self

    def __exit__(self, *_trouble: TracebackType | object) -> None:
        self._client.__exit__(*_trouble)

    def call(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        found = self._client.call(method, url, query=query, headers=headers, body=body)
        return Answer(*found)

    def remember(self, name: str, make: Callable[[], tuple[str, float]]) -> str:
        if name not in self.made:
            self.made[name] = make()
        return self.made[name][0]


class Asks(NamedTuple):
    """A request that a double was asked, whatever its platform calls things."""

    topic: str
    since: float
    until: float
    page: int


def opened(one: Connector) -> Connection:
    """A connector as its kind sees it."""
    return connections.opened(snapshot.of(connection, one.workspace_id).connectors[one.pk].kept)


def page(one: Connector, way: Way, cursor: Mapping[str, Any] = {}) -> Page:
    """One page."""
    fetch = connectors.KINDS[one.kind].fetch
    assert fetch is not None
    return fetch(opened(one), way, cursor)


def walk(one: Connector, way: Way, cursor: Mapping[str, Any] = {}, most: int = 500) -> list[Page]:
    """All pages of a run; each cursor goes through JSON, as it is kept."""
    found, place = [], dict(cursor)
    for _n in range(most):
        found.append(page(one, way, place))
        place = json.loads(json.dumps(found[-1].cursor))
        if not found[-1].more:
            return found
    raise AssertionError(f"more than {most} pages")


def keeps(one: Connector, *pages: Page) -> None:
    """The pages in the inbox, as a pull keeps them."""
    for each in pages:
        if each.body:
            keeps_body(one, each.body, each.topic)


def keeps_body(one: Connector, body: bytes, topic: str) -> None:
    text, encoded = hooks.as_text(body)
    said = sender.of_hook(sender.Hooked({}, topic, encoded))
    entry = log.Entry(one.workspace_id, datetime.now(UTC), uuid.uuid4(), one.pk, hooks.DOOR, 1, text, said)
    log.append(connection, [entry])


def rows(*several: Any) -> bytes:
    """A page's body."""
    return json.dumps({"rows": list(several)}, ensure_ascii=False).encode()


def odd_rows(row: Any, deepest: int = 3) -> Iterator[bytes]:
    """Pages with one odd field each, and bodies that are no pages."""
    yield from (rows(one) for one in odd_ones(row, deepest))
    yield from (b"", b"<html>busy</html>", b"[]", b"7", b'{"rows":7}', b'{"rows":[7,null,[]]}')


def cut(items: list[Any], number: int, size: int) -> list[Any]:
    """A page of a list; the first is 1."""
    return list(itertools.islice(items, (number - 1) * size, number * size))


def beijing(text: str) -> float:
    """A time as these platforms write it, in epoch seconds."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING).timestamp()


def at(seconds: float) -> str:
    """The other way round."""
    return datetime.fromtimestamp(seconds, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def covers(asked: list[Asks], topic: str, since: float, until: float, longest: float) -> None:
    """The stretches of a feed leave no gap from `since` to `until`, and none is longer than allowed."""
    stretches = sorted({(one.since, one.until) for one in asked if one.topic == topic})
    assert stretches[0][0] <= since
    assert stretches[-1][1] == until
    assert all(end - begin <= longest for begin, end in stretches)
    assert all(after[0] <= before[1] for before, after in itertools.pairwise(stretches))


def signed_forms(asked: list[Asked]) -> list[dict[str, str]]:
    """The forms that were posted."""
    assert all(one.method == "POST" for one in asked)
    assert all(one.headers["content-type"].startswith("application/x-www-form-urlencoded") for one in asked)
    return [one.form for one in asked]
