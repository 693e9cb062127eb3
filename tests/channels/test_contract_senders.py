"""What the headers of a request decide, from outside: a sentAt that was written long before, a crawler."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from channels.inbox import rejects
from kernel.db import rows
from tests.channels.outside import Outside, iso, moment, seen
from tests.shop import order

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


def kept(out: Outside) -> list[Any]:
    found = rows(
        connection,
        "select sender from channels_inbox where workspace_id = %(w)s order by received_at",
        w=out.shop.workspace.pk,
    )
    return [sender for (sender,) in found]


def stored(out: Outside) -> dict[str, tuple[datetime, tuple[str, ...]]]:
    return {one["message_id"]: (moment(one["occurred_at"]), tuple(one["marks"])) for one in out.events()}


SUSPECT = ("clock_suspect",)
CORRECTED = ("clock_corrected",)


@pytest.mark.parametrize(
    ("headers", "age", "marks"),
    [
        ({"user_agent": "analytics-kotlin/1.16.3"}, 3 * HOUR, SUSPECT),
        ({"user_agent": "analytics-kotlin/1.16.3"}, 5 * MINUTE, CORRECTED),
        ({"user_agent": "analytics-swift/1.7.0"}, 11 * MINUTE, SUSPECT),
        ({"user_agent": "analytics-ios/4.1.8"}, 11 * MINUTE, SUSPECT),
        ({"user_agent": "analytics-python/2.4.0"}, 3 * HOUR, CORRECTED),
        ({"user_agent": "analytics-python/2.4.0", "x_retry_count": "0"}, 3 * HOUR, CORRECTED),
        ({"user_agent": "analytics-python/2.4.0", "x_retry_count": "1"}, 3 * HOUR, SUSPECT),
        ({"X_Retry_Count": "7"}, 2 * MINUTE, SUSPECT),
        ({}, 3 * HOUR, CORRECTED),
    ],
)
def test_an_event_of_a_file_that_is_sent_late_keeps_its_time(
    out: Outside, headers: dict[str, str], age: timedelta, marks: tuple[str, ...]
) -> None:
    now = datetime.now(UTC)
    item = seen(messageId="m1", originalTimestamp=iso(now - 5 * HOUR))
    reply = out.sends("/v1/batch", {"batch": [item], "sentAt": iso(now - age)}, **headers)
    assert reply.status == 200
    at, marked = stored(out)["m1"]
    wanted = now - 5 * HOUR + (age if marks == CORRECTED else timedelta())
    assert marked == marks
    assert abs(at - wanted) < timedelta(seconds=20)
    before = out.events()
    rebuild.everything()
    assert out.events() == before


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t", "/v1/batch", "/beacon/v1/batch", "/v1/import"])
def test_every_door_keeps_what_headers_say(out: Outside, path: str) -> None:
    now = datetime.now(UTC)
    item = seen(messageId="m1", timestamp=iso(now - 5 * HOUR), sentAt=iso(now - 2 * HOUR))
    value = {"batch": [item]} if path.endswith(("batch", "import")) else item
    out.sends(path, value, x_retry_count="1")
    assert (kept(out), stored(out)["m1"][1]) == (['{"retries":1}'], SUSPECT)


def test_nothing_is_kept_of_an_ordinary_sender(out: Outside) -> None:
    out.sends("/v1/track", seen(), user_agent=CHROME, x_retry_count="0")
    out.sends("/v1/batch", {"batch": [seen()]}, user_agent="analytics-node/6.2.0")
    assert kept(out) == [None, None]


def test_large_requests_keep_it_too(out: Outside) -> None:
    """They take another way into the inbox."""
    items = [seen(messageId=f"m{n}", properties={"text": "x" * 2_000}) for n in range(100)]
    out.sends("/v1/batch", {"batch": items}, x_retry_count="2", user_agent=f"{GOOGLEBOT} \t\\N \\ end")
    assert kept(out) == ['{"retries":2,"agent":"' + GOOGLEBOT + ' \\t\\\\N \\\\ end"}']
    assert {marks for _at, marks in stored(out).values()} == {("bot",)}


def test_a_crawler_is_known_by_its_requests_user_agent_where_its_message_names_none(out: Outside) -> None:
    out.sends("/v1/track", seen(messageId="plain", timestamp="2026-03-05T10:00:00Z"), user_agent=GOOGLEBOT)
    out.sends(
        "/v1/track",
        seen(messageId="named", timestamp="2026-03-05T10:00:00Z", userId="u2", context={"userAgent": CHROME}),
        user_agent=GOOGLEBOT,
    )
    out.sends("/v1/track", seen(messageId="program", userId="u3"), user_agent="python-requests/2.32.3")
    assert {name: marks for name, (_at, marks) in stored(out).items()} == {
        "plain": ("bot",),
        "named": (),
        "program": (),
    }
    assert out.value("active_customers") == 1


def test_a_reject_that_is_replayed_keeps_time_and_sender(out: Outside) -> None:
    now = datetime.now(UTC)
    bad = order("o1", "much", "u1", at=now - 5 * HOUR) | {"messageId": "m1"}
    out.sends(
        "/v1/batch", {"batch": [bad], "sentAt": iso(now - 3 * HOUR)}, x_retry_count="1", user_agent=GOOGLEBOT
    )
    [reject] = out.rejects()
    assert reject["reason"] == "bad_amount"
    mended = order("o1", 10, "u1", at=now - 5 * HOUR) | {"messageId": "m1"}
    done = rejects.mend(connection, out.shop.workspace.pk, reject["id"], json.dumps(mended), "lin")
    assert done["replayed"] == 1
    out.shop.drains()
    at, marks = stored(out)["m1"]
    assert abs(at - (now - 5 * HOUR)) < timedelta(seconds=1)
    assert marks == ("bot",)
