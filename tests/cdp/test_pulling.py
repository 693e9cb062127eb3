"""The real worker asks platforms by itself, beside the line: nobody wakes it, and a slow platform holds up no event."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from kernel.db import rows
from tests.channels.pulls.pulling import rest, track
from tests.live import Line, empty, eventually
from tests.platform_double import Asked, Said, platform, said
from tests.shop import Shop

ANSWER_SECONDS = 6.0  # the platform's; an event of others is there long before


@pytest.fixture
def line(transactional_db: None, servers: Any, redis: Any, tmp_path: Path) -> Iterator[Line]:
    empty()
    line = Line(servers.environment(HUILIU_ALLOW_ADDRESSES="127.0.0.1"), tmp_path)
    yield line
    line.stop()


def names() -> list[str]:
    return [name for (name,) in rows(connection, "select name from profiles_event order by name")]


def test_the_worker_fetches_what_is_due_while_events_of_others_go_through(line: Line) -> None:
    asked_for = threading.Event()

    def answers(asked: Asked) -> Said:
        found = said({"items": [track("Fetched")] if asked.query["page"] == "1" else []})
        if asked.query["page"] == "1":
            asked_for.set()
            return found._replace(then=lambda: time.sleep(ANSWER_SECONDS))
        return found

    shop = Shop()
    with platform(answers) as api:
        one = rest(shop, api, paging="page")
        assert asked_for.wait(30), line.told()
        began = time.monotonic()
        body = {"type": "track", "event": "Sent", "userId": "u2", "messageId": "m1"}
        assert line.post("/v1/track", body, shop.key)[0] == 200
        eventually(lambda: names() == ["Sent"], ANSWER_SECONDS)
        assert time.monotonic() - began < ANSWER_SECONDS
        eventually(lambda: names() == ["Fetched", "Sent"])
        found = "select tries, succeeded_at is not null from channels_pull where connector_id = %(c)s"
        eventually(lambda: rows(connection, found, c=one.pk) == [(0, True)])
