"""Taobao, JD and Pinduoduo: requests signed as their documents say, stretches and pages as they demand, and what comes.

Their doubles, which check what they are asked: pulled_shops.py.
"""

from typing import Any

import pytest
from django.db import connection

from channels.reasons import Rejection
from kernel.db import rows as asked_rows
from kernel.errors import Refused
from kernel.outside import Busy, CredentialsRefused, NotJson, Said
from tests.channels.connectors import pulling
from tests.channels.connectors.pulled_shops import (
    DAY,
    JD,
    PINDUODUO,
    TAOBAO,
    Double,
    Row,
    Shops,
    each_shop,
    made,
    numbers,
)
from tests.channels.connectors.pulling import NOW, Way, at, walk
from tests.channels.connectors.telling import events, not_understood, read, same_after_a_rebuild, told
from tests.channels.hooking import connector
from tests.platform_double import said
from tests.shop import Shop


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


# ---- what is asked ----------------------------------------------------------------------------------


@each_shop
def test_the_first_pull_reaches_back_in_stretches_that_the_platform_answers(
    shop: Shop, platforms: Any, own: Shops
) -> None:
    double = Double(own, [own.row(n, NOW - n * 7_000) for n in range(1, 12)])
    with platforms(double) as api, Way() as way:
        pages = walk(made(own, shop, api.url, days=own.days), way)
    for topic in own.topics:
        pulling.covers(double.asks, topic, NOW - own.days * DAY, int(NOW) - 180, min(own.longest, DAY))
    assert numbers(own, pages) == {str(n) for n in range(1, 12)}
    assert pages[-1].cursor["done"] == dict.fromkeys(own.topics, int(NOW) - 180)


@each_shop
def test_pages_are_walked_from_the_last_one(shop: Shop, platforms: Any, own: Shops) -> None:
    double = Double(own, [own.row(n, NOW - 1_000 + n) for n in range(250)])
    reading = {
        "topic": "orders",
        "since": int(NOW) - 1_500,
        "until": int(NOW) - 300,
        "newest": int(NOW) - 180,
    }
    done = dict.fromkeys(own.topics, int(NOW) - 190)
    with platforms(double) as api, Way() as way:
        pages = walk(made(own, shop, api.url), way, {"done": done, "reading": reading})
    assert [one.page for one in double.asks] == [1, 3, 2, 1]
    assert numbers(own, pages) == {str(n) for n in range(250)}


@each_shop
def test_without_a_secret_nothing_is_asked(shop: Shop, platforms: Any, own: Shops) -> None:
    for name in own.secrets:
        rest = {each: value for each, value in own.secrets.items() if each != name}
        with platforms() as api, Way() as way:
            one = connector(shop, own.kind, {"address": api.url}, rest)
            with pytest.raises(Refused, match=name):
                pulling.page(one, way)
            assert not api.asked


ERRORS: dict[str, list[tuple[Any, Any]]] = {
    "taobao": [
        (
            {
                "error_response": {
                    "code": 7,
                    "msg": "App Call Limited",
                    "sub_code": "accesscontrol.limited-by-app",
                }
            },
            Busy,
        ),
        (
            {"error_response": {"code": 27, "msg": "Invalid Session", "sub_code": "invalid-sessionkey"}},
            CredentialsRefused,
        ),
        ({"error_response": {"code": 50, "msg": "Remote service error", "sub_msg": ["x"]}}, Said),
        ({"trades_sold_increment_get_response": []}, Said),
        ({"trades_sold_increment_get_response": {"trades": {"trade": "x"}}}, Said),
    ],
    "jd": [
        ({"error_response": {"code": "19", "zh_desc": "token已过期"}}, CredentialsRefused),
        ({"code": "50", "errorMessage": "调用次数超限"}, Busy),
        ({"jingdong_pop_order_search_responce": {"code": "103", "zh_desc": "invalid app"}}, Said),
        (
            {
                "jingdong_pop_order_search_responce": {
                    "searchorderinfo_result": {"apiResult": {"success": False}}
                }
            },
            Said,
        ),
        ({"jingdong_pop_order_search_responce": {"searchorderinfo_result": {"orderInfoList": []}}}, Said),
        ({"jingdong_pop_order_search_responce": {}}, Said),
    ],
    "pinduoduo": [
        ({"error_response": {"error_code": 70031, "error_msg": "调用过于频繁"}}, Busy),
        ({"error_response": {"error_code": 10019, "error_msg": "access_token已过期"}}, CredentialsRefused),
        ({"error_response": {"error_code": 50001, "error_msg": "业务服务错误", "sub_code": {"a": 1}}}, Said),
        ({"order_sn_increment_get_response": "x"}, Said),
        ({"order_sn_increment_get_response": {"order_sn_list": {"a": 1}}}, Said),
    ],
}


@each_shop
def test_an_answer_that_is_none_is_a_sentence(shop: Shop, platforms: Any, own: Shops) -> None:
    for value, trouble in [*ERRORS[own.kind], ("<html>busy</html>", NotJson), ([], NotJson), ({}, Said)]:
        with platforms(lambda _asked, value=value: said(value)) as api, Way() as way, pytest.raises(trouble):
            pulling.page(made(own, shop, api.url), way)


# ---- what it says -----------------------------------------------------------------------------------


def rows_of(kind: str, name: str) -> list[Row]:
    """The rows of a sample answer."""
    found = read(kind, name)
    while isinstance(found, dict):
        found = next(
            (one for one in found.values() if isinstance(one, list)),
            next((one for one in found.values() if isinstance(one, dict) and "success" not in one), None),
        )
    assert isinstance(found, list)
    return found


def works(shop: Shop, own: Shops, orders: str) -> None:
    """The samples, twice."""
    one = made(own, shop)
    for _twice in range(2):
        pulling.keeps_body(one, pulling.rows(*rows_of(own.kind, orders)), "orders")
        if "refunds" in own.topics:
            pulling.keeps_body(one, pulling.rows(*rows_of(own.kind, "refunds.json")), "refunds")
    shop.drains()
    assert not_understood() == 0
    assert shop.get("/api/rejects/")["results"] == []


def money() -> list[tuple[Any, ...]]:
    """Of each order its total, shipping, what was given back, and how its platform settles it."""
    found = asked_rows(
        connection,
        "select o.order_id, o.state, o.currency, o.total, o.shipping, o.refunded, s.paid, s.merchant_discount, "
        "s.platform_discount, s.fees, s.payout from metrics_order o "
        "left join metrics_settlement s using (workspace_id, order_id, channel_id) order by 1",
    )
    return [(*one[:3], *(None if each is None else f"{each:.2f}" for each in one[3:])) for one in found]


def lines() -> list[tuple[Any, ...]]:
    found = asked_rows(
        connection, "select sku, quantity, price, discount from metrics_order_line order by order_id, line"
    )
    return [(sku, f"{number:f}", f"{price:.2f}", off and f"{off:.2f}") for sku, number, price, off in found]


def parcels() -> list[tuple[Any, ...]]:
    asked = "select key, shipped_at is not null, delivered_at is not null from metrics_shipment order by 1"
    return asked_rows(connection, asked)


def test_taobaos_trade_is_an_order_with_its_lines_parcel_refund_and_return(shop: Shop) -> None:
    works(shop, TAOBAO, "trades.json")
    number = "2600112233445566778"
    assert money() == [
        (number, "part_refunded", "CNY", "186.00", "6.00", "47.00", "186.00", None, None, "9.30", "176.70")
    ]
    assert lines() == [("TEA-250", "1", "100.00", "14.00"), ("CUP-01", "2", "50.00", "6.00")]
    assert parcels() == [("ZT100", True, True)]
    assert asked_rows(connection, "select sku, quantity from metrics_return_line") == [("CUP-01", 1)]
    assert asked_rows(connection, "select count(*) from metrics_ticket") == [(1,)]
    assert shop.profile("marketplace_uid:AAHd3xE1ANv9Qm2")["summary"]["revenue"] == "139.00"
    assert len(events(shop)) == len({name for _event, name, _at in events(shop)})
    same_after_a_rebuild(shop, "gmv", "orders", "refunds")


def test_jds_orders_say_what_the_shop_and_jd_took_off_and_what_was_cancelled(shop: Shop) -> None:
    works(shop, JD, "orders.json")
    assert money() == [
        ("300100200300", "open", "CNY", "133.00", "5.00", "0.00", "133.00", "10.00", "20.00", None, None),
        ("300100200301", "cancelled", "CNY", "79.00", "0.00", "79.00", "79.00", None, None, None, None),
    ]
    assert lines() == [("TEA-250", "2", "79.00", None), ("TEA-250", "1", "79.00", None)]
    assert parcels() == [("JDV0099", True, True)]
    assert shop.profile("marketplace_uid:oidJDx77aa")["summary"]["revenue"] == "133.00"
    same_after_a_rebuild(shop, "gmv", "orders", "refunds")


def test_pinduoduos_orders_say_what_the_shop_and_the_platform_took_off(shop: Shop) -> None:
    works(shop, PINDUODUO, "orders.json")
    number = "260305-123456789"
    assert money() == [
        (number, "part_refunded", "CNY", "75.00", "0.00", "37.50", "75.00", "10.00", "14.80", None, None)
    ]
    assert lines() == [("TEA-250", "2", "49.90", None)]
    assert asked_rows(connection, "select sku, quantity from metrics_return_line") == [("TEA-250", 1)]
    assert parcels() == [("YT7700", True, True)]
    assert shop.value("buyers") == "0", "nobody is told, and encrypted fields are nobody"
    same_after_a_rebuild(shop, "gmv", "orders", "refunds")


@pytest.mark.parametrize(
    ("own", "rest"),
    [
        (TAOBAO, {"status": "WAIT_BUYER_PAY", "pay_time": None}),
        (TAOBAO, {"status": "TRADE_CLOSED_BY_TAOBAO", "pay_time": None}),
        (JD, {"orderState": "TRADE_CANCELED", "paymentConfirmTime": "0001-01-01 00:00:00"}),
        (PINDUODUO, {"confirm_status": 0}),
        (PINDUODUO, {"confirm_time": "", "pay_time": ""}),
    ],
    ids=[
        "taobao-waits",
        "taobao-closed",
        "jd-cancelled",
        "pinduoduo-unconfirmed",
        "pinduoduo-without-a-time",
    ],
)
def test_what_was_never_paid_is_no_order(shop: Shop, own: Shops, rest: Row) -> None:
    assert told(made(own, shop), pulling.rows(own.row(1, NOW) | rest), query="orders") == []


@each_shop
def test_a_change_counts_once_whatever_comes_first(shop: Shop, own: Shops) -> None:
    one, paid = (
        made(own, shop),
        {"taobao": "payment", "jd": "orderPayment", "pinduoduo": "pay_amount"}[own.kind],
    )
    first = own.row(1, NOW - 5_000)
    later = first | {own.modified: at(NOW - 4_000), paid: "8.00"}
    for row in (later, first, later):
        pulling.keeps_body(one, pulling.rows(row), "orders")
        shop.drains()
        assert (shop.value("orders"), shop.value("gmv")) == ("1", "8")


@each_shop
def test_a_page_with_anything_in_place_of_a_field_is_read_or_refused(shop: Shop, own: Shops) -> None:
    one = made(own, shop)
    names = {"orders": "trades.json" if own.kind == "taobao" else "orders.json", "refunds": "refunds.json"}
    for topic in own.topics:
        row = rows_of(own.kind, names[topic])[0]
        for n, body in enumerate(pulling.odd_rows(row, deepest=4)):
            found = told(one, body, query=topic)
            assert not isinstance(found, Rejection) or found.code.name != "not_understood", body
            if n % 9 == 0:
                pulling.keeps_body(one, body, topic)
    assert isinstance(told(one, b"{}", query="weather"), Rejection)
    shop.drains()
    assert not_understood() == 0
