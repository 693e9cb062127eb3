"""Reading a person's newest events looks at no more days than it must, and misses none: judged by reading them all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from kernel.db import rows
from kernel.periods import utc_text
from profiles import queries, timeline
from tests.shop import Shop, identify, track

# Around midnight in UTC, in Shanghai (16:00 UTC) and in Honolulu (10:00 UTC), and a gap of months.
HOURS = (0, 1, 9, 10, 11, 15, 16, 17, 23)
DAYS = (0, 1, 2, 3, 40, 41, 200)
START = datetime(2025, 11, 28, tzinfo=UTC)


def times() -> list[datetime]:
    """Of the contacts, oldest first."""
    return [START + timedelta(days=day, hours=hour, minutes=hour) for day in DAYS for hour in HOURS]


@pytest.fixture(params=["Asia/Shanghai", "UTC", "Pacific/Honolulu", "Pacific/Kiritimati"])
def person(db: None, request: Any) -> tuple[Shop, int]:
    """A workspace of a zone, and the serial of one who came on all these days; beside contacts he said who he is."""
    shop = Shop(zone=request.param)
    messages = [track(f"Looked {n % 3}", "u1", at, message_id=f"m{n}") for n, at in enumerate(times())] + [
        identify("u1", at + timedelta(minutes=1), city="汇") for at in times()[::2]
    ]
    shop.sends(*messages)
    [(key,)] = rows(connection, "select key from profiles_summary")
    serial, _public = queries.resolve(connection, shop.workspace.pk, key)
    return shop, serial


def test_the_newest_contacts_of_any_number_before_any_time(person: tuple[Shop, int]) -> None:
    shop, serial = person
    came = times()
    for before in (None, came[0], came[4], came[13], came[30] + timedelta(seconds=1), came[-9], came[-1]):
        expected = [at for at in came if before is None or at < before]
        for limit in (1, 2, 9, 10, 30, 1000):
            found = timeline.touches(connection, shop.workspace, serial, before, limit)
            assert [one["at"] for one in found] == [utc_text(at) for at in expected[-limit:]]


def test_before_all_time_there_is_nothing(person: tuple[Shop, int]) -> None:
    shop, serial = person
    assert timeline.touches(connection, shop.workspace, serial, datetime(1, 1, 1, tzinfo=UTC)) == []


def test_kinds_are_counted_among_the_newest(
    person: tuple[Shop, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, serial = person
    for limit in (1, 7, 20, 1000):
        monkeypatch.setattr(timeline, "LOOKED_AT", limit)
        assert sum(one.n for one in timeline.met(connection, shop.workspace, serial)) == min(
            limit, len(times()) + len(times()[::2])
        )


def test_the_first_page_is_the_newest_of_all(person: tuple[Shop, int]) -> None:
    shop, _serial = person
    [(key,)] = rows(connection, "select key from profiles_summary")
    every = sorted([*times(), *(at + timedelta(minutes=1) for at in times()[::2])], reverse=True)
    for limit in (1, 5, 13, 25):
        page = timeline.timeline(connection, shop.workspace, key, {}, False, None, limit)
        assert [one["occurred_at"] for one in page.items] == [utc_text(at) for at in every[:limit]]
        assert page.next
