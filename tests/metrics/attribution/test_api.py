"""Attribution over HTTP: rows beside the catalogue's numbers, spend, orders and people behind, one order, bad input."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from metrics.attribution.models import MODELS
from tests.metrics.attribution.sold import sold, touch
from tests.shop import Shop, later, order, track

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
CENT = Decimal("0.01")
PATH = "/api/attribution/"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
NAMES = [model.name for model in MODELS]


@pytest.fixture
def shop(db: None) -> Shop:
    return sold()


def rows(answer: dict[str, Any], by: str = "channel", of: str = "revenue") -> dict[str | None, str]:
    return {row[by]: row[of] for row in answer["channels"]}


def refused(shop: Shop, path: str, **asked: Any) -> str:
    answer = shop.api().get(path, asked)
    assert answer.status_code == 400, answer.content
    assert len(answer.json()["message"]) > 20
    return answer.json()["code"]


@pytest.mark.parametrize("model", NAMES)
@pytest.mark.parametrize("by", ["channel", "campaign", "source"])
def test_rows_come_to_the_numbers_of_the_catalogue(shop: Shop, model: str, by: str) -> None:
    for days in (
        MARCH,
        {"from": "2026-04-01", "to": "2026-04-30"},
        {"from": "2026-03-01", "to": "2026-04-30"},
    ):
        found = shop.get(PATH, model=model, by=by, worth="chain", **days)
        for name, metric in (
            ("conversions", "orders"),
            ("revenue", "net_revenue"),
            ("margin", "margin"),
            ("new_customers", "new_customers"),
        ):
            total = shop.metric(metric, **days)["total"]["value"]
            sums = sum(Decimal(row[name]) for row in found["channels"])
            assert sums == Decimal(found["total"][name]) == Decimal(total).quantize(CENT, ROUND_HALF_UP), (
                name,
                days,
            )
        apart = shop.metric("net_revenue", **days)["unconverted"]
        assert {one["currency"]: Decimal(one["value"]) for one in found["unconverted"]} == {
            one["currency"]: Decimal(one["value"]) for one in apart
        }
        assert found["channels"][-1][by] is None


def test_first_and_last_touch(shop: Shop) -> None:
    assert rows(shop.get(PATH, model="first", **MARCH)) == {
        "web-shop": "232.48",
        "store": "0.00",
        None: "12.00",
    }
    assert rows(shop.get(PATH, model="last", **MARCH)) == {
        "web-shop": "142.47",
        "store": "90.01",
        None: "12.00",
    }
    found = shop.get(PATH, model="last", by="campaign", **MARCH)
    assert rows(found, "campaign") == {"spring": "142.47", "618": "90.01", None: "12.00"}
    assert rows(found, "campaign", "conversions")[None] == "2.0000000000"


def test_a_cancellation_takes_back_its_credit_in_its_own_month(shop: Shop) -> None:
    april = shop.get(PATH, model="last", **{"from": "2026-04-01", "to": "2026-04-30"})
    assert rows(april) == {"web-shop": "-142.47", None: "0.00"}
    assert rows(april, of="conversions")["web-shop"] == "0.0000000000"


def test_the_window_and_the_kinds_of_touches(shop: Shop) -> None:
    near = shop.get(PATH, model="first", lookback="2d", **MARCH)
    assert rows(near) == {"store": "90.01", "web-shop": "0.00", None: "154.47"}
    wide = shop.get(PATH, touches="marketing,browse", **MARCH)
    assert rows(wide) == rows(shop.get(PATH, **MARCH))


def test_spend_and_what_it_brought(shop: Shop) -> None:
    found = shop.get(PATH, model="last", **MARCH)
    web = next(row for row in found["channels"] if row["channel"] == "web-shop")
    assert (web["spend"], web["roas"], web["cpa"]) == ("35.00", "4.0705714286", "35.0000000000")
    assert rows(found, of="spend") == {"web-shop": "35.00", "store": "14.25", None: None}
    by_campaign = shop.get(PATH, model="last", by="campaign", **MARCH)
    assert rows(by_campaign, "campaign", "spend") == {"spring": "30.00", "618": None, None: None}
    codes = {one["code"]: one["message"] for one in by_campaign["warnings"]}
    assert "¥19.25" in codes["spend_without_campaign"]
    assert set(rows(shop.get(PATH, by="source", **MARCH), "source", "spend").values()) == {None}


def test_lines_without_a_cost_are_said_with_their_revenue(shop: Shop) -> None:
    (told,) = (one for one in shop.get(PATH, **MARCH)["warnings"] if one["code"] == "missing_cost")
    assert "¥9" in told["message"]


def test_two_models_side_by_side(shop: Shop) -> None:
    found = shop.get(PATH, model="last", compare="first", **MARCH)
    assert found["compare"] == "first"
    assert {row["channel"]: row["compare"]["revenue"] for row in found["channels"]} == {
        "web-shop": "232.48",
        "store": "0.00",
        None: "12.00",
    }


def test_markov_counts_who_did_not_buy_and_says_what_it_was_made_of(shop: Shop) -> None:
    found = shop.get(PATH, model="markov", **MARCH)
    effects = {one["key"]: float(one["value"]) for one in found["quality"]["removal_effects"]}
    # From the web 2 of 5 steps lead to the store, 1 to an order, 1 to the web, 1 to nothing: 0.75, and 0.25 without it.
    assert effects == pytest.approx({"web-shop": 1, "store": 2 / 3}, abs=1e-9)
    assert "no_lost_paths" not in {one["code"] for one in found["warnings"]}


def test_an_event_in_an_orders_place(shop: Shop) -> None:
    found = shop.get(PATH, model="first", conversion="Order Completed", measure="conversions", **MARCH)
    assert rows(found, of="conversions") == {
        "web-shop": "3.0000000000",
        "store": "0.0000000000",  # where something was spent
        None: "1.0000000000",
    }
    assert set(rows(found).values()) == {"0.00"}


def test_the_orders_behind_a_row_come_to_it(shop: Shop) -> None:
    for model in NAMES:
        for row in shop.get(PATH, model=model, **MARCH)["channels"]:
            listed = shop.get(f"{PATH}orders/", model=model, key=row["channel"] or "null", **MARCH)["results"]
            total = sum(Decimal(one["revenue"]) for one in listed)
            assert abs(total - Decimal(row["revenue"])) < Decimal("0.01"), (model, row, listed)
    page = shop.get(f"{PATH}orders/", model="last", key="web-shop", limit=1, **MARCH)
    assert [one["order_id"] for one in page["results"]] == ["o2"]
    assert page["next"] is None
    first = shop.get(f"{PATH}orders/", key="null", limit=1, **MARCH)
    assert [one["order_id"] for one in first["results"]] == ["o4"]
    second = shop.api().get(first["next"]).json()
    assert [one["order_id"] for one in second["results"]] == ["o3"]
    assert second["previous"]


def test_the_people_behind_a_row(shop: Shop) -> None:
    found = shop.get(f"{PATH}people/", model="last", key="store", **MARCH)["results"]
    assert [one["name"] for one in found] == ["One"]


def test_one_order_under_every_model(shop: Shop) -> None:
    found = shop.get(f"{PATH}orders/web-shop/o1/")
    assert [(one["channel"], one["campaign"]) for one in found["touches"]] == [
        ("web-shop", "spring"),
        ("store", "618"),
    ]
    assert [one["model"] for one in found["models"]] == NAMES
    for model in found["models"]:
        assert sum(Decimal(one["share"]) for one in model["credits"]) == 1, model
        assert sum(Decimal(one["revenue"]) for one in model["credits"]) == Decimal("90.01"), model
    linear = next(one for one in found["models"] if one["model"] == "linear")
    assert {one["key"]: one["revenue"] for one in linear["credits"]} == {
        "store": "45.01",
        "web-shop": "45.00",
    }
    alone = shop.get(f"{PATH}orders/web-shop/o4/", model="markov")
    assert alone["models"] == [
        {"model": "markov", "credits": [{"key": None, "share": "1.0000000000", "revenue": "5.00"}]}
    ]
    assert shop.api().get(f"{PATH}orders/store/o1/").status_code == 404
    assert shop.api().get(f"{PATH}orders/nowhere/o1/").status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        {"model": "best"},
        {"compare": "best"},
        {"by": "city"},
        {"measure": "clicks"},
        {"lookback": "long"},
        {"lookback": "0d"},
        {"touches": "order"},
        {"touches": ","},
        {"conversion": "Product Added,Cart Viewed"},
        {"conversion": "Product Added", "measure": "revenue"},
        {"order": "4"},
        {"worth": "rate"},
        {"from": "2026-13-01"},
        {"colour": "red"},
    ],
)
def test_what_cannot_be_asked_is_said(shop: Shop, asked: dict[str, str]) -> None:
    refused(shop, PATH, **asked)


def test_a_row_has_to_be_named(shop: Shop) -> None:
    assert refused(shop, f"{PATH}orders/") == "no_key"
    assert refused(shop, f"{PATH}people/") == "no_key"
    assert refused(shop, f"{PATH}orders/", key="store", conversion="Cart Viewed") == "bad_conversion"
    assert refused(shop, f"{PATH}orders/", key="store", cursor="x") == "bad_cursor"


def test_a_viewer_sees_no_contact_data_in_what_senders_wrote(shop: Shop) -> None:
    shop.sends(touch("u1", 3, "to ann@example.com"))
    shop.sends(order("13800000001", "3", "u1", later(days=10)))
    found = shop.get(PATH, role="viewer", by="campaign", **MARCH)
    assert not any("ann@" in (row["campaign"] or "") for row in found["channels"])
    one = shop.get(f"{PATH}orders/web-shop/13800000001/", role="viewer")
    assert "13800000001" not in str(one)
    assert "ann@" not in str(one)


def test_late_and_double_messages_change_nothing(shop: Shop) -> None:
    before = {model: rows(shop.get(PATH, model=model, **MARCH)) for model in NAMES}
    shop.sends(
        touch("u2", 1, "spring", message_id="again"),
        touch("u2", 1, "spring", message_id="again"),
        order("o1", "100.01", "u1", later(days=4), message_id="o1-again"),
        track(
            "Order Refunded", "u1", later(days=8), order_id="o1", total="10", refund_id="r1", message_id="r1b"
        ),
    )
    after = {model: rows(shop.get(PATH, model=model, **MARCH)) for model in NAMES[:3]}
    assert after == {model: before[model] for model in NAMES[:3]}


def test_a_workspace_with_nothing_at_all(db: None) -> None:
    found = Shop().get(PATH, model="shapley")
    assert found["channels"] == [
        {
            "channel": None,
            "conversions": "0.0000000000",
            "revenue": "0.00",
            "margin": "0.00",
            "new_customers": "0.0000000000",
            **dict.fromkeys(("spend", "roi", "roas", "cpa")),
        }
    ]
