"""What other parts may ask of facts and records."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from kernel.event import Record
from metrics import queries
from tests.metrics.facts.booking import books
from tests.metrics.facts.builders import (
    TMALL,
    WEB,
    WORKSPACE,
    line,
    record,
    says,
)

pytestmark = pytest.mark.django_db

MARCH = date(2026, 3, 1)


def test_an_order_is_shown_with_all_that_belongs_to_it():
    books(
        [
            says("order_completed", total=100, lines=(line("chair", 2),), sighting=7),
            says("order_refunded", at=9, total=1),
        ],
        [
            says("payment_succeeded", at=1, amount=100, method="card"),
            says("order_shipped", at=2, carrier="SF"),
        ],
        [
            says("order_completed", "B2", at=50, channel=TMALL, total=5, sighting=7),
            says("return_received", at=8),
        ],
    )
    second, first = queries.orders_of(connection, WORKSPACE, [7])
    assert (first["order_id"], first["state"], second["order_id"], second["state"]) == (
        "A1",
        "shipped",
        "B2",
        "ordered",
    )
    sizes = {name: len(first[name]) for name in queries.PARTS}
    assert sizes == dict.fromkeys(queries.PARTS, 1)
    assert queries.orders_of(connection, WORKSPACE, []) == []


def test_what_waits_is_listed_newest_first_page_by_page():
    books([says("order_refunded", f"X{n}", at=n, total=1) for n in range(5)])
    page = queries.waiting(connection, WORKSPACE, limit=3)
    assert [one.order_id for one in page.items] == ["X4", "X3", "X2"]
    page = queries.waiting(connection, WORKSPACE, at=page.next, limit=3)
    assert [(one.order_id, one.reason) for one in page.items] == [
        ("X1", "unknown_order"),
        ("X0", "unknown_order"),
    ]
    assert not queries.waiting(connection, WORKSPACE, reason="no_total").items


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (
            record("product", sku="chair", name="Chair", tags=["oak"]),
            {"sku": "chair", "name": "Chair", "tags": ["oak"]},
        ),
        (record("price", channel=WEB, sku="chair", price="9.90", currency="CNY"), {"price": "9.90"}),
        (record("stock", channel=WEB, sku="chair", quantity=4), {"quantity": "4", "location": ""}),
        (
            record("cost", sku="chair", unit_cost="1.23456", currency="CNY"),
            {"unit_cost": "1.23456", "channel": None},
        ),
        (
            record("spend", channel=WEB, amount=5, currency="CNY", date=MARCH),
            {"from": "2026-03-01", "amount": "5"},
        ),
        (record("target", metric="cac", value=30, **{"from": MARCH}), {"metric": "cac", "to": None}),
        (record("rate", currency="EUR", rate="7.81"), {"rate": "7.81"}),
    ],
)
def test_records_are_read_back(one: Record, shown: dict[str, Any]):
    books([one])
    (found,) = queries.records(connection, WORKSPACE, {"type": one.type}).items
    assert found | shown == found
    assert found["type"] == one.type
