"""Segments that destinations follow, consent that is asked at sending, and who is forgotten: over the API, whole."""

import json
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import activation, erasure, segmenting
from tests.channels.delivery.sent import log, make, sends, states
from tests.platform_double import said
from tests.shop import Shop, identify, order, track

pytestmark = pytest.mark.usefixtures("mirror_of_postgresql")
RULE = {"all": [{"consent": {"purpose": "marketing", "channel": "sms", "given": True}}, {"has": "phone"}]}


def turn() -> None:
    """What worker threads do beside the line."""
    segmenting.now()
    activation.find(connection)
    sends()


def agrees(user: str, given: bool = True, **more: Any) -> dict[str, Any]:
    return track(f"Consent {'Given' if given else 'Withdrawn'}", user, purpose="Marketing", **more)


def segment(shop: Shop, rule: Any = RULE) -> str:
    answer = shop.api().post("/api/segments/", {"name": "May be sent SMS", "rule": rule}, format="json")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["slug"])


def test_who_enters_a_segment_is_sent_word_once(shop: Shop, platforms: Any) -> None:
    shop.sends(identify("ann", phone="13812345671"), agrees("ann", channel="sms"))
    shop.sends(identify("bo", phone="13812345672"), identify("cy", phone="13812345673"))
    slug = segment(shop)
    segmenting.now()
    with platforms(lambda _asked: said({})) as crm:
        tie = [{"segment": slug, "on": "entered"}]
        make(shop, crm.url, events=None, segments=tie, purpose="marketing", purpose_channel="sms")
        turn()
        assert crm.asked == []  # ann was in it before
        shop.sends(agrees("bo", channel="sms"), agrees("cy"), agrees("cy", False, channel="email"))
        turn()
        turn()
        assert len(crm.asked) == 2
        people = {shop.profile(f"user_id:{name}")["id"] for name in ("bo", "cy")}
        assert {one["profile"] for one in log(shop)} == people
        shop.sends(agrees("bo", False, channel="sms"), agrees("cy", False))
        turn()
        assert shop.get(f"/api/segments/{slug}/")["count"] == 1
        assert len(crm.asked) == 2


def test_consent_that_ends_between_entering_and_sending_counts(shop: Shop, platforms: Any) -> None:
    slug = segment(shop, {"orders": {"gte": 1}})
    with platforms(lambda _asked: said({})) as crm:
        tie = [{"segment": slug, "on": "entered"}]
        make(shop, crm.url, events=None, segments=tie, purpose="marketing", purpose_channel="sms")
        shop.sends(agrees("ann", channel="sms"), order("o1", "5", "ann"))
        segmenting.now()
        activation.find(connection)
        shop.sends(agrees("ann", False))
        sends()
        assert states(shop) == [("refused", "no_consent")]
        assert crm.asked == []


def test_who_was_joined_neither_enters_nor_leaves(shop: Shop, platforms: Any) -> None:
    slug = segment(shop, {"has": "phone"})
    with platforms(lambda _asked: said({})) as crm:
        for on in ("entered", "left"):
            make(shop, crm.url, name=on, events=None, segments=[{"segment": slug, "on": on}])
        shop.sends(
            identify("ann", phone="13812345671"), identify(None, phone="13812345672") | {"anonymousId": "a-1"}
        )
        turn()
        assert len(crm.asked) == 2
        shop.sends(identify("ann") | {"anonymousId": "a-1"})
        turn()
        assert shop.get(f"/api/segments/{slug}/")["count"] == 1
        assert len(crm.asked) == 2


def test_who_is_erased_is_in_no_delivery_and_nothing_of_theirs_goes_out(shop: Shop, platforms: Any) -> None:
    shop.sends(identify("ann", phone="13812345671"), order("o1", "5", "ann"))
    with platforms(lambda _asked: said({})) as crm:
        make(shop, crm.url, events={"names": ["Product Viewed"]}, fields=["phone", "identifier.user_id"])
        shop.sends(track("Product Viewed", "ann"))
        sends()
        assert "13812345671" in json.dumps([one.json for one in crm.asked])
        person = log(shop)[0]["profile"]
        shop.sends(track("Product Viewed", "ann"))  # waits
        body = {"identifier": {"kind": "phone", "value": "13812345671"}, "reason": "asked", "suppress": True}
        assert shop.api().post("/api/erase/", body, format="json").status_code == 202
        erasure.run_all()
        sends()
        assert {(one["profile"], one["state"]) for one in log(shop)} == {(None, "sent"), (None, "refused")}
        assert shop.get("/api/deliveries/", profile=person)["results"] == []
        assert len(crm.asked) == 1
