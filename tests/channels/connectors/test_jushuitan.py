"""Jushuitan, an ERP: what is asked and how it is signed, which pages are walked, and what its rows become.

The double answers as the platform's documents say; signatures are computed here, by the sentence of the documents.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection

from channels.connectors.base import Page
from channels.models import Connector
from channels.reasons import Rejection
from kernel.db import rows as asked_rows
from tests.channels.connectors import pulling
from tests.channels.connectors.pulling import NOW, Asks, Way, at, beijing, cut, walk
from tests.channels.connectors.telling import not_understood, told
from tests.channels.hooking import connector
from tests.platform_double import Asked, said
from tests.platform_double import Said as Answered
from tests.shop import Shop

KEY, SECRET, TOKEN = "b0b7d1db226d4216a3d58df9ffa2dde5", "99c4cef262f34ca882975a7064de0b87", "token-1"
DAY = 86_400
PATHS = {
    "/open/orders/single/query": ("orders", "orders"),
    "/open/refund/single/query": ("refunds", "datas"),
    "/open/inventory/query": ("stock", "inventorys"),
    "/open/sku/query": ("goods", "datas"),
}


def made(shop: Shop, address: str = "", secrets: Mapping[str, str] = {}, **settings: Any) -> Connector:
    own = {"address": address} if address else {}
    keys = {"app_key": KEY, "app_secret": SECRET, "access_token": TOKEN} | dict(secrets)
    return connector(shop, "jushuitan", own | settings, {name: one for name, one in keys.items() if one})


def right_sign(form: dict[str, str]) -> str:
    """Sorted by name, each name before its value, the secret in front of all: MD5, 32 small letters."""
    text = SECRET
    for name in sorted(set(form) - {"sign"}):
        text += name + form[name]
    return hashlib.md5(text.encode("utf-8")).hexdigest()


class Double:
    """The ERP: rows by feed, each with its time of modification."""

    def __init__(self, size: int = 50, **feeds: list[dict[str, Any]]) -> None:
        self.feeds, self.size, self.asks = feeds, size, list[Asks]()

    def __call__(self, asked: Asked) -> Answered:
        form = asked.form
        assert form["sign"] == right_sign(form)
        assert (form["app_key"], form["charset"], form["version"]) == (KEY, "utf-8", "2")
        assert form["timestamp"] == str(int(NOW))
        assert form["access_token"] == TOKEN
        topic, where = PATHS[asked.path]
        biz = json.loads(form["biz"])
        since, until = beijing(biz["modified_begin"]), beijing(biz["modified_end"])
        assert 0 < until - since <= 7 * DAY
        assert biz["page_size"] <= 50
        self.asks.append(Asks(topic, since, until, biz["page_index"]))
        there = [row for row in self.feeds.get(topic, []) if since <= beijing(row["modified"]) <= until]
        pages = -(-len(there) // self.size)
        page = biz["page_index"]
        data = {"page_index": page, "data_count": len(there), "page_count": pages, "has_next": page < pages}
        return said({"code": 0, "msg": None, "data": data | {where: cut(there, page, self.size)}})


def sold(n: int, modified: float, **rest: Any) -> dict[str, Any]:
    """An order of the ERP's own shop."""
    moment = at(modified)
    whole = {
        "so_id": f"S-{n}", "o_id": n, "shop_id": "1", "status": "WaitConfirm", "order_date": moment,
        "pay_date": moment, "modified": moment, "pay_amount": "10.00", "paid_amount": "10.00",
        "items": [{"sku_id": "A", "qty": 1, "price": "10.00", "amount": "10.00"}],
    }  # fmt: skip
    return whole | rest


def numbers(pages: list[Page]) -> list[str]:
    """The orders that came, in the order in which they came."""
    return [
        row["so_id"]
        for one in pages
        if one.topic == "orders" and one.body
        for row in json.loads(one.body)["rows"]
    ]


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


# ---- what is asked ----------------------------------------------------------------------------------


def test_the_first_pull_reaches_back_in_stretches_of_a_week_at_most(shop: Shop, platforms: Any) -> None:
    double = Double(orders=[sold(n, NOW - n * DAY) for n in range(1, 30)])
    with platforms(double) as erp, Way() as way:
        pages = walk(made(shop, erp.url), way)
    for topic in ("orders", "refunds", "stock", "goods"):
        pulling.covers(double.asks, topic, NOW - 30 * DAY, int(NOW) - 180, 7 * DAY)
    assert set(numbers(pages)) == {f"S-{n}" for n in range(1, 30)}
    assert all(one.body == b"" for one in pages if one.topic != "orders"), "nothing came: nothing is kept"
    ends = dict.fromkeys(("orders", "refunds", "stock", "goods"), int(NOW) - 180)
    assert pages[-1].cursor["done"] == ends
    assert pages[-1].cursor["reading"] is None
    one = made(shop)
    pulling.keeps_body(one, pulling.rows(row, sold(2, NOW, so_id="A-2", status="Merged")), "orders")
    shop.drains()
    found = asked_rows(connection, "select order_id, total from metrics_order order by 1")
    assert [(number, f"{total:.2f}") for number, total in found] == [("A-1", "25.00"), ("A-2", "35.00")]


@pytest.mark.parametrize(
    "rest",
    [
        {"status": "Merged"},
        {"status": "Split"},
        {"status": "WaitPay"},
        {"type": "补发订单"},
        {"type": "换货订单"},
    ],
    ids=str,
)
def test_what_is_no_sale_says_nothing(shop: Shop, rest: dict[str, Any]) -> None:
    assert told(made(shop), pulling.rows(sold(1, NOW, **rest)), query="orders") == []


def test_an_erps_own_cancellation_is_none_of_the_shops(shop: Shop) -> None:
    def said_of(**rest: Any) -> list[str]:
        found = told(made(shop), pulling.rows(sold(1, NOW, **rest)), query="orders")
        assert isinstance(found, list)
        return [one["event"] for one in found]

    assert "Order Cancelled" not in said_of(status="Cancelled", shop_status="WAIT_SELLER_SEND_GOODS")
    assert "Order Cancelled" in said_of(status="Cancelled", shop_status="TRADE_CLOSED")


def test_stock_goods_and_costs_are_records(shop: Shop) -> None:
    one = made(shop)
    stock = {"sku_id": "TEA-250", "qty": 40, "modified": "2026-03-01 08:00:00"}
    goods = {
        "sku_id": "TEA-250", "name": "白茶", "properties_value": "250g", "category": "茶叶", "brand": "木禾",
        "cost_price": "31.5", "modified": "2026-02-01 08:00:00",
    }  # fmt: skip
    pulling.keeps_body(one, pulling.rows(stock), "stock")
    pulling.keeps_body(one, pulling.rows(goods, {"sku_id": "NEW", "name": "x", "cost_price": 0}), "goods")
    shop.drains()
    assert asked_rows(connection, "select sku, quantity from metrics_stock") == [("TEA-250", 40)]
    assert [f"{cost:.2f}" for (cost,) in asked_rows(connection, "select unit_cost from metrics_cost")] == [
        "31.50"
    ]
    known = asked_rows(connection, "select name, category, brand from metrics_product where sku = 'TEA-250'")
    assert known == [("白茶 250g", "茶叶", "木禾")]


@pytest.mark.parametrize("topic", ["orders", "refunds"])
def test_a_page_with_anything_in_place_of_a_field_is_read_or_refused(shop: Shop, topic: str) -> None:
    one = made(shop)
    row = (orders() if topic == "orders" else refunds())[0]
    for body in pulling.odd_rows(row):
        found = told(one, body, query=topic)
        assert not isinstance(found, Rejection) or found.code.name != "not_understood", body
    for body in list(pulling.odd_rows(row))[::7]:
        pulling.keeps_body(one, body, topic)
    shop.drains()
    assert not_understood() == 0


def test_masked_people_are_nobody(shop: Shop) -> None:
    row = sold(
        1,
        NOW,
        shop_buyer_id="木**",
        receiver_mobile="138****0001",
        receiver_name="王*",
        receiver_phone="13800000001",
    )
    found = told(made(shop), pulling.rows(row), query="orders")
    assert isinstance(found, list)
    assert all("identifiers" not in one for one in found)
