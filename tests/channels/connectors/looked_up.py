"""For tests of kinds whose notices are thin: a platform's API that answers by a table, and what its answers become.

What is kept of an answer is put into the inbox as the background puts it there. Not here: the background itself.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.db import connection

from channels import connectors, hooks, sender, snapshot
from channels.connect import connections
from channels.connectors.base import Answer, Connection, Delivery, Message, Page, Unusable, Wanted
from channels.inbox import log
from channels.models import Connector
from kernel.db import rows
from tests.shop import Shop

NOW = 1_772_600_000.0
Answers = Mapping[str, Any]  # by path: a value, bytes, or a function of what was asked


class Asked(NamedTuple):
    """A question, as it went out."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Platform:
    """An Api that answers by a table and keeps what it was asked. Tokens are kept for as long as they say."""

    def __init__(self, answers: Answers, now: float = NOW) -> None:
        self.answers, self.now, self.asked = dict(answers), now, list[Asked]()
        self.kept: dict[str, tuple[str, float]] = {}

    def call(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        there = urlsplit(url)
        asked = Asked(method, there.path, dict(query or {}), dict(headers or {}), body)
        self.asked.append(asked)
        found = self.answers[there.path]
        said = found(asked) if callable(found) else found
        raw = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
        return Answer(200, {"content-type": "application/json"}, raw)

    def remember(self, name: str, make: Callable[[], tuple[str, float]]) -> str:
        value, until = self.kept.get(name, ("", 0.0))
        if until <= self.now:
            value, seconds = make()
            self.kept[name] = (value, self.now + seconds)
        return value

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


def opened(one: Connector) -> Connection:
    """A connector as its kind sees it."""
    return connections.opened(snapshot.of(connection, one.workspace_id).connectors[one.pk].kept)


def said(one: Connector, body: bytes, query: str = "") -> list[Message | Unusable | Wanted]:
    """What a kind makes of a delivery, what is wanted too."""
    read = connectors.KINDS[one.kind].messages
    assert read is not None
    return list(read(opened(one), Delivery("POST", {}, query, body), datetime.now(UTC)))


def wanted(one: Connector, body: bytes, query: str = "") -> list[Wanted]:
    """What a delivery only names."""
    return [found for found in said(one, body, query) if isinstance(found, Wanted)]


def looks_up(one: Connector, api: Platform, params: Mapping[str, Any]) -> Page:
    """What a kind's API says of it."""
    look_up = connectors.KINDS[one.kind].look_up
    assert look_up is not None
    return look_up(opened(one), api, params)


def keeps(one: Connector, page: Page) -> None:
    """A page in the inbox."""
    text, encoded = hooks.as_text(page.body)
    entry = log.Entry(
        workspace=one.workspace_id,
        received_at=rows(connection, "select clock_timestamp()")[0][0],
        request=uuid.uuid4(),
        connector=one.pk,
        door=hooks.DOOR,
        n=1,
        body=text,
        sender=sender.of_hook(sender.Hooked({}, page.topic, encoded)),
    )
    log.append(connection, [entry])


def follows(shop: Shop, one: Connector, api: Platform, bodies: Iterable[bytes], query: str = "") -> None:
    """Each delivery is read, what it names looked up once, and what that brought read too."""
    seen = set[str]()
    for body in bodies:
        waiting = wanted(one, body, query)
        while waiting:
            asked = waiting.pop(0)
            if asked.id in seen:
                continue
            seen.add(asked.id)
            page = looks_up(one, api, asked.params)
            keeps(one, page)
            waiting += wanted(one, page.body, page.topic)
        shop.drains()
