"""Who is sent nothing: without consent, too often, at night, held out; and what is sent of segments."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from channels.delivery import rules
from kernel.db import run
from tests.channels.delivery.sent import EVENT, Segments, again, change, log, make, only, sends, states
from tests.platform_double import said
from tests.shop import Shop, identify, order, track


def said_of_sms(given: bool, user: str, **more: Any) -> dict[str, Any]:
    """A word on being sent marketing."""
    return track(f"Consent {'Given' if given else 'Withdrawn'}", user, purpose="marketing", **more)


def test_nobody_is_sent_anything_with_a_purpose_before_they_agreed(shop: Shop, platforms: Any) -> None:
    with platforms() as crm:
        make(shop, crm.url, purpose="marketing", purpose_channel="sms")
        shop.sends(track(EVENT, "u1"))
        sends()
        refused = only(shop)
        assert (refused["state"], refused["reason"]) == ("refused", "no_consent")
        assert refused["message"]
        assert crm.asked == []


def test_consent_is_asked_when_it_is_sent_of_whom_they_are_then(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({})) as crm:
        asked = {"names": [EVENT, "Order Completed"]}
        make(shop, crm.url, events=asked, purpose="marketing", purpose_channel="sms")
        shop.sends(said_of_sms(True, "u1", channel="sms"), said_of_sms(True, "u2", channel="email"))
        shop.sends(said_of_sms(True, "u3"))  # on all channels
        shop.sends(track(EVENT, "u1"), track(EVENT, "u2"), track(EVENT, "u3"), order("o1", "5"))
        sends()
        found = sorted(states(shop))
        assert found == [("refused", "no_consent"), ("refused", "nobody"), ("sent", ""), ("sent", "")]
        assert len(crm.asked) == 2
        shop.sends(track(EVENT, "u1"))
        shop.sends(said_of_sms(False, "u1"))  # noted before, taken back before it goes out
        sends()
        assert log(shop)[0]["reason"] == "no_consent", "withdrawn"


def test_a_person_is_sent_no_more_than_the_cap_whoever_they_were(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({})) as crm:
        make(shop, crm.url, cap={"count": 2, "hours": 24})
        shop.sends(*(track(EVENT, "u1") for _ in range(3)), track(EVENT, "u2"), track(EVENT, anonymous="a-1"))
        sends()
        assert sorted(states(shop)) == [("refused", "capped")] + [("sent", "")] * 4
        shop.sends(identify("u2") | {"anonymousId": "a-1"}, track(EVENT, "u2"))
        sends()
        assert log(shop)[0]["reason"] == "capped", "both were one person"
        run(connection, "update channels_delivery set ended_at = ended_at - interval '25 hours'")
        shop.sends(track(EVENT, "u1"))
        sends()
        assert log(shop)[0]["state"] == "sent"
        assert len(crm.asked) == 5


def test_at_rest_it_waits_for_the_end_or_is_refused(shop: Shop, platforms: Any) -> None:
    here = datetime.now(ZoneInfo("Asia/Shanghai"))
    quiet = {
        "from": (here - timedelta(hours=1)).strftime("%H:%M"),
        "to": (here + timedelta(hours=1)).strftime("%H:%M"),
    }
    with platforms(lambda _asked: said({})) as crm:
        one = make(shop, crm.url, quiet=quiet)
        shop.sends(track(EVENT, "u1"))
        sends()
        waits = only(shop)
        assert (waits["state"], waits["reason"], waits["tries"]) == ("waiting", "quiet", 0)
        left = datetime.fromisoformat(waits["next_try"]) - datetime.now(UTC)
        assert timedelta(minutes=58) < left <= timedelta(minutes=61)
        assert change(shop, one, quiet=quiet | {"then": "refuse"})["quiet"]["then"] == "refuse"
        again()
        sends()
        assert only(shop)["state"] == "refused"
        change(shop, one, quiet=None)
        shop.sends(track(EVENT, "u1"))
        sends()
        assert log(shop)[0]["state"] == "sent"


CLOCK = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31))  # noqa: DTZ001 (a clock on a wall)


@given(st.times(), st.times(), CLOCK)
def test_hours_of_rest_are_those_a_plain_clock_shows(begin: Any, end: Any, at: datetime) -> None:
    begin, end = begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    if begin == end:
        return
    zone = ZoneInfo("Asia/Shanghai")
    now = at.replace(tzinfo=zone)
    minute, inside = begin, False  # minute by minute through the hours of rest
    while minute != end:
        inside = inside or (minute.hour, minute.minute) == (at.hour, at.minute)
        minute = (datetime.combine(at.date(), minute) + timedelta(minutes=1)).time()
    found = rules.rests({"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"}, now, zone)
    assert (found is not None) == inside
    if found is not None:
        assert found.time() == end
        assert timedelta() < found - now <= timedelta(days=1)


def test_who_is_held_out_is_always_the_same_and_as_many_as_were_asked_for() -> None:
    destination, people = uuid.uuid4(), [uuid.uuid4() for _ in range(4_000)]
    held = {one for one in people if rules.held_out(destination, one, Decimal("0.2"))}
    assert 680 < len(held) < 920  # five deviations to each side
    assert held == {one for one in people if rules.held_out(destination, one, Decimal("0.2"))}
    assert held < {one for one in people if rules.held_out(destination, one, Decimal("0.5"))}
    other = {one for one in people if rules.held_out(uuid.uuid4(), one, Decimal("0.2"))}
    assert len(held & other) < 260, "another destination holds out others"
    assert not any(rules.held_out(destination, one, Decimal(0)) for one in people)
    assert all(rules.held_out(destination, one, Decimal(1)) for one in people)


def test_who_is_held_out_stands_in_the_log_and_is_not_replayed(shop: Shop, platforms: Any) -> None:
    with platforms() as crm:
        one = make(shop, crm.url, holdout="1")
        shop.sends(track(EVENT, "u1"))
        sends()
        held = only(shop, state="held")
        assert held["reason"] == "held_out"
        assert shop.api().post(f"/api/deliveries/{held['id']}/retry/").status_code == 409
        answer = shop.api().post(
            "/api/deliveries/replay/", {"destination": one["id"], "state": "held"}, format="json"
        )
        assert answer.status_code == 400
        assert crm.asked == []


# ---- segments -------------------------------------------------------------------------------------


@pytest.fixture
def segments() -> Segments:
    return Segments()


def test_who_enters_and_who_leaves_a_segment_is_told_once(
    shop: Shop, platforms: Any, segments: Segments
) -> None:
    with platforms(lambda _asked: said({})) as crm:
        shop.sends(identify("u1", city="Hangzhou"), identify("u2"))
        u1, u2 = (shop.profile(f"user_id:{u}")["id"] for u in ("u1", "u2"))
        segments.add("tea", u2, at=datetime.now(UTC) - timedelta(days=1))
        make(
            shop,
            crm.url,
            name="In",
            events=None,
            segments=[{"segment": "tea"}],
            fields=["trait.city", "change"],
        )
        make(shop, crm.url, name="Out", events=None, segments=[{"segment": "tea", "on": "left"}])
        everything = make(shop, crm.url, name="All", events=None, segments=[{"segment": "tea", "on": "all"}])
        segments.add("tea", u1)
        segments.add("coffee", u1)
        segments.add("tea", u2, entered=False)
        assert segments.found() == 5
        assert segments.found() == 0
        assert sends() == 5
        told = sorted((one.json["type"], one.json["profile"]) for one in crm.asked)
        entered, left = "segment.entered", "segment.left"
        assert told == sorted([(entered, u1), (left, u2), (entered, u2), (entered, u1), (left, u2)])
        whole = [one.json for one in crm.asked if one.json["fields"]]
        assert [one["fields"] for one in whole] == [{"trait.city": "Hangzhou", "change": "entered"}]
        change(
            shop, everything, segments=[{"segment": "tea", "on": "all"}, {"segment": "coffee", "on": "all"}]
        )
        assert segments.found() == 1, "what is new among them; the rest was told"


def test_changes_and_their_place_are_kept_together(shop: Shop, platforms: Any, segments: Segments) -> None:
    with platforms(lambda _asked: said({})):
        shop.sends(*(identify(f"u{n}") for n in range(8)))
        make(shop, "http://127.0.0.1:9/", events=None, segments=[{"segment": "tea"}])
        for n in range(8):
            segments.add("tea", shop.profile(f"user_id:u{n}")["id"])
        assert segments.found() == 8, "in several parts"
        run(connection, "update channels_destination set changes_read = 2")
        assert segments.found() == 0, "read again, noted once"
