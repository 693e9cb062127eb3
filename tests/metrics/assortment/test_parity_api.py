"""Boards made by hand, from the record to the read API: currencies, rates, taxes, promotions, late records, clocks."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import alerts, rebuild
from kernel.models import Audit, Role
from metrics.assortment import watching
from tests.shop import Shop, identify, later, order, track

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
AT = "2026-03-20"


@pytest.fixture
def shop(db: None) -> Shop:
    made = Shop()
    made.channel("Tmall", "marketplace")
    made.channel("Europe", "web", currency="EUR")
    return made


def price(sku: str, amount: Any, channel: str, days: float = 1, **more: Any) -> dict[str, Any]:
    at = later(days=days).isoformat()
    return {"type": "price", "sku": sku, "price": str(amount), "channel": channel, "at": at} | more


def parity(shop: Shop, **asked: Any) -> dict[str, Any]:
    return shop.get("/api/parity/", **{"at": AT} | asked)


def sku_of(shop: Shop, sku: str, **asked: Any) -> dict[str, Any]:
    (found,) = (one for one in parity(shop, **asked)["skus"] if one["sku"] == sku)
    return found


def rule(shop: Shop, role: str = Role.ADMIN, **rules: Any) -> Any:
    return shop.api(role).put("/api/parity/rules/", rules, format="json")


def test_what_agrees_what_is_apart_and_what_that_touches(shop: Shop) -> None:
    shop.records(
        {"type": "product", "sku": "lamp", "name": "Reading lamp", "category": "Light"},
        {"type": "target", "metric": "price_parity", "value": "0.9", "from": "2026-03-01"},
        *(price("lamp", amount, to) for to, amount in (("web-shop", 100), ("store", 100), ("tmall", 90))),
        *(price("bowl", 20, to) for to in ("web-shop", "store")),
        price("alone", 5, "store"),
    )
    shop.sends(
        order("o1", 200, "u1", later(days=2), products=[{"sku": "lamp", "price": 100, "quantity": 2}]),
        order("o2", 90, "u2", later(days=3), products=[{"sku": "lamp", "price": 90, "quantity": 1}]),
        order("old", 90, "u2", later(days=-12), products=[{"sku": "lamp", "price": 90, "quantity": 9}]),
    )
    found = parity(shop)
    assert [one["sku"] for one in found["skus"]] == ["lamp", "bowl", "alone"]
    assert (found["rate"], found["target"], found["currency"]) == ("0.5000000000", "0.9000000000", "CNY")
    assert (found["compared"], found["agreeing"], found["skus_priced"]) == (2, 1, 3)
    lamp, bowl, alone = found["skus"]
    assert (lamp["name"], lamp["category"], lamp["spread"], lamp["gap"]) == (
        *("Reading lamp", "Light"), "10.00", "0.1000000000",
    )  # fmt: skip
    assert (lamp["agree"], bowl["agree"], alone["agree"]) == (False, True, None)
    assert (lamp["units"], lamp["exposure"], bowl["exposure"]) == ("3", "30.00", "0")
    assert found["exposure"] == "30.00"
    assert lamp["suggestion"] == {
        "moves": [{"channel": "tmall", "from": "90.00", "to": "100.00", "currency": "CNY", "money": "0.00"}],
        "money": "0.00",
    }
    assert bowl["suggestion"] is None
    assert [(one["channel"], one["price"], one["currency"]) for one in lamp["prices"]] == [
        *(("web-shop", "100.00", "CNY"), ("store", "100.00", "CNY"), ("tmall", "90.00", "CNY")),
    ]
    assert shop.value("price_parity", to=AT) == "0.5000000000"
    before = parity(shop)
    rebuild.everything()
    assert parity(shop) == before


def test_prices_in_other_currencies_are_held_against_ours_by_the_rate_of_their_day(shop: Shop) -> None:
    shop.records(
        {"type": "rate", "currency": "EUR", "rate": "8", "at": later(days=1).isoformat()},
        {"type": "rate", "currency": "EUR", "rate": "9", "at": later(days=9).isoformat()},
        price("lamp", 80, "store"),
        price("lamp", 10, "europe", days=2, currency="EUR"),
        price("bowl", 80, "store"),
        price("bowl", 10, "europe", days=9, currency="EUR"),
        price("early", 80, "store"),
        price("early", 10, "europe", days=-1, currency="EUR"),
    )
    assert sku_of(shop, "lamp")["agree"] is True
    bowl = sku_of(shop, "bowl")
    assert (bowl["agree"], bowl["spread"]) == (False, "10.00")
    early = sku_of(shop, "early")
    assert (early["agree"], [one["comparable"] for one in early["prices"]]) == (None, ["80.00", None])
    assert parity(shop)["without_rate"] == 1
    shop.records({"type": "rate", "currency": "EUR", "rate": "8", "at": later(days=-2).isoformat()})
    assert sku_of(shop, "early")["agree"] is True  # a late rate is a rate
    assert shop.value("price_parity", to=AT) is None  # the metric compares one currency alone


def test_a_move_in_another_currency_is_one_that_can_be_asked(shop: Shop) -> None:
    shop.records(
        {"type": "rate", "currency": "EUR", "rate": "8", "at": later(days=0).isoformat()},
        *(price("lamp", 80, to) for to in ("store", "web-shop")),
        price("lamp", "11", "europe", currency="EUR"),
    )
    (move,) = sku_of(shop, "lamp")["suggestion"]["moves"]
    assert (move["channel"], move["from"], move["to"], move["currency"]) == (
        "europe",
        "11.00",
        "10.00",
        "EUR",
    )


def test_tax_is_put_on_where_a_channel_leaves_it_out(shop: Shop) -> None:
    shop.records(price("lamp", 113, "store"), price("lamp", 100, "tmall"))
    assert sku_of(shop, "lamp")["agree"] is False
    assert rule(shop, taxes={"tmall": "0.13"}).status_code == 200
    assert sku_of(shop, "lamp")["agree"] is True


def test_a_promotion_may_differ_until_its_day_is_over(shop: Shop) -> None:
    shop.records(
        *(price("lamp", 100, to) for to in ("web-shop", "store")),
        price("lamp", 70, "tmall", promotion="Double 3", list_price="100"),
    )
    assert sku_of(shop, "lamp")["agree"] is False
    rule(shop, promotions=[{"channel": "tmall", "until": "2026-03-20", "promotion": "Double 3"}])
    lamp = sku_of(shop, "lamp")
    assert (lamp["agree"], lamp["spread"], lamp["exposure"]) == (True, "0.00", "0")
    assert [one["allowed"] for one in lamp["prices"]] == [False, False, True]
    assert sku_of(shop, "lamp", at="2026-03-21")["agree"] is False
    rates = shop.get("/api/parity/rates/", at="2026-03-22", days=3)["days"]
    assert [one["agreeing"] for one in rates] == [1, 0, 0]
    history = shop.get("/api/parity/history/", sku="lamp", at="2026-03-22", days=3)
    assert [one["agree"] for one in history["days"]] == [True, False, False]
    rule(shop, promotions=[{"channel": "tmall", "until": "2026-03-20", "promotion": "another"}])
    assert sku_of(shop, "lamp")["agree"] is False


def test_the_tolerance_is_a_share_of_the_usual_price(shop: Shop) -> None:
    shop.records(price("lamp", 100, "web-shop"), price("lamp", 100, "store"), price("lamp", 102, "tmall"))
    assert sku_of(shop, "lamp")["agree"] is False
    rule(shop, tolerance="0.02")
    assert sku_of(shop, "lamp")["agree"] is True
    rule(shop, tolerance="0.019")
    assert sku_of(shop, "lamp")["agree"] is False


def test_a_late_record_tells_of_the_days_since(shop: Shop) -> None:
    shop.records(price("lamp", 100, "store", days=1), price("lamp", 90, "tmall", days=10))
    shop.records(price("lamp", 90, "store", days=5))
    days = shop.get("/api/parity/history/", sku="lamp", at=AT, days=20)
    assert [one["agree"] for one in days["days"]] == [None] * 10 + [True] * 10
    assert [(one["channel"], one["price"]) for one in days["prices"]] == [
        *(("store", "100.00"), ("store", "90.00"), ("tmall", "90.00")),
    ]
    shop.records(price("lamp", 95, "store", days=15))
    days = shop.get("/api/parity/history/", sku="lamp", at=AT, days=20)
    assert [one["agree"] for one in days["days"]] == [None] * 10 + [True] * 5 + [False] * 5


def test_a_day_ends_where_the_workspace_is_when_clocks_change(db: None) -> None:
    shop = Shop(zone="Europe/Berlin", currency="EUR")
    shop.records(
        {"type": "price", "sku": "a", "price": "5", "channel": "store", "at": "2026-03-28T10:00:00Z"},
        {"type": "price", "sku": "a", "price": "5", "channel": "web-shop", "at": "2026-03-29T21:59:59Z"},
        {"type": "price", "sku": "a", "price": "6", "channel": "web-shop", "at": "2026-03-29T22:00:00Z"},
    )
    assert sku_of(shop, "a", at="2026-03-28")["agree"] is None
    assert sku_of(shop, "a", at="2026-03-29")["agree"] is True
    assert sku_of(shop, "a", at="2026-03-30")["agree"] is False
    assert sku_of(shop, "a", at="2026-03-29T23:59:59+02:00")["agree"] is True
    assert sku_of(shop, "a", at="2026-03-30T00:00:00")["agree"] is False
    days = shop.get("/api/parity/rates/", at="2026-03-30", days=3)["days"]
    assert [(one["compared"], one["agreeing"]) for one in days] == [(0, 0), (1, 1), (1, 0)]


def test_a_list_is_read_page_by_page_and_cut_by_what_is_asked(shop: Shop) -> None:
    shop.records(
        *({"type": "product", "sku": f"s{n}", "category": "odd" if n % 2 else "even"} for n in range(6)),
        *(price(f"s{n}", 100, "store") for n in range(6)),
        *(price(f"s{n}", 100 + n, "tmall") for n in range(6)),
    )
    page = parity(shop, limit=2)
    found = page["skus"]
    while page["next"]:
        page = shop.api().get(page["next"]).json()
        found += page["skus"]
        assert (page["compared"], page["agreeing"]) == (6, 1)
    assert [one["sku"] for one in found] == ["s5", "s4", "s3", "s2", "s1", "s0"]
    assert [one["sku"] for one in parity(shop, category="odd")["skus"]] == ["s5", "s3", "s1"]
    assert parity(shop, category="odd")["compared"] == 3
    assert [one["sku"] for one in parity(shop, state="agreeing")["skus"]] == ["s0"]
    assert [one["sku"] for one in parity(shop, sku=["s1", "s4"])["skus"]] == ["s4", "s1"]
    assert [one["sku"] for one in parity(shop, ordering="sku", limit=2)["skus"]] == ["s0", "s1"]
    assert parity(shop, channel="europe")["skus"] == []
    assert parity(shop, channel=["europe", "tmall"])["compared"] == 6
    empty = parity(shop, at="2026-01-01")
    assert (empty["rate"], empty["skus"]) == (None, [])


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        ("", {"at": "yesterday"}, "bad_at"),
        ("", {"at": "2026-02-30"}, "bad_at"),
        ("", {"at": "0001-01-01"}, "bad_at"),
        ("", {"channel": "nowhere"}, "unknown_channel"),
        ("", {"state": "odd"}, "bad_state"),
        ("", {"ordering": "colour"}, "bad_ordering"),
        ("", {"cursor": "x"}, "bad_cursor"),
        ("", {"limit": "0"}, "bad_limit"),
        ("", {"colour": "red"}, "unknown_filter"),
        ("history/", {}, "no_sku"),
        ("history/", {"sku": "a", "days": "0"}, "bad_days"),
        ("rates/", {"days": "9999"}, "bad_days"),
        ("people/", {"from": "soon"}, "bad_date"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    shop: Shop, path: str, asked: dict[str, str], code: str
) -> None:
    answer = shop.api().get(f"/api/parity/{path}", asked)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["message"].endswith((".", "`."))


def test_a_sku_that_nobody_priced_is_not_found(shop: Shop) -> None:
    assert shop.api().get("/api/parity/history/", {"sku": "nothing"}).status_code == 404


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"tolerance": "much"}, "bad_share"),
        ({"tolerance": "-0.1"}, "bad_share"),
        ({"tolerance": 2}, "bad_share"),
        ({"tolerance": True}, "bad_share"),
        ({"tolerance": "NaN"}, "bad_share"),
        ({"tolerance": "0.0000001"}, "bad_share"),
        ({"alert": None}, "bad_share"),
        ({"taxes": []}, "bad_taxes"),
        ({"taxes": {"nowhere": "0.1"}}, "unknown_channel"),
        ({"taxes": {"store": "x"}}, "bad_share"),
        ({"promotions": {}}, "bad_promotions"),
        ({"promotions": ["store"]}, "bad_promotions"),
        ({"promotions": [{"channel": "store"}]}, "bad_until"),
        ({"promotions": [{"channel": [], "until": "2026-03-01"}]}, "unknown_channel"),
        ({"promotions": [{"channel": "store", "until": "2026-03-01", "promotion": 5}]}, "bad_promotion"),
        ({"promotions": [{"channel": "store", "until": "2026-03-01", "sku": "a"}]}, "unknown_field"),
        ({"colour": "red"}, "unknown_field"),
    ],
)
def test_rules_that_cannot_be_change_nothing(shop: Shop, rules: dict[str, Any], code: str) -> None:
    before = shop.get("/api/parity/rules/")
    answer = rule(shop, **rules)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert shop.get("/api/parity/rules/") == before


def test_rules_are_an_admins_and_every_change_of_them_is_noted(shop: Shop) -> None:
    assert rule(shop, Role.ANALYST, tolerance="0.5").status_code == 403
    answer = rule(shop, tolerance=0.020, promotions=[{"channel": "store", "until": "2026-11-11"}])
    assert answer.json() == {
        "tolerance": "0.02",
        "alert": "0",
        "taxes": {},
        "promotions": [{"channel": "store", "until": "2026-11-11", "promotion": ""}],
    }
    assert shop.get("/api/parity/rules/", role=Role.VIEWER) == answer.json()
    (noted,) = Audit.objects.filter(workspace=shop.workspace, action="parity.rules")
    assert noted.detail["tolerance"] == ["0", "0.02"]
    rule(shop, tolerance="0.02")
    assert Audit.objects.filter(workspace=shop.workspace, action="parity.rules").count() == 1


def alarms(shop: Shop) -> list[str]:
    return [one.title for one in alerts.shown(connection, shop.workspace.pk) if one.name == "prices_apart"]


def test_an_alarm_comes_with_the_price_and_goes_with_the_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "HELD_SECONDS", 0.0)  # on a machine that is slow today
    now = datetime.now(UTC)

    def tells(amount: int, channel: str, **back: float) -> None:
        at = (now - timedelta(**back)).isoformat()
        shop.records({"type": "price", "sku": "lamp", "price": amount, "channel": channel, "at": at})

    tells(100, "store", days=40)
    tells(90, "tmall", days=30)
    assert alarms(shop) == []  # no news
    tells(80, "tmall", minutes=5)
    (title,) = alarms(shop)
    assert "lamp" in title
    assert "25.0%" in title
    assert "prices_apart" in {one.name for one in alerts.of_all(connection)}
    rule(shop, alert="0.25")
    assert alarms(shop) == []
    rule(shop, alert="0.1")
    assert len(alarms(shop)) == 1
    tells(100, "tmall", minutes=4)
    assert alarms(shop) == []


def test_a_board_that_takes_long_holds_for_a_while(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "QUICK_SECONDS", -1.0)
    monkeypatch.setattr(watching, "REST", 1e9)
    asked = []

    def judged(_db: Any, workspace: int, _now: datetime) -> watching.Apart:
        asked.append(workspace)
        return watching.Apart(workspace, [("lamp", Decimal("0.1"))])

    monkeypatch.setattr(watching, "_judged", judged)
    for _ in range(3):
        assert len(watching.apart(connection, shop.workspace.pk, datetime.now(UTC))) == 1
    assert asked == [shop.workspace.pk]


def people(shop: Shop, **asked: Any) -> list[str]:
    given = {"from": "2026-03-01", "to": "2026-03-31"} | asked
    return sorted(one["name"] for one in shop.get("/api/parity/people/", **given)["results"])


def test_customers_who_met_two_prices(shop: Shop) -> None:
    names = ("Ann", "Ben", "Cem", "Dora", "Eve")
    shop.sends(*(identify(name, later(days=0), name=name) for name in names))

    def bought(number: str, who: str, amount: int, to: str, **more: Any) -> None:
        line = {"sku": "lamp", "price": amount, "quantity": 1}
        shop.sends(order(number, amount, who, later(days=3), products=[line], **more), to=to)

    bought("a1", "Ann", 100, "web-shop")
    bought("a2", "Ann", 90, "tmall")  # met a gap, by buying
    bought("b1", "Ben", 100, "web-shop")
    bought("b2", "Ben", 100, "tmall")  # the same price
    bought("c1", "Cem", 100, "web-shop")
    bought("c2", "Cem", 90, "web-shop")  # one channel
    bought("d1", "Dora", 100, "web-shop")
    shop.sends(track("Product Viewed", "Dora", later(days=4), sku="lamp", price=95), to="tmall")  # by a look
    shop.sends(track("Product Viewed", "Eve", later(days=4), sku="lamp", price="soon"), to="tmall")
    bought("e1", "Eve", 100, "web-shop")
    assert people(shop) == ["Ann", "Dora"]
    assert people(shop, sku="lamp") == ["Ann", "Dora"]
    assert people(shop, sku="bowl") == []
    assert people(shop, to="2026-03-02") == []
    rule(shop, tolerance="0.06")
    assert people(shop) == ["Ann"]


def test_a_viewer_sees_no_contact_data_in_what_senders_wrote(shop: Shop) -> None:
    shop.records(
        {"type": "product", "sku": "lamp", "name": "call 13812345021"},
        price("lamp", 5, "store", promotion="of a@b.cn"),
        price("lamp", 6, "tmall"),
    )
    said = str(shop.get("/api/parity/", role=Role.VIEWER, at=AT))
    assert "13812345021" not in said
    assert "a@b.cn" not in said
