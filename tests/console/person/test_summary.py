"""The summary that a shop asks for by an identifier: what it says, who may ask, what it costs."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from cdp import api_urls
from kernel.models import Audit, Member
from kernel.web import access
from tests.shop import Shop, identify, later, order, track


@pytest.fixture
def shop(db):
    return Shop()


def scoped(shop, role="analyst"):
    """A client with a token that reads summaries alone."""
    user, _ = User.objects.get_or_create(username=f"desk-{shop.workspace.slug}")
    Member.objects.get_or_create(workspace=shop.workspace, user=user, defaults={"role": role})
    client = APIClient()
    client.credentials(
        HTTP_AUTHORIZATION=f"Token {access.make_token(shop.workspace, user, role, access.SUMMARY)}"
    )
    return client


def known(shop):
    shop.sends(
        identify("ann", later(hours=1), name="Ann Li", phone="138 1234 5021", city="Hangzhou"),
        order("o-1", "10.50", "ann", later(hours=2)),
        track("Consent Given", "ann", later(hours=3), purpose="marketing", channel="sms"),
        track("Ticket Opened", "ann", later(hours=4), ticket_id="t-1", topic="late parcel"),
        track("Ticket Opened", "ann", later(hours=4), ticket_id="t-2"),
        track("Ticket Resolved", "ann", later(hours=5), ticket_id="t-2"),
    )
    shop.sends(
        *(order(f"s-{n}", "5", "ann", later(days=n)) for n in range(1, 7)),
        track("Feedback Given", "ann", later(days=8), score=5),
        to="store",
    )


def test_whoever_stands_there_is_known_by_any_spelling_of_an_identifier(shop):
    known(shop)
    said = shop.get("/api/profiles/by/phone/+86 138-1234-5021/summary/")
    assert said == shop.get("/api/profiles/by/phone/13812345021/summary/")
    assert said == shop.get("/api/profiles/by/user_id/ann/summary/")
    assert said["id"] == shop.profile("user_id:ann")["id"]
    assert said["name"] == "Ann Li"
    assert said["traits"]["city"]["value"] == "Hangzhou"
    assert said["traits"]["phone"]["value"] == "+8613812345021"
    assert [one["order_id"] for one in said["last_orders"]] == ["s-6", "s-5", "s-4", "s-3", "s-2"]
    assert said["last_orders"][0] == {
        "order_id": "s-6",
        "channel": "store",
        "occurred_at": "2026-03-07T02:00:00Z",
        "currency": "CNY",
        "total": "5.00",
        "refunded": "0.00",
        "state": "open",
    }
    assert [(one["ticket_id"], one["topic"]) for one in said["open_tickets"]] == [("t-1", "late parcel")]
    best = said["next_best_channel"]
    assert (best["channel"], best["purchases"], best["answers"]) == ("store", 6, 1)
    assert "purchases" in best["definition"]
    assert [(one["purpose"], one["channel"], one["given"]) for one in said["consent"]] == [
        ("marketing", "sms", True)
    ]
    assert said["segments"] == []


def test_a_resolved_ticket_that_was_opened_again_waits(shop):
    shop.sends(
        *(
            track(f"Ticket {done}", "ann", later(hours=at), ticket_id="t")
            for at, done in enumerate(("Opened", "Resolved", "Opened"))
        )
    )
    said = shop.get("/api/profiles/by/user_id/ann/summary/")
    assert [one["ticket_id"] for one in said["open_tickets"]] == ["t"]
    assert said["next_best_channel"]["channel"] == "web-shop", "of the latest event, where nothing was bought"


def test_a_viewer_gets_it_masked_and_others_are_noted_without_the_number(shop):
    known(shop)
    said = shop.get("/api/profiles/by/phone/13812345021/summary/", role="viewer")
    assert said["traits"]["phone"]["value"] == "138 •••• 5021"
    assert not Audit.objects.filter(action="contact.look").exists()
    shop.get("/api/profiles/by/phone/13812345021/summary/", role="analyst")
    (look,) = Audit.objects.filter(action="contact.look")
    assert look.target == said["id"]
    assert "1234" not in str(look.detail)


def test_nobody_and_too_many(shop):
    shop.sends(
        track("Seen", at=later(hours=1), identifiers=[{"kind": "openid", "value": "x1", "namespace": "a"}]),
        track("Seen", at=later(hours=1), identifiers=[{"kind": "openid", "value": "x1", "namespace": "b"}]),
    )
    api = shop.api()
    for path in ("phone/13800000000", "phone/none", "nothing/x", "user_id/a/b", "openid/%00"):
        answer = api.get(f"/api/profiles/by/{path}/summary/")
        assert answer.status_code in (400, 404), path
        assert answer.json()["message"]
    answer = api.get("/api/profiles/by/openid/x1/summary/")
    assert answer.status_code == 409
    assert "namespace" in answer.json()["message"]
    assert api.get("/api/profiles/by/openid/x1/summary/", {"namespace": "b"}).status_code == 200
    assert api.get("/api/profiles/by/openid/x1/summary/", {"name": "b"}).status_code == 400
    assert APIClient().get("/api/profiles/by/openid/x1/summary/").status_code == 401


def test_another_workspace_is_not_asked(shop):
    known(shop)
    assert Shop().api().get("/api/profiles/by/user_id/ann/summary/").status_code == 404


def test_a_token_of_this_scope_reads_nothing_else(shop):
    known(shop)
    client = scoped(shop, "admin")
    assert client.get("/api/profiles/by/user_id/ann/summary/").status_code == 200
    key = shop.profile("user_id:ann")["id"]
    for route in api_urls.urlpatterns:
        path = str(route.pattern)
        if path.endswith("summary/") and "/by/" in path:
            continue
        for name, value in (("<str:key>", key), ("<str:uuid>", key), ("<int:number>", "1")):
            path = path.replace(name, value)
        path = path.replace("<str:number>", "1").replace("<str:rows>", "orders").replace("<str:act>", "test")
        path = path.replace("<path:message_id>", "m1")
        for ask in (client.get, client.post):
            answer = ask(f"/api/{path}")
            assert answer.status_code == 403, (path, answer.status_code)
    assert client.get("/api/metrics/gmv/", {"from": "2026-03-01", "to": "2026-03-31"}).status_code == 403
    assert client.get("/customers/").status_code == 302


def test_a_token_of_this_scope_is_made_over_the_api(shop):
    api = shop.api("analyst")
    made = api.post("/api/tokens/", {"name": "till", "scope": "summary"}, format="json")
    assert (made.status_code, made.json()["scope"]) == (201, "summary")
    assert [one["scope"] for one in api.get("/api/tokens/").json()["results"] if one["name"] == "till"] == [
        "summary"
    ]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {made.json()['token']}")
    assert client.get("/api/profiles/").status_code == 403
    assert client.get("/api/profiles/by/user_id/x/summary/").status_code == 404
    assert api.post("/api/tokens/", {"name": "x", "scope": "all"}, format="json").status_code == 400


def test_it_costs_few_looks_at_the_database(shop):
    """A millisecond each: the token, whose it is, eight parts, and the record of the look."""
    known(shop)
    client = scoped(shop)
    with CaptureQueriesContext(connection) as looked:
        assert client.get("/api/profiles/by/phone/13812345021/summary/").status_code == 200
    assert len(looked) <= 14, [one["sql"][:80] for one in looked.captured_queries]
