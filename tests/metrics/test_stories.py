"""Sentences of the contract with their numbers written out by hand, from the message to the read API."""

from typing import Any

import pytest

from tests.shop import Shop, later, order, track

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mirror_of_postgresql")]


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.channel("Global", "web", currency="USD")
    return made


def total(shop: Shop, name: str, **query: Any) -> tuple[Any, Any]:
    found = shop.metric(name, **query)["total"]
    return found["numerator"], found["denominator"]


def day(shop: Shop, name: str, place: int, **query: Any) -> Any:
    """The value of the day so many days after the first of March."""
    return shop.metric(name, interval="day", **query)["series"][place]["value"]


def rate(currency: str, value: str, **at: float) -> dict[str, Any]:
    return {"type": "rate", "currency": currency, "rate": value, "at": later(**at).isoformat()}


def chair(quantity: int, **rest: Any) -> list[dict[str, Any]]:
    return [{"sku": "chair", "quantity": quantity, "price": "50"} | rest]


def stock(quantity: int, **rest: Any) -> dict[str, Any]:
    return {"type": "stock", "sku": "chair", "quantity": quantity, "at": later(days=0).isoformat()} | rest


def cost(unit_cost: str, **rest: Any) -> dict[str, Any]:
    return {"type": "cost", "sku": "chair", "unit_cost": unit_cost, "at": later(days=0).isoformat()} | rest


def test_a_cancellation_takes_back_the_lines_not_yet_returned_at_its_time(shop: Shop) -> None:
    shop.records(cost("10"), stock(100))
    shop.sends(order("o1", "300", "u1", later(days=1), products=chair(6)))
    shop.sends(track("Order Cancelled", "u1", later(days=5), order_id="o1"))
    shop.sends(track("Return Received", "u1", later(days=3), order_id="o1", products=chair(2)))
    assert total(shop, "inventory_turnover") == ("0", "1000")
    series = shop.metric("inventory_turnover")["series"]
    assert [one["numerator"] for one in series[1:6]] == ["60", "0", "-20", "0", "-40"]
    assert (shop.value("orders"), shop.value("gmv"), shop.value("refunds")) == ("1", "300", "300")
    assert (shop.value("buyers"), shop.value("new_customers"), shop.value("net_revenue")) == ("1", "1", "0")


def test_a_full_refund_of_a_foreign_order_nets_to_nothing_whatever_the_rate_did(shop: Shop) -> None:
    shop.records(rate("USD", "7", days=0), rate("USD", "9", days=4))
    shop.sends(order("o1", "10", "u1", later(days=1)), to="global")
    shop.sends(track("Order Refunded", "u1", later(days=5), order_id="o1"), to="global")
    assert (shop.value("gmv"), shop.value("refunds"), shop.value("net_revenue")) == ("70", "70", "0")
    assert shop.profile("user_id:u1")["summary"]["revenue"] == "0.00"


def test_a_rate_that_comes_late_converts_all_that_waited_for_it(shop: Shop) -> None:
    shop.sends(order("o1", "10.01", "u1", later(days=1)), to="global")
    shop.sends(order("o2", "5", "u1", later(days=1)))
    found = shop.metric("aov")
    assert (found["total"]["numerator"], found["total"]["denominator"]) == ("5", "1")
    assert found["unconverted"] == [{"currency": "USD", "value": "10.01"}]
    assert shop.value("orders") == "2"
    shop.records(rate("USD", "7.1234", days=1, hours=13))  # in the evening of that day
    assert total(shop, "aov") == ("76.305234", "2")
    assert shop.metric("aov")["unconverted"] == []
    assert shop.profile("user_id:u1")["summary"]["revenue"] == "76.305234"
    shop.records(rate("USD", "8", days=2))  # the next day's
    assert total(shop, "aov") == ("76.305234", "2")


def test_an_order_of_nothing_without_a_rate_is_left_out_below_too(shop: Shop) -> None:
    shop.sends(order("o1", "0", "u1", later(days=1)), to="global")
    assert (shop.value("orders"), *total(shop, "aov")) == ("1", "0", "0")
    assert shop.value("aov") is None


def test_the_channel_s_cost_wins_there_and_the_line_s_own_everywhere(shop: Shop) -> None:
    shop.records(cost("10"), cost("12", channel="store"), stock(2), stock(3, channel="store"))
    for number, where in enumerate(("web-shop", "store")):
        shop.sends(order(f"o{number}", "50", "u1", later(days=1), products=chair(1)), to=where)
    shop.sends(order("o9", "50", "u1", later(days=1), products=chair(1, cost="1.5")), to="store")
    shop.sends(order("o8", "50", "u1", later(days=1), products=[{"sku": "lamp", "quantity": 1}]))
    assert total(shop, "inventory_turnover") == ("23.5", "56")
    assert total(shop, "inventory_turnover", channel="store") == ("13.5", "36")
    assert shop.metric("inventory_turnover")["missing_cost"] == 1
    assert shop.metric("inventory_turnover", channel="store")["missing_cost"] == 0


def test_stock_is_carried_forward_never_back(shop: Shop) -> None:
    shop.records(cost("10"), stock(4, at=later(days=10).isoformat()))
    assert total(shop, "inventory_turnover", from_="2026-03-10", to="2026-03-13") == ("0", "30")
    assert shop.metric("inventory_turnover", from_="2026-03-01", to="2026-03-10")["total"]["value"] is None


def test_spend_is_spread_in_minor_units_the_rest_on_the_first_days(shop: Shop) -> None:
    shop.records({"type": "spend", "amount": "10", "from": "2026-03-01", "to": "2026-03-03"})
    shop.sends(order("o1", "1", "u1", later(days=1)))
    assert [one["numerator"] for one in shop.metric("cac")["series"][:4]] == ["3.34", "3.33", "3.33", "0"]
    assert total(shop, "cac") == ("10.00", "1")
    assert total(shop, "cac", channel="store") == ("0", "0")


def test_a_first_order_counts_where_it_was_and_spend_where_it_went(shop: Shop) -> None:
    shop.records({"type": "spend", "amount": "30", "date": "2026-03-02", "channel": "store"})
    shop.sends(order("o1", "1", "u1", later(days=1)))
    shop.sends(order("o2", "1", "u1", later(days=2)), to="store")
    by = shop.metric("cac", by="channel")["by"]
    assert by["web-shop"]["total"] == {"value": "0.0000000000", "numerator": "0", "denominator": "1"}
    assert by["store"]["total"] == {"value": None, "numerator": "30", "denominator": "0"}


def test_retention_takes_whole_calendar_weeks(shop: Shop) -> None:
    for user, days in (("u1", (0, 3)), ("u2", (0, 9)), ("u3", (3, 9))):  # the first of March is a Sunday
        shop.sends(*(track("Product Viewed", user, later(days=one)) for one in days))
    found = shop.metric("retention", interval="week", from_="2026-03-04", to="2026-03-10")
    assert [(one["start"], one["numerator"], one["denominator"]) for one in found["series"]] == [
        ("2026-03-02", "1", "2"),
        ("2026-03-09", "1", "2"),
    ]
    assert total(shop, "retention", from_="2026-03-04", to="2026-03-10") == ("2", "2")


def test_prices_agree_at_the_period_s_end_in_one_currency(shop: Shop) -> None:
    def price(value: str, days: int, **rest: Any) -> dict[str, Any]:
        return {"type": "price", "sku": "chair", "price": value, "at": later(days=days).isoformat()} | rest

    shop.records(price("50", 0), price("49", 0, channel="store"), price("50.00", 3, channel="store"))
    assert total(shop, "price_parity", to="2026-03-03") == ("0", "1")
    assert total(shop, "price_parity", to="2026-03-04") == ("1", "1")
    assert total(shop, "price_parity", channel="global") == ("0", "0")
    shop.records(price("8", 5, channel="global"))
    assert total(shop, "price_parity") == ("0", "0")


def test_what_waits_is_listed_and_counts_at_its_own_time_as_soon_as_it_can(shop: Shop) -> None:
    shop.sends(track("Order Refunded", "u1", later(days=3), order_id="o1", total="4", message_id="early"))
    (waits,) = shop.get("/api/orders/waiting/")["results"]
    known = {
        "message_id": "early",
        "order_id": "o1",
        "reason": "unknown_order",
        "amount": "4.00",
        "channel": "web-shop",
    }
    assert known.items() <= waits.items()
    shop.sends(order("o1", "10", "u1", later(days=1)), to="store")
    assert shop.get("/api/orders/waiting/")["results"] == []
    assert day(shop, "refunds", 3) == "4"
    assert shop.metric("refunds", by="channel")["by"]["store"]["total"]["value"] == "4"
    shop.sends(order("o1", "10", "u1", later(days=1)), to="global")
    assert shop.get("/api/orders/waiting/", reason="not_unique")["results"][0]["message_id"] == "early"
    assert shop.api().get("/api/orders/waiting/", {"reason": "none"}).status_code == 400


def test_units_are_counted_by_the_order_s_day_and_taken_back_by_theirs(shop: Shop) -> None:
    shop.sends(order("o1", "300", "u1", later(days=1), products=chair(6)))
    shop.sends(track("Return Received", "u1", later(days=3), order_id="o1", products=chair(2)))
    shop.sends(order("o2", "50", None, later(days=3), products=chair(1)), to="store")
    assert [day(shop, "units", place) for place in (1, 2, 3)] == ["6", "0", "-1"]
    shop.sends(track("Order Cancelled", "u1", later(days=5), order_id="o1"))
    assert (day(shop, "units", 5), shop.value("units"), shop.value("units", channel="store")) == (
        "-4",
        "1",
        "1",
    )


def test_margin_is_what_lines_with_a_price_and_a_cost_brought_in_less_their_cost(shop: Shop) -> None:
    shop.records(cost("10"))
    lines = [
        *chair(3, discount="15"),
        {"sku": "lamp", "quantity": 1, "price": "80"},  # has no cost
        {"sku": "desk", "quantity": 1, "cost": "7"},  # has no price
    ]
    shop.sends(order("o1", "999", "u1", later(days=1), products=lines))
    assert total(shop, "gross_margin_rate") == ("105", "135")  # 3 x 50 - 15, less 30
    assert (shop.value("margin"), shop.metric("margin")["missing_cost"]) == ("105", 1)
    shop.sends(track("Return Received", "u1", later(days=3), order_id="o1", products=chair(1)))
    assert total(shop, "gross_margin_rate") == ("70", "90")
    assert day(shop, "margin", 3) == "-35"
    shop.sends(track("Return Received", "u1", later(days=4), order_id="o1", return_id="all"))
    assert total(shop, "gross_margin_rate") == ("0", "0")
    assert shop.value("gross_margin_rate") is None


def test_a_line_whose_cost_has_no_rate_is_left_out_of_the_margin_whole(shop: Shop) -> None:
    shop.records(cost("2", currency="USD"))
    lines = [*chair(1), {"sku": "lamp", "quantity": 1, "price": "80", "cost": "20"}]
    shop.sends(order("o1", "130", "u1", later(days=1), products=lines))
    assert total(shop, "gross_margin_rate") == ("60", "80")
    assert shop.metric("margin")["unconverted"] == [{"currency": "USD", "value": "-2"}]
    shop.records(rate("USD", "7", days=0))
    assert total(shop, "gross_margin_rate") == ("96", "130")
    assert shop.metric("margin")["unconverted"] == []


def test_how_often_a_buyer_buys_counts_orders_with_a_customer_alone(shop: Shop) -> None:
    shop.sends(*(order(f"o{n}", "9", "u1", later(days=n)) for n in (1, 2, 5)))
    shop.sends(order("o8", "9", "u2", later(days=1)), to="store")
    shop.sends(order("o9", "9", None, later(days=1)))
    assert total(shop, "purchase_frequency") == ("4", "2")
    assert total(shop, "purchase_frequency", channel="store") == ("1", "1")
    assert shop.value("orders") == "5"


def viewed(user: str, **at: float) -> dict[str, Any]:
    return track("Product Viewed", user, later(**at))


def test_a_visit_counts_on_the_day_it_begins_even_if_midnight_lies_in_it(shop: Shop) -> None:
    midnight = 14 * 60  # minutes from 10:00 in Shanghai
    shop.sends(*(viewed("u1", days=1, minutes=midnight + n) for n in (-50, -25, 0, 29, 59)))
    assert (shop.value("visits"), day(shop, "visits", 1), day(shop, "visits", 2)) == ("2", "1", "1")
    found = shop.metric("visits", from_="2026-03-03", to="2026-03-03")
    assert found["total"]["value"] == "1"  # what began the day before is not cut in two
    shop.sends(viewed("u1", days=1, minutes=midnight + 45))
    assert (shop.value("visits"), day(shop, "visits", 1)) == ("1", "1")
    behind = shop.get("/api/metrics/visits/rows/", **{"from": "2026-03-02", "to": "2026-03-02"})
    assert [(row["began"], row["ended"], row["events"]) for row in behind["results"]] == [
        ("2026-03-02T15:10:00Z", "2026-03-02T16:59:00Z", 6)
    ]


def test_a_visit_converts_by_an_order_of_its_person_and_channel_until_a_day_after_it(shop: Shop) -> None:
    shop.sends(
        viewed("u1", days=1), viewed("u1", days=1, minutes=20), viewed("u2", days=1), viewed("u3", days=1)
    )
    shop.sends(order("o1", "9", "u1", later(days=2, minutes=20)))  # 24 hours after its end
    shop.sends(order("o2", "9", "u2", later(days=1, minutes=5)), to="store")
    shop.sends(order("o3", "9", "u3", later(days=2, minutes=1)))
    assert total(shop, "visit_conversion") == ("1", "3")
    by = shop.metric("visit_conversion", by="channel")["by"]
    assert by["store"]["total"] == {"value": None, "numerator": "0", "denominator": "0"}
    one, other = (shop.profile(f"user_id:{user}")["id"] for user in ("u2", "u3"))
    merged = {"other": other, "reason": "same person"}
    assert shop.api().post(f"/api/profiles/{one}/merge/", merged, format="json").status_code == 200
    assert total(shop, "visit_conversion") == ("1", "2")  # one person, one visit; the order came too late


def test_a_cart_converts_by_an_order_within_seven_days_of_the_first_thing_put_in(shop: Shop) -> None:
    added = [
        track("Product Added", user, later(days=n))
        for user, n in (("u1", 1), ("u1", 5), ("u2", 2), ("u3", 3))
    ]
    shop.sends(*added)
    shop.sends(order("o1", "9", "u1", later(days=8)), order("o2", "9", "u2", later(days=9, seconds=1)))
    assert total(shop, "cart_conversion") == ("1", "3")
    assert total(shop, "cart_conversion", from_="2026-03-05") == (
        "1",
        "1",
    )  # there the first is that of day 5
    shop.sends(order("o3", "9", "u3", later(days=4)), to="store")
    assert total(shop, "cart_conversion") == ("2", "3")
    assert total(shop, "cart_conversion", channel="web-shop") == (
        "1",
        "3",
    )  # the store's orders are not there
    behind = shop.get("/api/metrics/cart_conversion/rows/", **{"from": "2026-03-01", "to": "2026-03-31"})
    assert [(row["channel"], row["added_at"], row["ordered_at"]) for row in behind["results"]] == [
        ("web-shop", "2026-03-04T02:00:00Z", "2026-03-05T02:00:00Z"),
        ("web-shop", "2026-03-02T02:00:00Z", "2026-03-09T02:00:00Z"),
    ]


def test_an_event_is_identified_if_its_customer_ever_is(shop: Shop) -> None:
    shop.sends(*(track("Product Viewed", None, later(days=1, hours=n), anonymous="a") for n in range(3)))
    shop.sends(
        track("Product Viewed", None, later(days=1), anonymous="b"),
        track("Order Shipped", None, order_id="x"),
    )
    assert total(shop, "identified_share") == ("0", "4")
    shop.sends(track("Product Viewed", "u1", later(days=9), anonymous="a"))
    assert total(shop, "identified_share") == ("4", "5")
