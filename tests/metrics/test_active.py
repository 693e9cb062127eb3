"""Who is an active customer: a page, screen or track of his own makes him one, no company or crawler does."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cdp.pipeline import rebuild
from kernel.models import Workspace
from tests.shop import Shop, identify, later, order, track

pytestmark = pytest.mark.django_db(transaction=True)
GOOGLEBOT = {"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
COMPANYS = (
    "Order Updated", "Order Refunded", "Order Shipped", "Order Delivered", "Return Received", "Ticket Resolved",
    "Membership Upgraded", "Points Changed", "Balance Changed",
    "Email Sent", "Email Delivered", "Email Bounced", "Push Sent", "Push Delivered",
    "Push Bounced", "SMS Sent", "SMS Delivered", "SMS Bounced",
)  # fmt: skip


@pytest.fixture
def shop() -> Shop:
    return Shop()


def counted(shop: Shop, *names: str) -> dict[str, str | None]:
    return {name: shop.value(name) for name in names}


def test_what_the_company_does_makes_no_customer_active(shop: Shop) -> None:
    for n, name in enumerate(COMPANYS):
        user, said = (
            f"u{n}",
            {"order_id": f"o{n}", "ticket_id": f"t{n}", "member_no": f"m{n:05}", "points": 5, "amount": 5},
        )
        shop.sends(track(name, user, later(days=1), **said), drain=False)
    shop.drains()
    assert shop.value("active_customers") == "0"
    assert len(shop.get("/api/profiles/")["results"]) == len(COMPANYS)  # they are known all the same
    shop.sends(track("Email Opened", "u0", later(days=1)), order("x", 1, "u1", later(days=2)))
    assert shop.value("active_customers") == "2"


def test_a_parcel_makes_nobody_come_back_or_cross_channels(shop: Shop) -> None:
    shop.sends(track("Product Viewed", "u1", "2026-02-10T10:00:00+08:00"))
    shop.sends(track("Order Delivered", "u1", later(days=3), order_id="o1"), to="store")
    assert counted(shop, "active_customers", "cross_channel_share", "retention") == {
        "active_customers": "0",
        "cross_channel_share": None,
        "retention": "0.0000000000",
    }
    shop.sends(track("Product Viewed", "u1", later(days=4)))
    assert counted(shop, "active_customers", "cross_channel_share", "retention") == {
        "active_customers": "1",
        "cross_channel_share": "0.0000000000",
        "retention": "1.0000000000",
    }


def test_calls_that_are_no_activity(shop: Shop) -> None:
    shop.sends(
        identify("u1", later(days=1), city="Hangzhou"),
        {"type": "group", "userId": "u2", "groupId": "g", "timestamp": later(days=1).isoformat()},
        {"type": "alias", "userId": "u3", "previousId": "a3", "timestamp": later(days=1).isoformat()},
    )
    assert shop.value("active_customers") == "0"
    for kind, user in (("page", "u1"), ("screen", "u2")):
        shop.sends(
            {"type": kind, "userId": user, "name": "Order Updated", "timestamp": later(days=1).isoformat()}
        )
    assert shop.value("active_customers") == "2"


# ---- crawlers -------------------------------------------------------------------------------------


def test_a_crawler_is_stored_and_shown_and_counts_as_nobody(shop: Shop) -> None:
    shop.sends(
        track("Product Viewed", None, later(days=1), anonymous="bot", context=GOOGLEBOT),
        {"type": "page", "anonymousId": "bot", "context": GOOGLEBOT, "timestamp": later(days=1).isoformat()},
        track("Product Viewed", None, later(days=1), anonymous="person"),
    )
    shop.sends(track("Product Viewed", None, later(days=2), anonymous="bot", context=GOOGLEBOT), to="store")
    marks = {event["message_id"]: event["marks"] for event in shop.get("/api/events/")["results"]}
    assert sorted(marks.values()) == [[], ["bot"], ["bot"], ["bot"]]
    assert shop.profile("anonymous_id:bot")["summary"]["events"] == 3
    assert counted(shop, "active_customers", "cross_channel_share") == {
        "active_customers": "1",
        "cross_channel_share": "0.0000000000",
    }


def test_a_crawlers_order_is_money_and_nobodys(shop: Shop) -> None:
    shop.sends(
        order("o1", 100, "u1", later(days=1), context=GOOGLEBOT),
        track("Feedback Given", "u1", later(days=1), score=5, context=GOOGLEBOT),
        track("Membership Joined", "u1", later(days=1), member_no="m0001", context=GOOGLEBOT),
    )
    names = ("orders", "buyers", "new_customers", "active_customers", "satisfaction", "repeat_purchase_rate")
    assert counted(shop, *names) == {
        "orders": "1",
        "buyers": "0",
        "new_customers": "0",
        "active_customers": "0",
        "satisfaction": None,
        "repeat_purchase_rate": None,
    }
    assert shop.value("gmv") == "100"
    assert shop.profile("user_id:u1")["summary"] | {"first_seen": "", "last_seen": ""} == {
        "events": 3, "orders": 0, "revenue": "0", "currency": "CNY", "channels": ["web-shop"], "unconverted": [],
        "first_seen": "", "last_seen": "",
    }  # fmt: skip
    shop.sends(track("Order Updated", "u1", later(days=2), order_id="o1"))  # the shop knows whose it is
    assert counted(shop, "orders", "buyers", "new_customers") == {
        "orders": "1",
        "buyers": "1",
        "new_customers": "1",
    }


def test_the_page_of_a_customer_shows_a_crawler_as_one_and_draws_none(shop: Shop, client: Any) -> None:
    from django.contrib.auth.models import User

    from kernel.models import Member

    shop.sends(
        track("Product Viewed", "u1", later(days=1), name="Cedar candle"),
        track("Product Viewed", "u1", later(days=1), name="Oak table", context=GOOGLEBOT),
        track("Order Delivered", "u1", later(days=2), order_id="o1"),
    )
    user = User.objects.create_user(f"who-{shop.workspace.slug}")
    Member.objects.create(workspace=shop.workspace, user=user, role="admin")
    client.force_login(user)
    key = shop.profile("user_id:u1")["id"]
    text = client.get(f"/customers/{key}/").content.decode()
    assert "crawler" in text
    assert "2 touchpoints on 1 channel" in text  # the parcel is a part of the journey, the crawler is none


# ---- a workspace's own events ---------------------------------------------------------------------


def says(shop: Shop, *words: str) -> Any:
    out = StringIO()
    call_command("event", *words, "--workspace", shop.workspace.slug, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def test_a_workspace_says_which_of_its_own_events_the_company_makes(shop: Shop) -> None:
    scanned = track("Parcel Scanned", "u1", later(days=1))
    shop.sends(scanned)
    assert shop.value("active_customers") == "1"
    assert says(shop, "made-by", "parcel_scanned", "company") == {"parcel_scanned": "company"}
    shop.sends(track("parcelScanned", "u2", later(days=1)), track("Parcel Opened", "u3", later(days=1)))
    assert shop.value("active_customers") == "2"  # from now on
    rebuild.everything()
    assert shop.value("active_customers") == "1"
    assert says(shop, "made-by", "Parcel Scanned", "customer") == says(shop, "list") == {}
    rebuild.everything()
    assert shop.value("active_customers") == "3"


@pytest.mark.parametrize("name", ["Order Delivered", "order_completed", "", " ", "_-", "x" * 256])
def test_what_is_no_event_of_its_own_cannot_be_changed(shop: Shop, name: str) -> None:
    with pytest.raises(CommandError):
        says(shop, "made-by", name, "company")
    assert Workspace.objects.get(pk=shop.workspace.pk).settings == {}


def test_other_settings_stay(shop: Shop) -> None:
    Workspace.objects.filter(pk=shop.workspace.pk).update(
        settings={"survivorship": {"city": {"rule": "first"}}}
    )
    says(shop, "made-by", "Parcel Scanned", "company")
    assert Workspace.objects.get(pk=shop.workspace.pk).settings == {
        "survivorship": {"city": {"rule": "first"}},
        "made_by": {"Parcel Scanned": "company"},
    }
