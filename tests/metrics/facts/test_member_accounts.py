"""Points and money of members: what a message says, what is kept, what of it stands after a rebuild."""

from decimal import Decimal

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from kernel.db import rows
from metrics.facts.member_accounts import EARNED, EXPIRED, SPENT, went
from tests.metrics.facts.booking import books
from tests.metrics.facts.builders import TMALL, hours, says
from tests.shop import Shop, later, track

KEPT = "select unit, kind, amount, currency, reason from metrics_member_account order by occurred_at, unit"


@pytest.mark.parametrize(
    ("reason", "sent", "kind", "amount"),
    [
        ("earned", 10, EARNED, 10),
        ("Earned", -10, EARNED, 10),
        ("top_up", 5, EARNED, 5),
        ("spent", 10, SPENT, -10),
        ("REDEEMED", -10, SPENT, -10),
        ("expired", 3, EXPIRED, -3),
        ("expired", -3, EXPIRED, -3),
        ("birthday", 8, EARNED, 8),
        ("correction", -8, SPENT, -8),
        (None, -1, SPENT, -1),
        (None, 0, EARNED, 0),
        ("", 2, EARNED, 2),
    ],
)
def test_a_reason_says_which_way_it_went_else_the_sign(reason, sent, kind, amount):
    assert went(reason, Decimal(sent)) == (kind, Decimal(amount))


@pytest.mark.django_db
def test_changes_are_kept_with_their_day_and_the_channels_currency():
    (booked,) = books(
        [
            says("points_changed", None, at=13, sighting=1, points=Decimal("12.5"), reason="earned"),
            says("balance_changed", None, at=14, channel=TMALL, sighting=1, amount=40, reason="spent"),
            says("balance_changed", None, at=15, sighting=2, amount=9, currency="USD"),
        ]
    )
    assert rows(connection, KEPT) == [
        ("points", EARNED, Decimal("12.5"), "", "earned"),
        ("balance", SPENT, Decimal(-40), "EUR", "spent"),
        ("balance", EARNED, Decimal(9), "USD", None),
    ]
    before, after = booked.differing["accounts"]
    assert not before
    assert [(one.occurred_at, one.day.day) for one in sorted(after, key=lambda one: one.occurred_at)] == [
        (hours(13), 2),  # one o'clock at night in Shanghai
        (hours(14), 2),
        (hours(15), 2),
    ]


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_stands_there_once_and_again_after_a_rebuild(shop):
    joined = track("Membership Joined", "u1", later(), member_no="M1", tier="gold")
    earned = track("points_changed", "u1", later(hours=1), member_no="M1", points="120", message_id="p1")
    paid = track("Balance Changed", "u1", later(hours=2), member_no="M1", amount=-20.005, reason="order 7")
    shop.sends(joined, earned, paid)
    shop.sends(dict(earned))
    wanted = [
        ("points", EARNED, Decimal(120), "", None),
        ("balance", SPENT, Decimal("-20.01"), "CNY", "order 7"),
    ]
    assert rows(connection, KEPT) == wanted
    life = shop.get("/api/events/p1/life/")
    assert [(one["fact"], one["key"], one["amount"], one["state"]) for one in life["facts"]] == [
        ("account", "points", "120", EARNED)
    ]
    rebuild.everything()
    assert rows(connection, KEPT) == wanted


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("said", "reason", "field"),
    [
        ({"points": "10"}, "missing_field", "properties.member_no"),
        ({"member_no": "M1"}, "missing_field", "properties.points"),
        ({"member_no": "M1", "points": "many"}, "bad_amount", "properties.points"),
        ({"member_no": "M1", "points": "1e16"}, "bad_amount", "properties.points"),
    ],
)
def test_what_cannot_be_counted_is_a_reject(shop, said, reason, field):
    shop.sends(track("Points Changed", "u1", later(), **said))
    [reject] = shop.get("/api/rejects/")["results"]
    assert (reject["reason"], reject["field"]) == (reason, field)
    assert rows(connection, KEPT) == []


@pytest.mark.django_db(transaction=True)
def test_a_crawler_has_no_account(shop):
    bot = {"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    shop.sends(track("Points Changed", "u1", later(), member_no="M1", points=5, context=bot))
    assert rows(connection, KEPT) == []
