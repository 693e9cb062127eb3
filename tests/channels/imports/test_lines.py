"""An order's lines: one order however many rows, pieces, files and cuts they came in."""

import random
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.imports import chunks
from channels.models import Connector
from kernel.db import rows
from tests.channels.imports.dropping import LINES, drop, file_connector, text, totals
from tests.shop import Shop

Row = list[str]


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def line(order: int, sku: str, quantity: int, price: str, phone: str = "") -> Row:
    return [
        f"T{order}",
        f"2026-03-0{order % 7 + 1} 10:00:00",
        phone,
        sku,
        f"goods {sku}",
        str(quantity),
        price,
    ]


def orders_of(one: Connector) -> dict[str, tuple[str, dict[str, str]]]:
    """What the ledger has of a connector's channel: order -> its total, and what of each SKU."""
    found = rows(
        connection,
        "select o.order_id, o.total::text, l.sku, sum(l.quantity)::text from metrics_order o"
        " left join metrics_order_line l using (workspace_id, order_id, channel_id)"
        " where channel_id = %(c)s group by 1, 2, 3",
        c=one.channel_id,
    )
    kept: dict[str, tuple[str, dict[str, str]]] = {}
    for order, total, sku, quantity in found:
        kept.setdefault(order, (total, {}))[1][sku] = quantity
    return kept


def expected(lines: Sequence[Row]) -> dict[str, tuple[Decimal, dict[str, Decimal]]]:
    """The same, by adding up."""
    total: dict[str, Decimal] = defaultdict(Decimal)
    goods: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for order, _at, _phone, sku, _name, quantity, price in lines:
        total[order] += Decimal(quantity) * Decimal(price)
        goods[order][sku] += Decimal(quantity)
    return {order: (total[order], dict(goods[order])) for order in total}


def numbers(found: dict[str, tuple[Any, dict[str, Any]]]) -> dict[str, tuple[Decimal, dict[str, Decimal]]]:
    return {
        order: (Decimal(total), {sku: Decimal(n) for sku, n in goods.items()})
        for order, (total, goods) in found.items()
    }


def many(count: int, seed: int = 1, most: int = 5) -> list[Row]:
    rng = random.Random(seed)
    return [
        line(order, f"S{n}", rng.randint(1, 4), f"{rng.randint(1, 900)}.{rng.randint(0, 99):02}")
        for order in range(1, count + 1)
        for n in range(rng.randint(1, most))
    ]


def test_lines_that_follow_each_other_are_one_order(shop: Shop) -> None:
    one = file_connector(shop, "order_lines")
    said = drop(
        shop,
        one,
        text(
            LINES,
            line(1, "A", 2, "5", "13812345678"),
            line(1, "B", 1, "7.5"),
            line(1, "A", 1, "5"),
            line(2, "A", 1, "9"),
        ),
    )
    assert (said["rows"], said["good"]) == (4, 4)
    assert (shop.value("gmv"), shop.value("orders"), shop.value("buyers")) == ("31.5", "2", "1")
    [order] = shop.get("/api/events/", message_id="order:T1")["results"]
    assert [one["sku"] for one in order["properties"]["products"]] == ["A", "B", "A"]
    assert order["properties"]["total"] == "22.5"


def test_an_order_is_whole_across_the_border_of_two_pieces(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "ROWS", 3)
    one = file_connector(shop, "order_lines")
    lines = many(30)
    said = drop(shop, one, text(LINES, *lines))
    assert said["good"] == len(lines)
    assert numbers(orders_of(one)) == expected(lines)
    assert len(shop.get("/api/events/", limit=200)["results"]) == 30


def test_lines_that_stand_apart_are_one_order(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file sorted by something else."""
    monkeypatch.setattr(chunks, "ROWS", 4)
    one = file_connector(shop, "order_lines")
    lines = many(12)
    random.Random(3).shuffle(lines)
    file = text(LINES, *lines)
    for _ in range(2):
        drop(shop, one, file)
        assert numbers(orders_of(one)) == expected(lines)


def test_an_order_of_an_earlier_file_that_changed_is_replaced_not_doubled(shop: Shop) -> None:
    one = file_connector(shop, "order_lines")
    old = [line(1, "A", 1, "5"), line(2, "A", 2, "5"), line(2, "B", 1, "6"), line(3, "C", 1, "7")]
    new = [line(1, "A", 1, "5"), line(2, "A", 3, "5"), line(3, "C", 1, "7"), line(4, "D", 1, "8")]
    drop(shop, one, text(LINES, *old))
    drop(shop, one, text(LINES, *new))
    assert numbers(orders_of(one)) == expected(new)
    drop(shop, one, text(LINES, *old))  # an old file again
    assert numbers(orders_of(one)) == expected(new)


def test_a_file_of_one_order_that_changed_is_not_taken_for_its_other_half(shop: Shop) -> None:
    one = file_connector(shop, "order_lines")
    for quantity in (1, 2, 3):
        lines = [line(1, "A", quantity, "5"), line(1, "B", quantity, "7")]
        drop(shop, one, text(LINES, *lines))
        assert numbers(orders_of(one)) == expected(lines)


def test_columns_in_another_order_say_the_same(shop: Shop) -> None:
    one = file_connector(shop, "order_lines")
    lines = many(5)
    drop(shop, one, text(LINES, *lines))
    before = rows(connection, "select message_id from profiles_event order by 1")
    turned = [list(reversed(row)) for row in lines]
    drop(shop, one, text(list(reversed(LINES)), *turned))
    assert rows(connection, "select message_id from profiles_event order by 1") == before


def test_totals_that_a_file_says_win_over_what_lines_come_to(shop: Shop) -> None:
    one = file_connector(shop, "order_lines")
    head = [*LINES, "实付金额", "运费"]
    lines = [
        [*line(1, "A", 2, "5"), "12", "5"],
        [*line(1, "B", 1, "7"), "12", "5"],
        [*line(2, "B", 1, "7"), "", "5"],
    ]
    drop(shop, one, text(head, *lines))
    assert shop.value("gmv") == "24"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    orders=st.lists(st.integers(1, 4), min_size=1, max_size=6),
    at=st.floats(0, 1),
    size=st.integers(1, 4),
    whole=st.sampled_from(["none", "before", "after"]),
    turned=st.booleans(),
)
def test_a_file_cut_anywhere_into_two_comes_to_the_same(
    db: None, orders: list[int], at: float, size: int, whole: str, turned: bool
) -> None:
    """Each half with the header; the whole before or after them, or never; the second half first."""
    shop = Shop()
    before = chunks.ROWS
    chunks.ROWS = size  # type: ignore[misc]
    try:
        one = file_connector(shop, "order_lines")
        lines = [line(n, f"S{k}", k + 1, "2.50") for n, count in enumerate(orders, 1) for k in range(count)]
        cut = round(at * len(lines))
        parts = [text(LINES, *part) for part in (lines[:cut], lines[cut:]) if part]
        files = parts[::-1] if turned else parts
        if whole != "none":
            files = [text(LINES, *lines), *files] if whole == "before" else [*files, text(LINES, *lines)]
        for file in files:
            assert drop(shop, one, file)["bad"] == 0
        assert numbers(orders_of(one)) == expected(lines)
        assert totals(shop)["orders"] == str(len(orders))
    finally:
        chunks.ROWS = before  # type: ignore[misc]
