"""Wangdiantong, an ERP: requests signed as its documents say, orders by the hour, pages from 0, the shop's numbers."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection

from channels.models import Connector
from channels.reasons import Rejection
from kernel.db import rows as asked_rows
from kernel.outside import Busy, CredentialsRefused, NotJson, Said
from tests.channels.connectors import pulling
from tests.channels.connectors.pulling import NOW, Asks, Way, at, beijing, cut, walk
from tests.channels.connectors.telling import events, not_understood, read, same_after_a_rebuild, told
from tests.channels.hooking import connector
from tests.platform_double import Asked, said
from tests.platform_double import Said as Answered
from tests.shop import Shop

SID, KEY, SECRET = "apidevnew2", "muhe-ot", "12345"
HOUR = 3_600
PATHS = {
    "/trade_query.php": ("orders", "trades", HOUR),
    "/refund_query.php": ("refunds", "refunds", 30 * 24 * HOUR),
    "/stock_query.php": ("stock", "stocks", 30 * 24 * HOUR),
    "/goods_query.php": ("goods", "goods_list", 30 * 24 * HOUR),
}


def made(shop: Shop, address: str = "", secrets: Mapping[str, str] = {}, **settings: Any) -> Connector:
    own = {"address": address} if address else {}
    keys = {"sid": SID, "appkey": KEY, "appsecret": SECRET} | dict(secrets)
    return connector(shop, "wangdiantong", own | settings, keys)


def right_sign(form: dict[str, str]) -> str:
    """`05-appid:0004-test;…` and the secret: MD5, 32 small letters."""
    text = ""
    for name in sorted(form):
        if name == "sign":
            continue
        value = form[name]
        text += ";" if text else ""
        text += str(len(name.encode("utf-8"))).zfill(2) + "-" + name + ":"
        text += str(len(value.encode("utf-8"))).zfill(4) + "-" + value
    return hashlib.md5((text + SECRET).encode("utf-8")).hexdigest()


def test_the_example_of_the_documents_is_signed_as_there() -> None:
    from channels.connectors.wangdiantong import sign

    form = {"sid": "apidevnew2", "appkey": "test2-xx", "page_no": "0", "end_time": "2016-08-01 13:00:00"}
    text = "06-appkey:0008-test2-xx;08-end_time:0019-2016-08-01 13:00:00;07-page_no:0001-0;03-sid:0010-apidevnew212345"
    assert sign(form, "12345") == hashlib.md5(text.encode()).hexdigest()


class Double:
    """The ERP: rows by feed; the number of all rows is told on page 0 alone."""

    def __init__(self, size: int = 100, **feeds: list[dict[str, Any]]) -> None:
        self.feeds, self.size, self.asks = feeds, size, list[Asks]()

    def __call__(self, asked: Asked) -> Answered:
        form = asked.form
        assert form["sign"] == right_sign(form)
        assert (form["sid"], form["appkey"], form["timestamp"]) == (SID, KEY, str(int(NOW)))
        topic, where, longest = PATHS[asked.path]
        since, until = beijing(form["start_time"]), beijing(form["end_time"])
        assert 0 < until - since <= longest
        assert int(form["page_size"]) <= 100
        self.asks.append(Asks(topic, since, until, int(form["page_no"])))
        there = [row for row in self.feeds.get(topic, []) if since <= beijing(row["modified"]) <= until]
        found = {"code": 0, "message": "", where: cut(there, int(form["page_no"]) + 1, self.size)}
        return said(found | ({"total_count": str(len(there))} if form["page_no"] == "0" else {}))


def sold(n: int, modified: float, **rest: Any) -> dict[str, Any]:
    moment = at(modified)
    line = {
        "spec_no": "A",
        "num": "1",
        "price": "10",
        "share_amount": "10",
        "share_post": "0",
        "src_tid": f"S-{n}",
    }
    whole = {
        "trade_no": f"JY{n}", "src_tids": f"S-{n}", "shop_no": "1", "trade_status": 30, "trade_type": 1,
        "delivery_term": 1,
        "trade_time": moment, "pay_time": moment, "modified": moment, "receivable": "10", "paid": "10",
        "goods_list": [line],
    }  # fmt: skip
    return whole | rest


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def test_orders_are_asked_for_hour_by_hour(shop: Shop, platforms: Any) -> None:
    double = Double(orders=[sold(n, NOW - n * 4 * HOUR) for n in range(1, 6)])
    with platforms(double) as erp, Way() as way:
        pages = walk(made(shop, erp.url, days=1), way)
    pulling.covers(double.asks, "orders", NOW - 24 * HOUR, int(NOW) - 180, HOUR)
    pulling.covers(double.asks, "stock", NOW - 24 * HOUR, int(NOW) - 180, 24 * HOUR)
    numbers = {row["src_tids"] for one in pages if one.body for row in json.loads(one.body)["rows"]}
    assert numbers == {f"S-{n}" for n in range(1, 6)}


def test_pages_begin_at_0_and_are_walked_from_the_last(shop: Shop, platforms: Any) -> None:
    rows = [sold(n, NOW - HOUR / 2 + n) for n in range(250)]
    double = Double(orders=rows)
    with platforms(double) as erp, Way() as way:
        only = {"refunds": False, "stock": False, "goods": False}
        reading = {
            "topic": "orders",
            "since": int(NOW) - HOUR,
            "until": int(NOW) - 300,
            "newest": int(NOW) - 180,
        }
        pages = walk(
            made(shop, erp.url, **only), way, {"done": {"orders": int(NOW) - 190}, "reading": reading}
        )
    assert [one.page for one in double.asks[:4]] == [0, 2, 1, 0]
    assert {row["trade_no"] for one in pages if one.body for row in json.loads(one.body)["rows"]} == {
        row["trade_no"] for row in rows
    }


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (said("<html>busy</html>"), NotJson),
        (said({}), Said),
        (said({"code": 0, "trades": {"a": 1}}), Said),
        (said({"code": 1090, "message": "超过每分钟最大调用频率限制"}), Busy),
        (said({"code": 1012, "message": "无效签名 sign"}), CredentialsRefused),
        (said({"code": [], "message": {}}), Said),
    ],
    ids=str,
)
def test_an_answer_that_is_none_is_a_sentence(
    shop: Shop, platforms: Any, answer: Answered, trouble: Any
) -> None:
    with platforms(lambda _asked: answer) as erp, Way() as way, pytest.raises(trouble):
        pulling.page(made(shop, erp.url), way)


def trades() -> list[dict[str, Any]]:
    return list(read("wangdiantong", "trades.json")["trades"])


def refunds() -> list[dict[str, Any]]:
    return list(read("wangdiantong", "refunds.json")["refunds"])


def test_a_merged_trade_is_told_as_the_shops_orders(shop: Shop) -> None:
    one = made(shop)
    for _twice in range(2):
        pulling.keeps_body(one, pulling.rows(*trades()), "orders")
        pulling.keeps_body(one, pulling.rows(*refunds()), "refunds")
    shop.drains()
    found = asked_rows(
        connection, "select order_id, total, shipping, refunded, store from metrics_order order by 1"
    )
    plain = [(number, *(f"{each:.2f}" for each in sums), store) for number, *sums, store in found]
    assert plain == [
        ("260305-1111", "96.00", "6.00", "0.00", "拼多多旗舰店"),
        ("260305-2222", "50.00", "0.00", "25.00", "拼多多旗舰店"),
        ("WEB-7001", "99.00", "10.00", "0.00", "官网"),
    ]
    lines = asked_rows(
        connection, "select order_id, sku, quantity, price, discount from metrics_order_line order by 1"
    )
    assert [(o, s, f"{q:f}", f"{p:.2f}", d and f"{d:.2f}") for o, s, q, p, d in lines] == [
        ("260305-1111", "TEA-250", "1.0000", "99.00", "9.00"),
        ("260305-2222", "CUP-01", "2.0000", "25.50", "1.00"),
        ("WEB-7001", "TEA-250", "1", "89.00", None),
    ]
    assert (shop.value("gmv"), shop.value("refunds"), shop.value("orders")) == ("245", "25", "3")
    assert asked_rows(connection, "select count(*) from metrics_shipment") == [(2,)]
    assert asked_rows(connection, "select sku, quantity from metrics_return_line") == [("CUP-01", 1)]
    assert len(events(shop)) == len({name for _event, name, _at in events(shop)})
    assert not_understood() == 0
    same_after_a_rebuild(shop, "gmv", "orders", "refunds")


@pytest.mark.parametrize(
    "rest",
    [{"trade_status": 5}, {"trade_status": "10"}, {"trade_status": 15}, {"trade_type": 3}],
    ids=str,
)
def test_what_is_no_sale_says_nothing(shop: Shop, rest: dict[str, Any]) -> None:
    assert told(made(shop), pulling.rows(sold(1, NOW, **rest)), query="orders") == []


def test_on_delivery_an_order_is_one_before_it_is_paid(shop: Shop) -> None:
    found = told(made(shop), pulling.rows(sold(1, NOW, trade_status=10, delivery_term=2)), query="orders")
    assert isinstance(found, list)
    assert [one["event"] for one in found] == ["Order Completed"]


def test_stock_goods_and_costs_are_records(shop: Shop) -> None:
    one, moment = made(shop), "2026-03-01 08:00:00"
    stock = {
        "spec_no": "TEA-250",
        "stock_num": "40.0000",
        "warehouse_no": "HZ01",
        "cost_price": "31.5",
        "modified": moment,
    }
    broken = stock | {"defect": 1, "stock_num": "3"}
    goods = {
        "goods_no": "TEA",
        "goods_name": "白茶",
        "class_name": "茶叶",
        "brand_name": "木禾",
        "modified": moment,
    } | {"spec_list": [{"spec_no": "TEA-250", "spec_name": "250g"}, {"spec_no": ""}]}
    pulling.keeps_body(one, pulling.rows(stock, broken), "stock")
    pulling.keeps_body(one, pulling.rows(goods), "goods")
    shop.drains()
    assert asked_rows(connection, "select sku, location, quantity from metrics_stock") == [
        ("TEA-250", "HZ01", 40)
    ]
    assert [f"{cost:.2f}" for (cost,) in asked_rows(connection, "select unit_cost from metrics_cost")] == [
        "31.50"
    ]
    known = asked_rows(connection, "select sku, name, category, brand from metrics_product")
    assert known == [("TEA-250", "白茶 250g", "茶叶", "木禾")]


@pytest.mark.parametrize("topic", ["orders", "refunds"])
def test_a_page_with_anything_in_place_of_a_field_is_read_or_refused(shop: Shop, topic: str) -> None:
    one = made(shop)
    row = (trades() if topic == "orders" else refunds())[0]
    for body in pulling.odd_rows(row):
        found = told(one, body, query=topic)
        assert not isinstance(found, Rejection) or found.code.name != "not_understood", body
    for body in list(pulling.odd_rows(row))[::9]:
        pulling.keeps_body(one, body, topic)
    shop.drains()
    assert not_understood() == 0
