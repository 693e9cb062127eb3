"""Douyin shop: what notices leave out is looked up at its API, signed by HMAC; without a shop id all is as it was."""

import copy
import hmac
import itertools
import json
from typing import Any

import pytest

from channels.connectors import douyin_orders
from channels.connectors.base import Wanted
from channels.models import Connector
from channels.reasons import Rejection
from kernel.errors import BadRequest
from kernel.outside import Busy, CredentialsRefused, Outside
from tests.channels.connectors.looked_up import NOW, Asked, Platform, follows, keeps, looks_up, said, wanted
from tests.channels.connectors.telling import (
    events,
    not_understood,
    odd_ones,
    read,
    same_after_a_rebuild,
    sample,
    told,
)
from tests.channels.connectors.test_douyin_shop import APP_KEY, ORDER, SECRET, message, sends
from tests.channels.hooking import connector
from tests.shop import Shop

SHOP_ID = "77977"
BUYER = "1@#VrtJKX59ewuPyvUhIKiAtxNZ0wt2BBDARCd6qdLmaBiz59YmNzPgpz+KC0B+R/RJTQJ3GRv5"
DETAIL, TOKEN = "/order/orderDetail", "/token/create"
TOKENS = {"code": 10000, "msg": "success", "data": {"access_token": "token-1", "expires_in": 604800}}


def made(shop: Shop, shop_id: str = SHOP_ID) -> Connector:
    return connector(shop, "douyin_shop", {"shop_id": shop_id}, {"app_key": APP_KEY, "app_secret": SECRET})


def signed(asked: Asked) -> bool:
    """As public programs sign: written apart, by the standard library."""
    found = asked.query
    between = "".join(
        f"{name}{value}"
        for name, value in (
            ("app_key", found["app_key"]),
            ("method", found["method"]),
            ("param_json", asked.body.decode()),
            ("timestamp", found["timestamp"]),
            ("v", found["v"]),
        )
    )
    right = hmac.new(SECRET.encode(), f"{SECRET}{between}{SECRET}".encode(), "sha256").hexdigest()
    return found["sign"] == right and found["sign_method"] == "hmac-sha256"


class Doudian(Platform):
    """The platform: says no to what is not signed."""

    def __init__(self, now: float = NOW) -> None:
        super().__init__({DETAIL: self.detail, TOKEN: self.token}, now)
        self.order = read("douyin_shop", "order.json")

    def token(self, asked: Asked) -> Any:
        assert json.loads(asked.body) == {"code": "", "grant_type": "authorization_self", "shop_id": SHOP_ID}
        return TOKENS if signed(asked) and "access_token" not in asked.query else {"code": 40003}

    def detail(self, asked: Asked) -> Any:
        good = signed(asked) and asked.query["access_token"] == "token-1"
        return self.order if good else {"code": 40003, "sub_code": "isv.signature-invalid"}


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def test_without_the_shops_number_all_goes_on_as_it_does(shop: Shop) -> None:
    one, other = made(shop, ""), made(shop)
    for name in ("paid.json", "refunded.json", "day.json"):
        body = sample("douyin_shop", name)
        assert wanted(one, body) == []
        assert said(one, body) == [found for found in said(other, body) if not isinstance(found, Wanted)]
    with pytest.raises(BadRequest):
        made(shop, "shop 1")


def test_an_order_is_wanted_after_each_message_that_changes_it(shop: Shop) -> None:
    one = made(shop)
    assert wanted(one, sample("douyin_shop", "paid.json")) == [
        Wanted(f"6857382949302947598:101:{ORDER}", {"shop_order_id": ORDER})
    ]
    assert [found.id for found in wanted(one, sample("douyin_shop", "day.json"))] == [
        f"m102:{ORDER}",
        f"m103:{ORDER}",
    ]
    assert wanted(one, sample("douyin_shop", "refunded.json")) == []
    assert wanted(one, b'[{"tag":"0","msg_id":"0","data":"probe"}]') == []


def test_it_is_asked_for_signed_with_a_token_that_is_fetched_once(shop: Shop) -> None:
    one, api = made(shop), Doudian()
    for _ in range(3):
        page = looks_up(one, api, {"shop_order_id": ORDER})
    assert (page.topic, json.loads(page.body)) == ("order.orderDetail", {"order": api.order})
    assert api.paths() == [TOKEN, DETAIL, DETAIL, DETAIL]
    assert json.loads(api.asked[1].body) == {"shop_order_id": ORDER}
    api.now += 604_700
    looks_up(one, api, {"shop_order_id": ORDER})
    assert api.paths().count(TOKEN) == 2


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ({"code": 40003, "sub_code": "isv.access-token-expired"}, CredentialsRefused, "access-token-expired"),
        ({"code": 60000, "msg": "触发限流"}, Busy, "60000: 触发限流"),
        ({"code": 20000, "msg": "x"}, Busy, "20000"),
        ({"code": 50002, "msg": "业务处理失败", "sub_msg": "订单不存在"}, Outside, "订单不存在"),
        ({}, Outside, ""),
    ],
    ids=str,
)
def test_what_the_platform_says_no_with_is_told(
    shop: Shop, answer: Any, error: type[Outside], words: str
) -> None:
    api = Doudian()
    api.order = answer
    with pytest.raises(error) as found:
        looks_up(made(shop), api, {"shop_order_id": ORDER})
    assert words in found.value.words


def test_a_shops_day_with_goods_buyer_and_what_the_platform_added(shop: Shop) -> None:
    one = made(shop)
    names = ("refunded.json", "day.json", "paid.json", "paid.json")
    for name in names:
        sends(one, sample("douyin_shop", name))
    follows(shop, one, Doudian(), [sample("douyin_shop", name) for name in names])
    assert (shop.value("gmv"), shop.value("orders"), shop.value("refunds")) == ("19.9", "1", "8.9")
    profile = shop.profile(f"marketplace_uid:{BUYER}")
    assert [(who["kind"], who["namespace"]) for who in profile["identifiers"]] == [
        ("marketplace_uid", f"doudian:{APP_KEY}")
    ]
    assert (profile["summary"]["orders"], profile["summary"]["revenue"]) == (1, "11.00")
    [found] = [
        event["properties"]
        for event in shop.get("/api/events/")["results"]
        if event["name"] == "Order Completed" and "products" in event["properties"]
    ]
    money = ("total", "paid", "merchant_discount", "platform_discount")
    assert [found[name] for name in money] == ["19.90", "19.90", "3.00", "2.00"]
    assert found["products"] == [
        {"sku": "TEA-ZSXZ-125", "name": "正山小种 125g", "price": "12.45", "quantity": 2, "discount": "5.00"}
    ]
    assert found["not_available"] == ["name", "phone", "address"]
    everything = json.dumps(shop.get("/api/events/")["results"], ensure_ascii=False)
    for hidden in ("1********89", "陈**", "$$U/qa", "##5e4w", "##9c12"):
        assert hidden not in everything
    assert (not_understood(), shop.get("/api/rejects/")["results"]) == (0, [])
    same_after_a_rebuild(shop, "gmv", "refunds", "orders")


STATES: list[dict[str, Any]] = [
    {"order_status": 1, "pay_time": 0, "update_time": 1772416700, "pay_amount": 2490},
    {"order_status": 2, "update_time": 1772416860},
    {"order_status": 3, "update_time": 1772420400, "platform_cost_amount": 250},
    {"order_status": 5, "update_time": 1773000000, "pay_amount": 1890},
]


@pytest.mark.parametrize("turn", list(itertools.permutations(range(4)))[::5])
def test_answers_in_whatever_order_end_in_the_latest_state(shop: Shop, turn: tuple[int, ...]) -> None:
    one, api = made(shop), Doudian()
    whole = copy.deepcopy(api.order)
    sends(one, sample("douyin_shop", "paid.json"))
    for n in turn:
        api.order = copy.deepcopy(whole)
        api.order["data"]["shop_order_detail"] |= STATES[n]
        keeps(one, looks_up(one, api, {"shop_order_id": ORDER}))
        shop.drains()
    assert (shop.value("gmv"), shop.value("orders")) == ("18.9", "1")


@pytest.mark.parametrize("how", [0, 12])
def test_what_is_paid_later_is_an_order_of_the_time_it_was_made(shop: Shop, how: int) -> None:
    one, api = made(shop), Doudian()
    api.order["data"]["shop_order_detail"] |= {"pay_type": how, "pay_time": 0}
    page = looks_up(one, api, {"shop_order_id": ORDER})
    found = [each for each in said(one, page.body, page.topic) if isinstance(each, dict)]
    assert [each["event"] for each in found] == ["Order Completed", "Order Updated"]
    assert found[0]["timestamp"] == 1772416700


def test_older_answers_say_what_the_platform_bears_in_parts(shop: Shop) -> None:
    one, api = made(shop), Doudian()
    detail = api.order["data"]["shop_order_detail"]
    for name in ("platform_cost_amount", "shop_cost_amount"):
        del detail[name]
    page = looks_up(one, api, {"shop_order_id": ORDER})
    [properties, _updated] = [found["properties"] for found in said(one, page.body, page.topic)]  # type: ignore[index]
    assert (properties["merchant_discount"], properties["platform_discount"]) == ("3.00", "2.00")


def test_an_answer_with_anything_in_it_is_read_or_refused(shop: Shop) -> None:
    one = made(shop)
    for odd in odd_ones({"order": read("douyin_shop", "order.json")}, deepest=6):
        found = told(one, json.dumps(odd).encode(), query=douyin_orders.ORDER)
        assert not isinstance(found, Rejection) or found.code.name != "not_understood", odd
    for body in (b"", b"{}", b"[]", b"null", b"\xff\x00"):
        assert isinstance(told(one, body, query=douyin_orders.ORDER), Rejection)
    data = json.loads(read("douyin_shop", "paid.json")[0]["data"])
    for odd in odd_ones(data):
        said(one, message("101", odd))


def test_odd_answers_stop_nobody(shop: Shop) -> None:
    one, api = made(shop), Doudian()
    good = looks_up(one, api, {"shop_order_id": ORDER})
    for odd in odd_ones({"order": api.order}, deepest=4):
        keeps(one, good._replace(body=json.dumps(odd).encode()))
    keeps(one, good)
    shop.drains()
    assert not_understood() == 0
    assert "Order Completed" in {name for name, _id, _at in events(shop)}
