"""What the rows behind a number count adds up to the number: every part of every metric, on each channel and on all."""

from decimal import Decimal, localcontext

import pytest
from django.db import connection

from kernel.errors import BadRequest
from metrics import drill, query
from metrics.catalogue import METRICS
from metrics.catalogue import parts as formula
from metrics.scope import Days
from tests.shop import Shop, later, order, track

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
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
        {"type": "product", "sku": "A", "name": "Chair"},
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
        {"type": "stock", "sku": "C", "quantity": 0, "at": on(4)},
        {"type": "spend", "amount": "100", "from": on(1)[:10], "to": on(7)[:10]},
        {"type": "spend", "amount": "33.33", "from": on(18)[:10], "to": on(40)[:10], "channel": "store"},
        {"type": "spend", "amount": "50", "currency": "USD", "date": on(8)[:10], "at": on(8), "id": "s"},
        {"type": "spend", "amount": "9", "date": on(8)[:10], "kind": "retention"},
    )
    shop.sends(
        order("o1", "100", "u1", at=day(1), products=[goods("A", 2, "10")]),
        order("o2", "50.5", "u1", at=day(4), products=[goods("A", 1, "10"), goods("Z", 1, "40")], payout="44",
              paid="50", fees=[{"kind": "commission", "amount": "2.5"}, {"kind": "freight", "amount": "3"}]),
        order("o3", "20", "u2", at=day(5), currency="USD", products=[goods("B", 3, "6")], payout="19",
              fees=[{"kind": "commission", "amount": "1"}]),
        order("o4", "70", "u3", at=day(6), currency="EUR", products=[goods("A", 1, "9", cost="4")], payout="60",
              fees=[{"kind": "commission", "amount": "7"}]),
        order("o5", "5", None, at=day(7)),
        order("o6", "30", "u2", at=day(8), products=[goods("A", 3, "10")]),
        track("Order Refunded", "u1", day(9), order_id="o2", total="10", refund_id="r1"),
        track("Order Refunded", "u2", day(10), order_id="o3", refund_id="r2"),
        track("Order Cancelled", "u2", day(11), order_id="o6"),
        track("Payment Failed", "u1", day(4), order_id="o2", payment_id="p1", method="card"),
        track("Payment Succeeded", "u1", day(4.1), order_id="o2", payment_id="p2", amount="50", method="alipay"),
        track("Order Shipped", "u1", day(5), order_id="o2", promised_at=on(6.5)),
        track("Order Delivered", "u1", day(6.01), order_id="o2"),
        track("Order Delivered", "u2", day(8), order_id="o3", promised_at=on(7)),
        track("Ticket Opened", "u1", day(6), ticket_id="t1", topic="late"),
        track("Ticket Resolved", "u1", day(8.003), ticket_id="t1", first_response_at=on(6.02)),
        track("Ticket Opened", None, day(7), ticket_id="t2"),
        track("Return Requested", "u1", day(8.8), order_id="o2", return_id="b0"),
        track("Membership Joined", "u1", day(3), member_no="M1"),
        track("Product Viewed", "u1", day(-2)),
        track("Product Added", "u1", day(3.9)),
        track("Product Viewed", "u4", day(-9)),
        track("Product Viewed", "u4", day(10)),
        track("Product Viewed", None, day(12), anonymous="a1"),
        track("Feedback Given", "u1", day(4), score=5, feedback_id="f1"),
        track("Feedback Given", "u1", day(5), score=1, feedback_id="f2"),
        track("Feedback Given", None, day(5), score=5, feedback_id="f3"),
    )  # fmt: skip
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
    if part.rows.kind != "answers":
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
            if part.rows.mean:
                total = total / (part.rows.back or PERIOD.length)
            wanted = drill.amount(connection, shop, metric, part, ask).value
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


def paged(shop, metric, part, ask, ordering, limit=2):
    """All rows of a part in an order, page by page."""
    found, at = [], None
    while True:
        _kind, page = drill.behind(connection, shop, metric.name, ask, at, limit, part.name, ordering)
        found += page.items
        if page.previous and len(found) > limit:
            _kind, before = drill.behind(
                connection, shop, metric.name, ask, page.previous, limit, part.name, ordering
            )
            assert before.items == found[-len(page.items) - limit : -len(page.items)]
        if page.next is None:
            return found
        at = page.next


def comparable(value):
    """A value of an answer as the list compares it: what is missing first."""
    if value is None or value == "":
        return (0,)
    return (1, len(value)) if isinstance(value, list) else (1, value)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_rows_are_sorted_by_any_of_their_columns_and_none_is_lost_between_pages(world, db, metric):
    shop, ask = query.reporting_settings(connection, world.workspace), query.Ask(PERIOD)
    order_of_channels = list(shop.channels.values())
    for part in formula.lists(metric):
        every = sorted(map(str, paged(shop, metric, part, ask, "")))
        sortable = drill.orderings(part)
        assert part.rows.usual.removeprefix("-") in {"", *sortable}
        for name in sortable:
            forms = {column.field: column.form for column in part.rows.columns}
            for sign in ("", "-"):
                found = paged(shop, metric, part, ask, sign + name)
                assert sorted(map(str, found)) == every, (part.name, sign + name)
                values = [row[name] for row in found]
                if forms.get(name) in ("number", "score") or name == "counts":
                    values = [None if one is None else Decimal(one) for one in values]
                elif forms.get(name) == "channel":
                    values = [order_of_channels.index(one) for one in values]
                elif forms.get(name) in ("money", "cost"):
                    continue  # compared at their rates, below
                said = [comparable(value) for value in values]
                assert said == sorted(said, reverse=bool(sign)), (part.name, sign + name)


def test_amounts_of_several_currencies_are_sorted_by_what_they_are_worth(world, db):
    shop = query.reporting_settings(connection, world.workspace)
    gmv = query.metric_named("gmv")
    rows = paged(shop, gmv, formula.part_of(gmv, "gmv"), query.Ask(PERIOD), "-total")
    worth = [row["counts"] and Decimal(row["counts"]) for row in rows]
    assert [row["order_id"] for row in rows][:2] == ["o3", "o2"]  # 20 dollars are more than 50.50 yuan
    assert worth[-1] is None  # and what has no rate comes last
    assert worth[:-1] == sorted(worth[:-1], reverse=True)


def test_an_order_that_a_list_does_not_have_is_refused_with_those_it_has(world, db):
    shop = query.reporting_settings(connection, world.workspace)
    for name, part in (("gmv", "gmv"), ("inventory_turnover", "stock"), ("satisfaction", None)):
        with pytest.raises(BadRequest, match=r"`ordering` is one of .*, with - for falling"):
            drill.behind(connection, shop, name, query.Ask(PERIOD), None, 5, part, "-customer")


def test_what_followed_an_order_names_the_customer_of_the_order(world, db):
    shop = query.reporting_settings(connection, world.workspace)
    _kind, orders = drill.behind(connection, shop, "gmv", query.Ask(PERIOD), None, 50)
    owners = {row["order_id"]: row["profile"] for row in orders.items}
    for name, part in (("refunds", None), ("net_revenue", None), ("cross_channel_return_rate", "returns"),
                       ("inventory_turnover", "cogs")):  # fmt: skip
        _kind, page = drill.behind(connection, shop, name, query.Ask(PERIOD), None, 50, part)
        assert page.items
        for row in page.items:
            assert row["profile"] == owners[row["order_id"]], (name, row)


def test_a_sku_says_its_name_and_how_far_its_prices_lie_apart(world, db):
    shop = query.reporting_settings(connection, world.workspace)
    parity = query.metric_named("price_parity")
    rows = paged(shop, parity, formula.part_of(parity, "compared"), query.Ask(PERIOD), "-spread")
    said = [(row["sku"], Decimal(row["spread"]), row["agreeing"], row["name"]) for row in rows]
    assert said == [("B", 1, False, ""), ("A", 0, True, "Chair")]
