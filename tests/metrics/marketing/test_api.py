"""Marketing over HTTP: what it answers, who stands behind a number, what cannot be asked."""

from datetime import date, timedelta
from decimal import Decimal
from math import exp
from typing import Any

import pytest

from tests.metrics.journeys.served import Served, at
from tests.reference.journeys import Happened, Order, Touch

pytestmark = pytest.mark.django_db
PATH = "/api/marketing/"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def met(channel: int, when: Any, who: int, campaign: str) -> Touch:
    return Touch(channel, when, who, "marketing", "Campaign Touched", campaign=campaign)


def happened(served: Served) -> Happened:
    """u1 meets spring on the web and summer in the store, and buys; u2 meets spring twice; u3 what names none."""
    web, store, ids = served.channels["web-shop"], served.channels["store"], served.ids
    return Happened(
        "Asia/Shanghai",
        [
            Order("a", web, at(3, 9), ids["u1"], Decimal(300)),
            Order("b", web, at(3, 20), ids["u4"], Decimal(100)),
        ],
        [
            met(web, at(3, 2), ids["u1"], "spring"),
            met(store, at(3, 8), ids["u1"], "summer"),
            met(web, at(3, 3), ids["u2"], "spring"),
            met(web, at(3, 4), ids["u2"], "spring"),
            met(web, at(3, 4), ids["u3"], ""),
        ],
    )


def spend(campaign: str, amount: str, first: str, last: str, **rest: Any) -> dict[str, Any]:
    named = {"campaign": campaign} if campaign else {}
    return {"type": "spend", "amount": amount, "from": first, "to": last, **named, **rest}


@pytest.fixture
def served(db: None, monkeypatch: pytest.MonkeyPatch) -> Served:
    found = Served()
    found.shows(monkeypatch, happened)
    return found


@pytest.fixture
def paid(served: Served) -> Served:
    pays(served)
    return served


def pays(served: Served) -> None:
    """Money for spring on two channels in two currencies, for summer, and for nothing that is named."""
    at_first = "2026-03-01T00:00:00Z"
    served.shop.records(
        spend("spring", "310", "2026-03-01", "2026-03-31", medium="cpc", at=at_first),
        spend("spring", "10", "2026-03-05", "2026-03-05", channel="store", currency="USD", at=at_first),
        spend("summer", "100", "2026-02-27", "2026-03-08", channel="store", at=at_first),
        spend("autumn", "50", "2026-03-30", "2026-03-30", at=at_first),
        spend("", "33", "2026-03-30", "2026-03-30", at=at_first),
    )


def test_campaigns_of_all_channels_on_one_calendar(paid: Served) -> None:
    found = paid.shop.get(PATH, **MARCH)
    assert (found["model"], found["interval"], found["currency"]) == ("last", "day", "CNY")
    spring, summer, autumn, none = found["campaigns"]
    assert (spring["campaign"], summer["campaign"], autumn["campaign"], none["campaign"]) == (
        "spring",
        "summer",
        "autumn",
        None,
    )
    assert (spring["channels"], spring["mediums"], spring["currencies"]) == (
        ["web-shop", "store"],
        ["cpc"],
        ["CNY", "USD"],
    )
    assert Decimal(spring["spend"]) == 310 + 70
    assert (spring["touches"], spring["customers"]) == (3, 2)
    assert (spring["first"], spring["last"]) == ("2026-03-01", "2026-03-31")
    assert Decimal(summer["spend"]) == 80  # eight of its ten days
    assert (summer["first"], summer["last"]) == ("2026-03-01", "2026-03-08")
    assert Decimal(summer["revenue"]) == 300
    assert Decimal(summer["roas"]) == Decimal("3.75")
    assert Decimal(summer["cpa"]) == 80
    assert Decimal(spring["revenue"]) == 0
    assert Decimal(none["spend"]) == 33
    assert none["revenue"] is None
    assert Decimal(found["total"]["spend"]) == 380 + 80 + 50 + 33
    assert Decimal(found["total"]["revenue"]) == 400
    assert found["total"]["customers"] == 2
    days = {one["start"]: one for one in spring["series"]}
    assert len(days) == 31
    assert Decimal(days["2026-03-05"]["spend"]) == 80
    assert days["2026-03-03"]["touches"] == 1


def test_credit_is_that_of_the_model_asked_for(paid: Served) -> None:
    found = paid.shop.get(PATH, model="linear", **MARCH)["campaigns"]
    assert {one["campaign"]: one["revenue"] and Decimal(one["revenue"]) for one in found} == {
        "spring": 150,
        "summer": 150,
        "autumn": 0,
        None: None,
    }
    attributed = paid.shop.get("/api/attribution/", model="linear", by="campaign", **MARCH)
    rows = {one["campaign"]: one for one in attributed["rows"]} if "rows" in attributed else None
    if rows is not None:
        assert Decimal(rows["spring"]["roas"]) == Decimal(found[0]["roas"])


def test_what_to_beware_of_is_said(paid: Served) -> None:
    said = {one["code"]: one["message"] for one in paid.shop.get(PATH, **MARCH)["warnings"]}
    assert set(said) == {"spend_without_campaign", "two_currencies", "no_touch"}
    assert "33.00 CNY was spent without a campaign" in said["spend_without_campaign"]
    assert said["two_currencies"].startswith("spring is paid in CNY, USD")
    assert said["no_touch"].startswith("1 campaign has spend and no touch")


def test_spend_without_a_rate_and_campaigns_without_spend(served: Served) -> None:
    served.shop.records(
        spend("spring", "3", "2026-03-01", "2026-03-03", currency="GBP", at="2026-03-01T00:00:00Z")
    )
    found = served.shop.get(PATH, **MARCH)
    spring = found["campaigns"][0]
    assert (spring["spend"], spring["roas"]) == ("0.00", None)
    assert [(one["currency"], Decimal(one["value"])) for one in spring["unconverted"]] == [("GBP", 3)]
    said = {one["code"]: one["message"] for one in found["warnings"]}
    assert "spring: 3.00 GBP has no exchange rate" in said["spend_without_rate"]
    assert "1 campaign reached customers and has no spend: what 300.00 CNY" in said["no_spend"]


def test_one_channel_only_is_said(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    web = served.channels["web-shop"]
    served.shows(monkeypatch, lambda _: Happened("UTC", [], [met(web, at(3, 2), served.ids["u1"], "spring")]))
    said = {one["code"]: one["message"] for one in served.shop.get(PATH, **MARCH)["warnings"]}
    assert "All campaigns are on one channel (web-shop)" in said["one_channel"]


def test_overlap_and_frequency(served: Served) -> None:
    found = served.shop.get(f"{PATH}reach/", **MARCH)
    assert found["campaigns"] == [
        {"campaign": "spring", "customers": 2},
        {"campaign": "summer", "customers": 1},
    ]
    assert found["pairs"] == [
        {"first": "spring", "second": "summer", "customers": 1, "either": 2, "share": "0.5000000000"}
    ]
    once, twice = found["frequency"]
    assert (once["from"], once["to"], once["customers"], once["converted"]) == (1, 1, 1, 0)
    assert (twice["from"], twice["customers"], twice["converted"], twice["conversion"]) == (
        2,
        2,
        1,
        "0.5000000000",
    )
    assert float(twice["low"]) < 0.5 < float(twice["high"])


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"campaign": "spring"}, ["u1", "u2"]),
        ({"campaign": "spring", "also": "summer"}, ["u1"]),
        ({"campaign": "null"}, ["u3"]),
        ({"campaign": "moon"}, []),
        ({"touches": "2"}, ["u1", "u2"]),
        ({"touches": "1", "touches_to": "1"}, ["u3"]),
        ({"touches": "2", "converted": "1"}, ["u1"]),
    ],
)
def test_the_people_behind_a_number(served: Served, asked: dict[str, str], names: list[str]) -> None:
    assert served.names(f"{PATH}people/", **asked, **MARCH) == [f"Buyer {name}" for name in names]


def busy(served: Served) -> Happened:
    """Forty days on which more spend brings more orders by a curve that flattens, for `spring`."""
    web, ids = served.channels["web-shop"], list(served.ids.values())
    orders, touches = [], []
    for n in range(40):
        when = at(2, 1) + timedelta(days=n)
        who = ids[n % 4]
        touches.append(met(web, when, who, "spring")._replace(tie=n))
        worth = 4 * (1 - exp(-0.004 * cost(n))) / 0.004 + (7 if n % 2 else -7)
        orders.append(Order(f"s{n}", web, when + timedelta(hours=1), who, Decimal(f"{worth:.2f}"), tie=n))
    return Happened("Asia/Shanghai", orders, touches)


def cost(n: int) -> int:
    return 60 + 37 * (n * 7 % 25)


@pytest.fixture
def curved(db: None, monkeypatch: pytest.MonkeyPatch) -> Served:
    found = Served()
    found.shows(monkeypatch, busy)
    daily(found)
    return found


def daily(served: Served) -> None:
    """The spend of those days, and a little for another campaign."""
    served.shop.records(
        *(
            spend("spring", str(cost(n)), day, day, at=f"{day}T00:00:00Z")
            for n in range(40)
            for day in [(date(2026, 2, 1) + timedelta(days=n)).isoformat()]
        ),
        spend("summer", "40", "2026-02-01", "2026-02-02", at="2026-02-01T00:00:00Z"),
    )


CURVED = {"from": "2026-02-01", "to": "2026-03-12"}


def test_more_money_brings_less_and_less(curved: Served) -> None:
    spring, summer = curved.shop.get(f"{PATH}response/", **CURVED)["campaigns"]
    assert spring["refused"] is None
    assert len(spring["days"]) == 40
    assert spring["curve"]["bends"] is True
    mean = spring["curve"]["mean_credit"]
    truth = 4 * (1 - exp(-0.004 * float(spring["curve"]["mean_spend"]))) / 0.004
    assert float(mean["low"]) <= truth <= float(mean["high"])
    slopes = [float(one["value"]) for one in spring["curve"]["points"]]
    assert slopes[0] == 0
    assert slopes[1] - slopes[0] > slopes[-1] - slopes[-2] > 0
    assert (summer["curve"], summer["refused"]["code"]) == (None, "few_days")
    assert "There are 2 days with spend: 14 are needed" in summer["refused"]["message"]


def simulates(served: Served, asked: Any) -> Any:
    return served.shop.api("analyst").post(f"{PATH}simulate/", asked, format="json")


def test_money_moved_in_simulation(curved: Served) -> None:
    viewer = curved.shop.api("viewer").post(f"{PATH}simulate/", CURVED, format="json")
    assert viewer.status_code == 403  # as trying rules of allocation is
    answer = simulates(curved, {**CURVED, "moves": [{"from": None, "to": "spring", "amount": "1000"}]})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["spend"] == "1000.00"
    [spring] = found["campaigns"]
    assert Decimal(spring["spend_after"]) - Decimal(spring["spend"]) == 1000
    assert float(found["change"]["low"]) < float(found["change"]["value"]) < float(found["change"]["high"])
    assert 0 < float(found["change"]["value"]) < 4 * 1000


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "bad_moves"),
        ({"moves": []}, "bad_moves"),
        ({"moves": [{}]}, "bad_amount"),
        ({"moves": ["spring"]}, "bad_moves"),
        ({"moves": [{"from": "spring", "to": "spring", "amount": 1}]}, "bad_moves"),
        ({"moves": [{"from": "spring", "amount": -1}]}, "bad_amount"),
        ({"moves": [{"from": "spring", "amount": "much"}]}, "bad_amount"),
        ({"moves": [{"from": 7, "amount": 1}]}, "bad_moves"),
        ({"moves": [{"from": "spring", "amount": 1, "when": "now"}]}, "bad_moves"),
        ({"moves": [{"to": "moon", "amount": 1}]}, "bad_move_no_campaign"),
        ({"moves": [{"to": "summer", "amount": 1}]}, "bad_move_no_curve"),
        ({"moves": [{"from": "spring", "amount": 10**9}]}, "bad_move_more_than_spent"),
        ({"moves": [{"to": "spring", "amount": 1}], "when": 1}, "unknown_field"),
        ({"moves": [{"to": "spring", "amount": 1}], "from": "never"}, "bad_date"),
    ],
)
def test_moves_that_cannot_be_are_a_400_that_says_why(curved: Served, asked: Any, code: str) -> None:
    answer = simulates(curved, CURVED | asked)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == code, answer.content
    assert len(answer.json()["message"]) > 20


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        ("", {"from": "2026-03-31", "to": "2026-03-01"}, "bad_period"),
        ("", {"model": "moon"}, "bad_model"),
        ("", {"campaign": "spring"}, "unknown_filter"),
        ("reach/", {"by": "channel"}, "unknown_filter"),
        ("response/", {"by": "channel"}, "unknown_filter"),
        ("people/", {}, "bad_campaign"),
        ("people/", {"touches": "many"}, "bad_touches"),
        ("people/", {"touches": "1", "touches_to": "0"}, "bad_touches_to"),
        ("people/", {"touches": "1", "converted": "perhaps"}, "bad_converted"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_why(
    served: Served, path: str, asked: dict[str, Any], code: str
) -> None:
    assert served.refuses(PATH + path, MARCH | asked) == code
