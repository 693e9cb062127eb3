"""The mirror follows what batches change, and is what it would be if it were made anew."""

from datetime import timedelta

import pytest

from tests.metrics.mirror.state import anew, followed, manifest
from tests.shop import START, Shop, identify, order, track

LINE = {"product_id": "S-1", "quantity": 2, "price": "49.75"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def hours(n: float):
    return START + timedelta(hours=n)


def test_touches_orders_and_people_follow(shop: Shop):
    followed(shop.workspace.pk)
    shop.sends(
        *[
            track(
                "Product Viewed",
                "u-1",
                hours(0),
                product_id="S-1",
                category="tea",
                products=[{"product_id": "x"}],
            ),
            track("Product Added", anonymous="a-1", at=hours(1)),
            identify("u-1", hours(2), city="Hangzhou", email="a@example.com"),
            order(
                "o-1",
                "99.50",
                "u-1",
                hours(3),
                currency="CNY",
                products=[{"product_id": "S-1", "quantity": 2, "price": "49.75"}],
            ),
        ]
    )
    shop.drains()
    first = followed(shop.workspace.pk)
    assert [row[5] for row in sorted(first["touches"])] == [
        "Product Viewed",
        "Product Added",
        "Order Completed",
    ]
    assert len(first["orders"]) == len(first["order_lines"]) == 1
    assert [row[2] for row in first["traits"]] == ["Hangzhou"]
    assert first == anew(shop.workspace.pk)


def test_what_changes_an_order_takes_its_place(shop: Shop):
    followed(shop.workspace.pk)
    shop.sends(
        *[
            order(
                "o-1", "90", "u-1", hours(0), currency="CNY", products=[{"product_id": "S-1", "quantity": 1}]
            )
        ]
    )
    shop.drains()
    followed(shop.workspace.pk)
    shop.sends(
        *[
            track("Order Refunded", "u-1", hours(50), order_id="o-1", refund_id="r-1", total="10"),
            order("o-1", "95", "u-1", hours(-24 * 40), currency="CNY"),
            track("Payment Failed", "u-1", hours(1), order_id="o-1", payment_id="p-1"),
            track(
                "Payment Succeeded",
                "u-1",
                hours(2),
                order_id="o-1",
                payment_id="p-1",
                amount="95",
                method="wechat",
            ),
            track("Order Delivered", "u-1", hours(60), order_id="o-1", promised_at=hours(55).isoformat()),
            track("Ticket Opened", "u-1", hours(61), ticket_id="t-1", order_id="o-1"),
            track("Feedback Given", "u-1", hours(62), score=5),
        ]
    )
    shop.drains()
    then = followed(shop.workspace.pk)
    assert len(then["orders"]) == 1
    assert then["payments"][0][8] == "succeeded"
    assert then == anew(shop.workspace.pk)


def test_joins_move_sightings_and_renames_are_followed(shop: Shop):
    followed(shop.workspace.pk)
    shop.sends(*[track("Page A", anonymous=f"a-{n}", at=hours(n)) for n in range(6)])
    shop.drains()
    followed(shop.workspace.pk)
    for n in range(0, 6, 2):
        shop.sends(*[track("Signed In", "u-1", hours(10 + n), anonymous=f"a-{n}")])
        shop.drains()
    shop.sends(
        *[
            track("Signed In", "u-2", hours(20), anonymous="a-1"),
            identify("u-1", hours(-5), phone="13800138000"),
        ]
    )
    shop.drains()
    state = followed(shop.workspace.pk)
    assert state == anew(shop.workspace.pk)
    assert len({row[1] for row in state["customers"]}) < len(state["customers"])


def test_an_empty_workspace_has_a_mirror(shop: Shop):
    state = followed(shop.workspace.pk)
    assert not any(state.values())
    assert manifest(shop.workspace.pk).as_of is None
