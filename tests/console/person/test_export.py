"""All that is held of a person: one document, whole, for admins alone, and noted."""

import json
from decimal import Decimal

import pytest

from kernel.models import Audit
from tests.shop import Shop, identify, later, order, track


@pytest.fixture
def shop(db):
    return Shop()


def export(shop, key, role="admin"):
    answer = shop.api(role).get(f"/api/profiles/{key}/export/")
    assert answer.status_code == 200, answer.content
    assert answer.streaming
    return json.loads(b"".join(answer.streaming_content))


def test_everything_held_of_a_person_and_nothing_of_another(shop):
    lamp = [{"sku": "LAMP", "price": "10.50", "quantity": 1}]
    shop.sends(
        identify("ann", later(hours=1), name="Ann", phone="138 1234 5021"),
        identify("ann", later(hours=2), name="Ann Li", city="Hangzhou"),
        identify("bob", later(hours=2), name="Bob Wu", email="bob@example.com"),
        order("o-1", "10.50", "ann", later(hours=3), products=lamp, message_id="buy"),
        track("Order Refunded", "ann", later(hours=4), order_id="o-1", total="2.25", refund_id="r"),
        track("Payment Succeeded", "ann", later(hours=3), order_id="o-1", amount="10.50"),
        track("Ticket Opened", "ann", later(hours=5), ticket_id="t-1", topic="late"),
        track("Feedback Given", "ann", later(hours=6), score=4, text="fine"),
        track("Membership Joined", "ann", later(hours=6), member_no="M1", tier="gold"),
        track("Balance Changed", "ann", later(hours=6), member_no="M1", amount="99.90"),
        track("Consent Given", "ann", later(hours=7), purpose="marketing", proof="form"),
    )
    shop.sends(
        order("o-2", "nonsense", "ann", later(hours=8), message_id="bad"),
        track(
            "Order Completed",
            buyer={"mobile": "138-1234-5021"},
            message_id="no-total",
        ),
        order("o-3", "nonsense", "bob", later(hours=8)),
    )
    key = shop.profile("user_id:ann")["id"]
    said = export(shop, key)
    assert said["complete"] is True
    assert said["id"] == key
    assert {(one["kind"], one["value"]) for one in said["identifiers"]} == {
        ("user_id", "ann"),
        ("phone", "+8613812345021"),
        ("member_no", "M1"),
    }
    assert [one["value"] for one in said["traits"]["name"]] == ["Ann Li", "Ann"]
    (bought,) = said["orders"]
    assert (bought["total"], bought["refunded"], bought["channel"]) == ("10.50", "2.25", "web-shop")
    assert [one["sku"] for one in bought["lines"]] == ["LAMP"]
    assert len(bought["refunds"]) == len(bought["payments"]) == 1
    assert [one["topic"] for one in said["tickets"]] == ["late"]
    assert [one["text"] for one in said["answers"]] == ["fine"]
    assert [one["tier"] for one in said["memberships"]] == ["gold"]
    assert [Decimal(one["amount"]) for one in said["accounts"]] == [Decimal("99.9")]
    assert [Decimal(one["amount"]) for one in said["payments"]] == [Decimal("10.5")]
    assert [one["purpose"] for one in said["consent"]["now"]] == ["marketing"]
    assert len(said["events"]) == 10
    (buy,) = (one for one in said["events"] if one["message_id"] == "buy")
    assert json.loads(buy["received"])["properties"]["products"] == lamp
    assert {one["message_id"] for one in said["rejects"]} == {"bad", "no-total"}
    whole = json.dumps(said)
    assert "bob" not in whole.lower()
    assert "sighting_id" not in whole
    (noted,) = Audit.objects.filter(action="profile.export")
    assert noted.target == key


def test_merges_and_splits_stand_in_it(shop):
    shop.sends(track("Seen", "ann", later(hours=1)), track("Seen", "bob", later(hours=1)))
    ann, bob = (shop.profile(f"user_id:{name}")["id"] for name in ("ann", "bob"))
    shop.api().post(f"/api/profiles/{ann}/merge/", {"other": bob, "reason": "same till"}, format="json")
    said = export(shop, ann)
    assert [(one["what"], one["reason"]) for one in said["decisions"]] == [("merge", "same till")]
    assert len(said["events"]) == 2
    assert said["joins"]


def test_many_events_are_streamed(shop):
    shop.sends(*(track("Seen", "ann", later(minutes=n)) for n in range(450)))
    answer = shop.api().get(f"/api/profiles/{shop.profile('user_id:ann')['id']}/export/")
    pieces = list(answer.streaming_content)
    assert len(pieces) > 450
    said = json.loads(b"".join(pieces))
    assert [one["occurred_at"] for one in said["events"]] == sorted(
        one["occurred_at"] for one in said["events"]
    )
    assert len(said["events"]) == 450
    assert all(json.loads(one["received"])["event"] == "Seen" for one in said["events"])


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_only_admins_may(shop, role):
    shop.sends(track("Seen", "ann", later(hours=1)))
    key = shop.profile("user_id:ann")["id"]
    assert shop.api(role).get(f"/api/profiles/{key}/export/").status_code == 403
    assert shop.api().get("/api/profiles/nobody/export/").status_code == 404
    assert not Audit.objects.filter(action="profile.export").exists()
