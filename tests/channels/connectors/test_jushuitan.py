"""Jushuitan, an ERP: what is asked and how it is signed, which pages are walked, and what its rows become.

The double answers as the platform's documents say; signatures are computed here, by the sentence of the documents.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection

from channels.connectors.base import Page
from channels.models import Connector
from channels.reasons import Rejection
from kernel.db import rows as asked_rows
from kernel.errors import Refused
from kernel.outside import Busy, CredentialsRefused, NotJson, Said
from tests.channels.connectors import pulling
from tests.channels.connectors.pulling import NOW, Asks, Way, at, beijing, cut, walk
from tests.channels.connectors.telling import events, not_understood, read, same_after_a_rebuild, told
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


def test_the_next_run_begins_where_the_last_ended_but_for_what_is_committed_late(
    shop: Shop, platforms: Any
) -> None:
    double = Double(orders=[sold(1, NOW - 200)])
    with platforms(double) as erp, Way() as way:
        one = made(shop, erp.url, refunds=False, stock=False, goods=False)
        first = walk(one, way)
        double.asks.clear()
        assert walk(one, way, first[-1].cursor) == [Page(b"", first[-1].cursor, rows=0)], (
            "up to date: no request"
        )
        assert not double.asks
        earlier = {"done": {"orders": int(NOW) - 1_080}, "next": {"orders": int(NOW) - 1_380}}
        again = walk(one, way, earlier)
    (asked,) = double.asks
    assert (asked.since, asked.until) == (int(NOW) - 180 - 900 - 300, int(NOW) - 180)
    assert numbers(again) == ["S-1"]
    assert again[-1].cursor["done"]["orders"] == int(NOW) - 180


def test_pages_are_walked_from_the_last_one_so_that_what_moves_up_is_not_missed(
    shop: Shop, platforms: Any
) -> None:
    rows = [sold(n, NOW - DAY + n) for n in range(7)]
    double = Double(size=2, orders=rows)

    def moving(asked: Asked) -> Answered:
        answer = double(asked)
        if len(double.asks) == 1:  # the first order changes now: it leaves the stretch, all others move up
            rows[0]["modified"] = at(NOW)
        return answer

    with platforms(moving) as erp, Way() as way:
        pages = walk(made(shop, erp.url, refunds=False, stock=False, goods=False, days=2), way)
    assert [one.page for one in double.asks] == [1, 4, 3, 2, 1]
    assert set(numbers(pages)) >= {f"S-{n}" for n in range(1, 7)}


def test_a_run_that_is_broken_off_goes_on_at_its_page(shop: Shop, platforms: Any) -> None:
    double = Double(size=2, orders=[sold(n, NOW - DAY + n) for n in range(6)])
    with platforms(double) as erp, Way() as way:
        one = made(shop, erp.url, refunds=False, stock=False, goods=False, days=2)
        first = pulling.page(one, way)
        second = pulling.page(one, way, first.cursor)
        double.asks.clear()
        rest = walk(one, way, second.cursor)
    assert [asked.page for asked in double.asks] == [2, 1]
    assert set(numbers([first, second, *rest])) == {f"S-{n}" for n in range(6)}


def test_an_app_of_the_merchants_own_fetches_its_token_once(shop: Shop, platforms: Any) -> None:
    asks: list[str] = []

    def answers(asked: Asked) -> Answered:
        asks.append(asked.path)
        form = asked.form
        assert form["sign"] == right_sign(form)
        if asked.path == "/openWeb/auth/getInitToken":
            assert (form["grant_type"], form["charset"]) == ("authorization_code", "utf-8")
            assert re.fullmatch(r"[0-9a-z]{6}", form["code"])
            return said(
                {"code": 0, "data": {"access_token": "fresh", "expires_in": 2_592_000, "refresh_token": "r"}}
            )
        assert form["access_token"] == "fresh"
        return said({"code": 0, "data": {"orders": [], "has_next": False}})

    with platforms(answers) as erp, Way() as way:
        walk(made(shop, erp.url, {"access_token": ""}, refunds=False, stock=False, goods=False, days=10), way)
        assert way.made == {"access_token": ("fresh", 2_592_000 - DAY)}
    assert asks.count("/openWeb/auth/getInitToken") == 1
    assert len(asks) == 3


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (said("<html>busy</html>"), NotJson),
        (said([]), NotJson),
        (said({}), Said),
        (said({"code": 0}), Said),
        (said({"code": 0, "data": 7}), Said),
        (said({"code": 0, "data": {"orders": {"a": 1}}}), Said),
        (said({"code": 0, "data": {"orders": "x"}}), Said),
        (said({"code": 0, "data": {"orders": [{}], "page_count": 999_999_999}}), Said),
        (said({"code": 199, "msg": "接口调用频率超限"}), Busy),
        (said({"code": 100, "msg": "无效的access_token"}), CredentialsRefused),
        (said({"code": {"a": 1}, "msg": ["x"]}), Said),
    ],
    ids=str,
)
def test_an_answer_that_is_none_is_a_sentence(
    shop: Shop, platforms: Any, answer: Answered, trouble: Any
) -> None:
    with platforms(lambda _asked: answer) as erp, Way() as way, pytest.raises(trouble):
        pulling.page(made(shop, erp.url), way)


def test_without_a_secret_nothing_is_asked(shop: Shop, platforms: Any) -> None:
    with platforms() as erp, Way() as way:
        one = made(shop, erp.url, {"app_secret": ""})
        with pytest.raises(Refused, match="app_secret"):
            pulling.page(one, way)
        assert not erp.asked


# ---- what it says -----------------------------------------------------------------------------------


def orders() -> list[dict[str, Any]]:
    found = read("jushuitan", "orders.json")["data"]["orders"]
    assert isinstance(found, list)
    return found


def refunds() -> list[dict[str, Any]]:
    found = read("jushuitan", "refunds.json")["data"]["datas"]
    assert isinstance(found, list)
    return found


def test_an_order_has_the_shops_number_its_lines_and_what_was_paid(shop: Shop) -> None:
    one = made(shop)
    pulling.keeps_body(one, pulling.rows(*orders()), "orders")
    pulling.keeps_body(one, pulling.rows(*refunds()), "refunds")
    shop.drains()
    assert shop.value("gmv") == "305"
    assert shop.value("orders") == "2"
    assert shop.value("refunds") == "90"
    [(total, shipping, discount, paid, store)] = asked_rows(
        connection,
        "select o.total, o.shipping, o.discount, s.paid, o.store from metrics_order o "
        "join metrics_settlement s using (workspace_id, order_id, channel_id) where o.order_id = 'XHS-20260305-0001'",
    )
    assert [f"{one:.2f}" for one in (total, shipping, discount, paid)] == [
        "206.00",
        "8.00",
        "12.00",
        "196.00",
    ]
    assert store == "小红书旗舰店"
    lines = asked_rows(
        connection,
        "select sku, quantity, price, discount from metrics_order_line "
        "where order_id = 'XHS-20260305-0001' order by line",
    )
    plain = [(sku, *(None if one is None else f"{one:.2f}" for one in rest)) for sku, *rest in lines]
    assert plain == [
        ("TEA-250", "2.00", "90.00", None), ("CUP-01", "1.00", "30.00", "12.00"), ("TEA-SAMPLE", "1.00", "0.00", None)
    ]  # fmt: skip
    assert shop.profile("marketplace_uid:AAEkD3xU2pBq1")["summary"]["revenue"] == "116.00"
    assert not_understood() == 0
    same_after_a_rebuild(shop, "gmv", "orders", "refunds")


def test_the_same_page_again_counts_nothing_twice_and_a_change_counts_once(shop: Shop) -> None:
    one = made(shop)
    pulling.keeps_body(one, pulling.rows(*orders()), "orders")
    pulling.keeps_body(one, pulling.rows(*orders()), "orders")
    shop.drains()
    before = events(shop)
    changed = orders()[1] | {"modified": "2026-03-09 12:00:00", "pay_amount": "89.00", "paid_amount": "89.00"}
    pulling.keeps_body(one, pulling.rows(changed), "orders")
    pulling.keeps_body(one, pulling.rows(*orders()), "orders")
    shop.drains()
    assert len(events(shop)) > len(before) == len(set(before))
    assert (shop.value("gmv"), shop.value("orders")) == ("295", "2")


def test_a_merged_order_is_told_as_the_orders_it_was_merged_of(shop: Shop) -> None:
    row = sold(1, NOW, so_id="A-1", pay_amount="60.00", paid_amount="60.00", freight="5.00") | {
        "merge_so_id": "A-1,A-2",
        "items": [
            {"sku_id": "X", "qty": 1, "price": "20", "amount": "20.00", "raw_so_id": "A-1"},
            {"sku_id": "Y", "qty": 1, "price": "35", "amount": "35.00", "raw_so_id": "A-2"},
        ],
    }
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
