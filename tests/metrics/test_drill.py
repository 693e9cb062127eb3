"""What the rows behind a number count adds up to the number: every part of every metric, on each channel and on all."""

from decimal import Decimal, localcontext

import pytest
from django.db import connection

from metrics import drill, query
from metrics.catalogue import METRICS
from metrics.catalogue import parts as formula
from metrics.scope import Days
from tests.shop import Shop, later, order, track

pytestmark = pytest.mark.django_db
PERIOD = Days(later(days=3).date(), later(days=20).date())


def goods(sku, quantity, price, **more):
    return {"sku": sku, "quantity": quantity, "price": price} | more


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        shop = Shop()
        fill(shop)
        yield shop
        from tests.live import empty

        empty()
        shop.workspace.delete()


def fill(shop):
    """Two currencies (one rate comes late, one never), goods bought, brought back, priced, counted, asked about."""
    day = lambda n: later(days=n)  # noqa: E731
    on = lambda n: day(n).isoformat()  # noqa: E731
    shop.records(
        {"type": "cost", "sku": "A", "unit_cost": "3.5", "at": on(0)},
        {"type": "cost", "sku": "B", "unit_cost": "1", "currency": "USD", "at": on(0)},
        {"type": "stock", "sku": "A", "quantity": 40, "at": on(1)},
        {"type": "stock", "sku": "A", "quantity": 12, "at": on(9)},
        {"type": "stock", "sku": "B", "quantity": 7, "channel": "store", "at": on(5)},
        *(
            {"type": "price", "sku": sku, "channel": channel, "price": price, "at": on(2)}
            for sku, channel, price in (
                ("A", "web-shop", "10"),
                ("A", "store", "10.00"),
                ("B", "web-shop", "8"),
                ("B", "store", "9"),
                ("C", "store", "5"),
            )
        ),
        {"type": "spend", "amount": "100", "from": on(1)[:10], "to": on(7)[:10]},
        {"type": "spend", "amount": "33.33", "from": on(18)[:10], "to": on(40)[:10], "channel": "store"},
        {"type": "spend", "amount": "50", "currency": "USD", "date": on(8)[:10], "at": on(8), "id": "s"},
        {"type": "spend", "amount": "9", "date": on(8)[:10], "kind": "retention"},
    )
    shop.sends(
        order("o1", "100", "u1", at=day(1), products=[goods("A", 2, "10")]),
        order("o2", "50.5", "u1", at=day(4), products=[goods("A", 1, "10"), goods("Z", 1, "40")]),
        order("o3", "20", "u2", at=day(5), currency="USD", products=[goods("B", 3, "6")]),
        order("o4", "70", "u3", at=day(6), currency="EUR", products=[goods("A", 1, "9", cost="4")]),
        order("o5", "5", None, at=day(7)),
        order("o6", "30", "u2", at=day(8), products=[goods("A", 3, "10")]),
        track("Order Refunded", "u1", day(9), order_id="o2", total="10", refund_id="r1"),
        track("Order Refunded", "u2", day(10), order_id="o3", refund_id="r2"),
        track("Order Cancelled", "u2", day(11), order_id="o6"),
        track("Product Viewed", "u1", day(-2)),
        track("Product Viewed", "u4", day(-9)),
        track("Product Viewed", "u4", day(10)),
        track("Product Viewed", None, day(12), anonymous="a1"),
        track("Feedback Given", "u1", day(4), score=5, feedback_id="f1"),
        track("Feedback Given", "u1", day(5), score=1, feedback_id="f2"),
        track("Feedback Given", None, day(5), score=5, feedback_id="f3"),
    )
    shop.sends(
        order("o7", "15", "u1", at=day(13), products=[goods("A", 1, "15")]),
        order("o8", "16", "u5", at=day(13), products=[goods("B", 1, "15")]),
        track("Return Received", "u1", day(14), order_id="o2", return_id="b1", order_channel="web-shop"),
        track("Return Received", "u5", day(15), order_id="o8", return_id="b2"),
        track("Feedback Given", "u1", day(6), score=5, feedback_id="f4"),
        to="store",
    )
    shop.records({"type": "rate", "currency": "USD", "rate": "7.1234", "at": on(2)})
    shop.drains()


def counted(shop, metric, part, ask):
    """What all the pages of a part's rows count, and how many rows there are."""
    found, at = [], None
    while True:
        _kind, page = drill.behind(connection, shop, metric.name, ask, at, 2, part.name)
        found += page.items
        at = page.next
        if at is None:
            break
    keys = [str(sorted(item.items(), key=str)) for item in found]
    if part.name not in ("answered", "satisfied"):
        assert len(set(keys)) == len(keys), (metric.name, part.name)
    counts = [Decimal(item["counts"]) for item in found if item["counts"] is not None]
    return sum(counts, Decimal(0)), len(found)


@pytest.mark.parametrize("channel", [None, "web-shop", "store"])
@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_the_rows_of_every_part_add_up_to_it(world, db, metric, channel):
    shop = query.reporting_settings(connection, world.workspace)
    ids = {slug: key for key, slug in shop.channels.items()}
    ask = query.Ask(PERIOD, "day", channel=ids.get(channel))
    sides = {"value": Decimal(0), "numerator": Decimal(0), "denominator": Decimal(0)}
    with localcontext(query.EXACT):
        for part in formula.parts(metric):
            total, n = counted(shop, metric, part, ask)
            if part.name == "stock":
                total = total / PERIOD.length
            wanted = drill.amount(connection, shop, part, ask).value
            assert abs(total - wanted) < Decimal("1E-40"), (part.name, total, wanted)
            assert n or not wanted
            sides[part.side] += part.sign * total
    answer = query.measure(connection, shop, metric.name, ask).total
    assert abs(sides["value"] + sides["numerator"] - answer.numerator) < Decimal("1E-40")
    if answer.denominator is not None:
        assert abs(sides["denominator"] - answer.denominator) < Decimal("1E-40")


def test_the_story_moves_every_number(world, db):
    shop = query.reporting_settings(connection, world.workspace)
    for metric in METRICS:
        total = query.measure(connection, shop, metric.name, query.Ask(PERIOD)).total
        assert total.numerator, metric.name


def test_a_row_names_its_customer(world, db):
    shop = query.reporting_settings(connection, world.workspace)
    _kind, page = drill.behind(connection, shop, "gmv", query.Ask(PERIOD), None, 50)
    assert all(row["profile"] for row in page.items if row["order_id"] != "o5")
    assert [row["profile"] for row in page.items if row["order_id"] == "o5"] == [None]


def test_what_has_no_rate_counts_nothing_and_says_so(world, db):
    shop = query.reporting_settings(connection, world.workspace)
    _kind, page = drill.behind(connection, shop, "gmv", query.Ask(PERIOD), None, 50)
    assert {row["order_id"]: row["counts"] for row in page.items}["o4"] is None
