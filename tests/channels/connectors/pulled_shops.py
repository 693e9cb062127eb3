"""Doubles of Taobao, JD and Pinduoduo: each checks what it is asked, by the sentences of its platform's documents.

Not here: the tests (test_pulled_shops.py).
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from channels.models import Connector
from tests.channels.connectors import pulling
from tests.channels.connectors.pulling import NOW, Asks, at, beijing, cut
from tests.channels.hooking import connector
from tests.platform_double import Asked, said
from tests.platform_double import Said as Answered
from tests.shop import Shop

SECRET = "a-secret-of-the-app"
DAY = 86_400
Row = dict[str, Any]


class Found(NamedTuple):
    """A request as a double reads it."""

    topic: str
    since: float
    until: float
    page: int
    size: int


class Shops(NamedTuple):
    """A platform: its secrets, what it allows, how a request is read and an answer written. `modified`: of a row."""

    kind: str
    secrets: dict[str, str]
    topics: tuple[str, ...]
    longest: int
    days: int
    asked: Callable[[dict[str, str]], Found]
    answer: Callable[[str, list[Row], int], Any]
    row: Callable[[int, float], Row]
    number: str
    modified: str


def between(form: dict[str, str]) -> str:
    """The secret, every name and its value by name, the secret: MD5, 32 capital letters."""
    text = SECRET + "".join(name + form[name] for name in sorted(form) if name != "sign") + SECRET
    return hashlib.md5(text.encode("utf-8")).hexdigest().upper()


# ---- Taobao -----------------------------------------------------------------------------------------

TOP = {
    "taobao.trades.sold.increment.get": ("orders", "trades_sold_increment_get_response", "trades", "trade"),
    "taobao.refunds.receive.get": ("refunds", "refunds_receive_get_response", "refunds", "refund"),
}


def taobao_asked(form: dict[str, str]) -> Found:
    text = "".join(name + form[name] for name in sorted(form) if name != "sign")
    assert form["sign"] == hmac.new(SECRET.encode(), text.encode("utf-8"), hashlib.md5).hexdigest().upper()
    assert (form["app_key"], form["session"], form["format"], form["v"]) == (
        "12345678",
        "6100-session",
        "json",
        "2.0",
    )
    assert (form["sign_method"], form["timestamp"], form["use_has_next"]) == ("hmac", at(NOW), "false")
    assert "receiver" not in form["fields"], "what is masked is not even asked for"
    since, until = beijing(form["start_modified"]), beijing(form["end_modified"])
    return Found(TOP[form["method"]][0], since, until, int(form["page_no"]), int(form["page_size"]))


def taobao_answer(topic: str, rows: list[Row], total: int) -> Any:
    [(_topic, outer, several, one)] = [each for each in TOP.values() if each[0] == topic]
    return {outer: {"total_results": total, **({several: {one: rows}} if rows else {})}}


def taobao_row(n: int, modified: float) -> Row:
    moment = at(modified)
    times = {"created": moment, "pay_time": moment, "modified": moment}
    lines = [{"outer_sku_id": "A", "price": "10.00", "num": 1, "divide_order_fee": "10.00"}]
    return {
        "tid": n,
        "status": "WAIT_SELLER_SEND_GOODS",
        "payment": "10.00",
        "orders": {"order": lines},
    } | times


TAOBAO = Shops(
    "taobao",
    {"app_key": "12345678", "app_secret": SECRET, "session": "6100-session"},
    ("orders", "refunds"),
    DAY,
    3,
    taobao_asked,
    taobao_answer,
    taobao_row,
    "tid",
    "modified",
)

# ---- JD ---------------------------------------------------------------------------------------------


def jd_asked(form: dict[str, str]) -> Found:
    assert form["sign"] == between(form)
    assert (form["method"], form["v"], form["timestamp"]) == ("jingdong.pop.order.search", "2.0", at(NOW))
    assert (form["app_key"], form["access_token"]) == ("jd-key", "jd-token")
    asked = json.loads(form["360buy_param_json"])
    assert isinstance(asked["page"], str)
    assert asked["dateType"] == 0
    assert {"orderId", "modified", "orderPayment"} <= set(asked["optional_fields"].split(","))
    assert "consigneeInfo" not in asked["optional_fields"], "what is encrypted is not even asked for"
    since, until = beijing(asked["start_date"]), beijing(asked["end_date"])
    return Found("orders", since, until, int(asked["page"]), int(asked["page_size"]))


def jd_answer(topic: str, rows: list[Row], total: int) -> Any:
    result = {"apiResult": {"success": True}, "orderTotal": total, "orderInfoList": rows}
    return {"jingdong_pop_order_search_responce": {"code": "0", "searchorderinfo_result": result}}


def jd_row(n: int, modified: float) -> Row:
    moment = at(modified)
    times = {"orderStartTime": moment, "paymentConfirmTime": moment, "modified": moment}
    lines = [{"outerSkuId": "A", "jdPrice": "10.00", "itemTotal": "1"}]
    return {
        "orderId": str(n),
        "orderState": "WAIT_SELLER_STOCK_OUT",
        "orderPayment": "10.00",
        "itemInfoList": lines,
    } | times


JD = Shops(
    "jd",
    {"app_key": "jd-key", "app_secret": SECRET, "access_token": "jd-token"},
    ("orders",),
    30 * DAY,
    3,
    jd_asked,
    jd_answer,
    jd_row,
    "orderId",
    "modified",
)

# ---- Pinduoduo --------------------------------------------------------------------------------------

PDD = {
    "pdd.order.number.list.increment.get": ("orders", "order_sn_increment_get_response", "order_sn_list"),
    "pdd.refund.list.increment.get": ("refunds", "refund_increment_get_response", "refund_list"),
}


def pinduoduo_asked(form: dict[str, str]) -> Found:
    assert form["sign"] == between(form)
    assert (form["client_id"], form["access_token"]) == ("pdd-client", "pdd-token")
    assert (form["timestamp"], form["data_type"], form["version"]) == (str(int(NOW)), "JSON", "V1")
    topic = PDD[form["type"]][0]
    if topic == "orders":
        assert (form["order_status"], form["refund_status"], form["is_lucky_flag"]) == ("5", "5", "0")
    else:
        assert (form["after_sales_status"], form["after_sales_type"]) == ("10", "1")
    since, until = float(form["start_updated_at"]), float(form["end_updated_at"])
    assert until <= NOW - 180, "the platform wants the end to lie three minutes back"
    return Found(topic, since, until, int(form["page"]), int(form["page_size"]))


def pinduoduo_answer(topic: str, rows: list[Row], total: int) -> Any:
    [(_topic, outer, several)] = [each for each in PDD.values() if each[0] == topic]
    return {outer: {"total_count": total, several: rows}}


def pinduoduo_row(n: int, modified: float) -> Row:
    moment = at(modified)
    times = {"created_time": moment, "confirm_time": moment, "pay_time": moment, "updated_at": moment}
    lines = [{"outer_id": "A", "goods_price": "10.00", "goods_count": 1}]
    return {
        "order_sn": str(n),
        "confirm_status": 1,
        "order_status": 1,
        "pay_amount": "10.00",
        "item_list": lines,
    } | times


PINDUODUO = Shops(
    "pinduoduo",
    {"client_id": "pdd-client", "client_secret": SECRET, "access_token": "pdd-token"},
    ("orders", "refunds"),
    1_800,
    1,
    pinduoduo_asked,
    pinduoduo_answer,
    pinduoduo_row,
    "order_sn",
    "updated_at",
)

ALL = (TAOBAO, JD, PINDUODUO)
each_shop = pytest.mark.parametrize("own", ALL, ids=lambda own: own.kind)


class Double:
    """A platform with orders; of refunds it has none."""

    def __init__(self, own: Shops, orders: list[Row], size: int = 100) -> None:
        self.own, self.orders, self.size, self.asks = own, orders, size, list[Asks]()

    def __call__(self, asked: Asked) -> Answered:
        [form] = pulling.signed_forms([asked])
        found = self.own.asked(form)
        assert 0 < found.until - found.since <= self.own.longest
        assert found.size <= 100
        self.asks.append(Asks(found.topic, found.since, found.until, found.page))
        moments = [(beijing(row[self.own.modified]), row) for row in self.orders if found.topic == "orders"]
        there = [row for moment, row in moments if found.since <= moment <= found.until]
        return said(self.own.answer(found.topic, cut(there, found.page, self.size), len(there)))


def made(own: Shops, shop: Shop, address: str = "", **settings: Any) -> Connector:
    return connector(shop, own.kind, ({"address": address} if address else {}) | settings, own.secrets)


def numbers(own: Shops, pages: list[Any]) -> set[str]:
    return {str(row[own.number]) for one in pages if one.body for row in json.loads(one.body)["rows"]}
