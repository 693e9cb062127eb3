"""A Xiaohongshu shop: pushes signed by cryptography name orders, its signed API tells them; tokens go on."""

import copy
import hashlib
import itertools
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import MD5, Hash
from django.db import connection

from channels.connect import setup as connecting
from channels.connectors import xiaohongshu_shop
from channels.connectors.base import Delivery, Forged, Unusable, Wanted
from channels.hooks import Judged
from channels.models import Connector
from channels.reasons import Rejection
from channels.setup import Added
from kernel.db import rows
from kernel.errors import Refused
from kernel.outside import NotJson, Outside
from tests.channels.conftest import Server, inbox
from tests.channels.connectors.looked_up import (
    NOW,
    Asked,
    Platform,
    follows,
    keeps,
    looks_up,
    opened,
    said,
    wanted,
)
from tests.channels.connectors.telling import (
    events,
    not_understood,
    odd_ones,
    read,
    same_after_a_rebuild,
    sample,
    told,
)
from tests.channels.hooking import connector, deliver
from tests.shop import Shop

KEY, SECRET = "880c43b57a97425d9a06", "d9758815286df7a3075d64785df2b890"
ORDER, AFTERSALE, USER = "P768291112062421411", "R6242141112658161", "63f1a2b3000000001f01c2d3"
DAY = 86_400
API = urlsplit(xiaohongshu_shop.API).path


def md5(text: str) -> str:
    """By cryptography."""
    made = Hash(MD5())
    made.update(text.encode())
    return made.finalize().hex()


def headers(one: Connector, query: str = "", at: float = NOW, key: str = KEY, secret: str = SECRET) -> Any:
    """As public programs check them: the path, then all parameters in order, then the secret."""
    several = dict(parse_qsl(query)) | {"app-key": key, "timestamp": str(int(at))}
    joined = "&".join(f"{name}={several[name]}" for name in sorted(several))
    sign = md5(f"/hooks/{one.uuid}/?{joined}{secret}")
    return {"App-Key": key, "Timestamp": str(int(at)), "Sign": sign}


def made(shop: Shop, **secrets: str) -> Connector:
    known = {"app_key": KEY, "app_secret": SECRET, "refresh_token": "refresh-0"}
    return connector(shop, "xiaohongshu_shop", {}, known | secrets)


def sends(one: Connector, body: bytes, given: Mapping[str, str] | None = None, query: str = "") -> Judged:
    return deliver(one, body, headers(one, query) if given is None else given, query=query, now=NOW)


class Shops(Platform):
    """The platform's one address: answers by method, tokens as its documents say."""

    def __init__(self, now: float = NOW) -> None:
        super().__init__({API: self.answer}, now)
        self.by_method = {
            "order.getOrderDetail": read("xiaohongshu_shop", "order.json"),
            "afterSale.getAfterSaleInfo": read("xiaohongshu_shop", "aftersale.json"),
        }
        self.turn, self.until = 0, now + 7 * DAY

    def answer(self, asked: Asked) -> Any:
        found = asked.json
        time, version, method = found["timestamp"], found["version"], found["method"]
        right = md5(f"{method}?appId={KEY}&timestamp={time}&version={version}{SECRET}")
        if found["sign"] != right or found["appId"] != KEY:
            return {"success": False, "error_code": -1, "error_msg": "sign"}
        if method == "oauth.refreshToken":
            return self.exchanged(found["refreshToken"])
        if found["accessToken"] != f"access-{self.turn}" or self.now >= self.until:
            return {"success": False, "error_code": -2, "error_msg": "access token"}
        return self.by_method[method]

    def exchanged(self, refresh: str) -> Any:
        """Another pair once the access token is about to end; the pair there is before."""
        if refresh != f"refresh-{self.turn}":
            return {"success": False, "error_code": -3, "error_msg": "refresh token"}
        if self.until - self.now <= 1800:
            self.turn, self.until = self.turn + 1, self.now + 7 * DAY
        data = {
            "accessToken": f"access-{self.turn}",
            "accessTokenExpiresAt": int(self.until * 1000),
            "refreshToken": f"refresh-{self.turn}",
            "refreshTokenExpiresAt": int((self.until + 7 * DAY) * 1000),
            "sellerId": "5e37a1b2c3d4e5f6a7b8a9f0",
        }
        return {"success": True, "error_code": 0, "error_msg": "", "data": data}

    def methods(self) -> list[str]:
        return [one.json["method"] for one in self.asked]


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


# ---- whose it is ------------------------------------------------------------------------------------


def test_the_signature_of_the_platforms_own_example(shop: Shop) -> None:
    """Its API of the first version signs alike: path, parameters and result as its documents had them."""
    one = made(shop, app_key="xhs", app_secret="9a539709cafc1efc9ef05838be468a28")
    given = {"app-key": "xhs", "timestamp": "1469902537", "sign": "72be6fad4dd0e5104dbdebbcdadb2a06"}
    asked = Delivery("GET", given, "status=0&page_no=1&page_size=50", b"", "/ark/open_api/v1/items")
    xiaohongshu_shop.verify(opened(one), asked, 1469902537.0)
    for other in (
        asked._replace(path="/ark/open_api/v1/item"),
        asked._replace(query="status=1&page_no=1&page_size=50"),
        asked._replace(headers=given | {"timestamp": "1469902538"}),
    ):
        with pytest.raises(Forged):
            xiaohongshu_shop.verify(opened(one), other, 1469902537.0)


@pytest.mark.parametrize("query", ["", "canshu=test", "b=2&a=1"])
def test_a_signed_push_is_answered_as_the_platform_wants(shop: Shop, query: str) -> None:
    reply = sends(made(shop), sample("xiaohongshu_shop", "status.json"), query=query).reply
    assert (reply.status, json.loads(reply.body)) == (
        200,
        {"success": True, "error_code": 0, "error_msg": ""},
    )


def test_what_is_not_the_platforms_is_refused_and_not_kept(shop: Shop) -> None:
    one, other = made(shop), made(shop)
    body = sample("xiaohongshu_shop", "status.json")
    right = headers(one)
    for given in (
        {},
        headers(other),  # signed for another address
        headers(one, secret="other"),
        headers(one, key="other"),
        headers(one, at=NOW - 3600),
        headers(one, at=NOW + 3600),
        headers(one, query="a=1"),
        right | {"Sign": right["Sign"][:-1] + "x"},
        right | {"Timestamp": ""},
        right | {"App-Key": ""},
    ):
        judged = sends(one, body, given)
        assert (judged.reply.status, judged.text) == (401, None), given
        assert json.loads(judged.reply.body)["success"] is False
    for query in ("order.getOrderDetail", "afterSale.getAfterSaleInfo"):  # what an answer is kept under
        assert sends(one, body, right, query).reply.status == 401
    assert sends(made(shop, app_secret=""), body, right).forged == "no_secret"


def test_a_test_of_the_platforms_is_answered_once_the_secret_is_set(shop: Shop) -> None:
    judged = deliver(made(shop), b'{"test": true}')
    assert (judged.reply.status, judged.text) == (200, None)
    assert deliver(made(shop, app_secret=""), b'{"test": true}').forged == "no_secret"
    for body in (b'{"test": false}', b'[{"test": true}]', b'"test"', b'{"test"'):
        assert deliver(made(shop), body).reply.status == 401
    assert connecting.test(made(shop)).ok is True
    for gone in ("app_key", "app_secret", "refresh_token"):
        assert connecting.test(made(shop, **{gone: ""})).ok is False


def test_the_path_that_was_posted_to_is_what_is_signed(web: Server, transactional_db: None) -> None:
    """Over the wire: the door hands it on."""
    from channels import setup

    added: Added = setup.add_channel(setup.workspace(), "Red", "marketplace")
    secrets = {"app_key": KEY, "app_secret": SECRET}
    one = connecting.make(added.channel, "xiaohongshu_shop", "Red", {}, secrets).connector
    body, path = sample("xiaohongshu_shop", "status.json"), f"/hooks/{one.uuid}/"
    right = headers(one, at=time.time())
    reply = web.ask("POST", path, body, **right)
    assert (reply.status, json.loads(reply.body)["success"]) == (200, True)
    assert web.ask("POST", f"{path}?a=1", body, **right).status == 401
    assert len(inbox(one.pk)) == 1


# ---- what it names ----------------------------------------------------------------------------------


def test_a_push_names_orders_and_aftersales_and_nothing_else(shop: Shop) -> None:
    one = made(shop)
    assert wanted(one, sample("xiaohongshu_shop", "status.json")) == [
        Wanted(f"msg_fulfillment_status_change:{ORDER}:4:1772416860000", {"order_id": ORDER})
    ]
    found = said(one, sample("xiaohongshu_shop", "several.json"))
    assert [each.params for each in found if isinstance(each, Wanted)] == [{"returns_id": AFTERSALE}] * 2
    assert len(found) == 2


def test_one_message_that_is_odd_costs_its_neighbours_nothing(shop: Shop) -> None:
    one = made(shop)
    good = read("xiaohongshu_shop", "status.json")[0]
    odd = [{"msgTag": "unheard_of", "data": "{}"}, good | {"data": "{"}, "x", good | {"data": "{}"}]
    body = json.dumps([*odd, good]).encode()
    assert len(wanted(one, body)) == 1
    assert sum(isinstance(each, Unusable) for each in said(one, body)) == 4
    for _ in range(2):
        sends(one, body)
    shop.drains()
    codes = rows(connection, "select distinct code from channels_reject order by 1")
    assert codes == [("field_of_platform",), ("not_an_object",), ("unknown_topic",), ("unreadable_body",)]
    assert not_understood() == 0


# ---- what is asked ----------------------------------------------------------------------------------


def test_an_order_is_asked_for_signed_with_the_shops_token(shop: Shop) -> None:
    one, api = made(shop), Shops()
    for _ in range(2):
        page = looks_up(one, api, {"order_id": ORDER})
    assert page.topic == "order.getOrderDetail"
    assert json.loads(page.body)["order"] == read("xiaohongshu_shop", "order.json")
    assert api.methods() == ["oauth.refreshToken", *["order.getOrderDetail"] * 2]
    asked = api.asked[-1].json
    assert (asked["orderId"], asked["accessToken"], asked["version"]) == (ORDER, "access-0", "2.0")
    assert (
        asked["sign"]
        == hashlib.md5(
            f"order.getOrderDetail?appId={KEY}&timestamp={int(NOW)}&version=2.0{SECRET}".encode()
        ).hexdigest()
    )


def test_tokens_follow_each_other_for_a_year(shop: Shop) -> None:
    """A refresh token is good once: each leads to the next, of the first alone the admin knows."""
    one, api = made(shop), Shops()
    for day in range(366):
        api.now = NOW + day * DAY
        assert looks_up(one, api, {"order_id": ORDER}).topic == "order.getOrderDetail", day
    assert api.turn > 50
    again = made(shop, refresh_token=f"refresh-{api.turn}")  # authorized anew
    assert looks_up(again, api, {"order_id": ORDER}).topic == "order.getOrderDetail"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"success": False, "error_code": -2000101, "error_msg": "包裹不存在"}, "-2000101: 包裹不存在"),
        ({"success": True, "error_code": 7, "error_msg": "x"}, "7: x"),
        ({"error_code": 0, "data": {}}, "0"),
        ({"success": True, "error_code": 0, "data": {"success": False, "code": 5, "msg": "y"}}, "5: y"),
    ],
    ids=str,
)
def test_what_the_platform_says_no_with_is_told(shop: Shop, answer: Any, words: str) -> None:
    api = Shops()
    api.by_method["order.getOrderDetail"] = answer
    with pytest.raises(Outside) as found:
        looks_up(made(shop), api, {"order_id": ORDER})
    assert found.value.words == words


def test_without_its_credentials_or_in_no_json_nothing_is_told(shop: Shop) -> None:
    for gone in ("app_key", "app_secret", "refresh_token"):
        with pytest.raises(Refused, match=gone):
            looks_up(made(shop, **{gone: ""}), Shops(), {"order_id": ORDER})
    api = Shops()
    api.by_method["order.getOrderDetail"] = b"<html>"
    with pytest.raises(NotJson):
        looks_up(made(shop), api, {"order_id": ORDER})
    with pytest.raises(Refused, match="authorize it again"):
        looks_up(made(shop, refresh_token="dead"), Shops(), {"order_id": ORDER})
    with pytest.raises(Refused):
        looks_up(made(shop), Shops(), {})


# ---- what it says -----------------------------------------------------------------------------------


def test_an_order_with_its_goods_its_buyer_its_discounts_and_its_return(shop: Shop) -> None:
    one = made(shop)
    bodies = [sample("xiaohongshu_shop", name) for name in ("several.json", "status.json")]
    follows(shop, one, Shops(), bodies * 2)
    assert (shop.value("gmv"), shop.value("refunds"), shop.value("orders")) == ("155", "59", "1")
    profile = shop.profile(f"marketplace_uid:{USER}")
    assert [(who["kind"], who["namespace"]) for who in profile["identifiers"]] == [
        ("marketplace_uid", "xiaohongshu")
    ]
    assert profile["summary"]["revenue"] == "96.00"
    found = {event["name"]: event for event in shop.get("/api/events/")["results"]}
    properties = found["Order Completed"]["properties"]
    assert found["Order Completed"]["occurred_at"] == "2026-03-02T02:00:00Z"
    money = ("total", "paid", "merchant_discount", "platform_discount", "shipping")
    assert [properties[name] for name in money] == ["155.00", "155.00", "10.00", "10.00", "8.00"]
    assert properties["products"] == [
        {
            "sku": "TEA-ZSXZ-125",
            "name": "正山小种 125g",
            "price": "69.00",
            "quantity": 2,
            "discount": "20.00",
        },
        {
            "sku": "6878ac2e02d7b000016adb41",
            "name": "茶漏",
            "price": "9.67",
            "quantity": 3,
            "discount": "0.01",
        },
    ]
    assert found["Payment Succeeded"]["properties"]["method"] == "wechat"
    assert found["Order Refunded"]["occurred_at"] == "2026-03-03T02:00:00Z"
    assert found["Order Refunded"]["properties"]["products"] == [{"sku": "TEA-ZSXZ-125", "quantity": 1}]
    assert {"Return Received", "Ticket Opened", "Ticket Resolved", "Order Updated"} < set(found)
    assert "138****8000" not in json.dumps(shop.get("/api/events/")["results"])
    assert (not_understood(), shop.get("/api/rejects/")["results"]) == (0, [])
    same_after_a_rebuild(shop, "gmv", "refunds", "orders")


@pytest.mark.parametrize("user", ["", "63f1****c2d3", "用户", None, 7, {}, "a" * 90])
def test_a_masked_number_is_nobodys(shop: Shop, user: Any) -> None:
    one, api = made(shop), Shops()
    api.by_method["order.getOrderDetail"]["data"]["userId"] = user
    keeps(one, looks_up(one, api, {"order_id": ORDER}))
    shop.drains()
    assert (shop.value("orders"), shop.get("/api/profiles/")["results"]) == ("1", [])


STATES: list[dict[str, Any]] = [
    {"orderStatus": 1, "updateTime": 1772416700000, "paidTime": 0, "totalPayAmount": 16500},
    {"orderStatus": 4, "updateTime": 1772416860000},
    {
        "orderStatus": 6,
        "updateTime": 1772420400000,
        "deliveryTime": 1772420400000,
        "expressTrackingNo": "SF1",
    },
    {
        "orderStatus": 7,
        "updateTime": 1773000000000,
        "deliveryTime": 1772420400000,
        "expressTrackingNo": "SF1",
        "finishTime": 1772990000000,
        "totalPayAmount": 15400,
    },
]


@pytest.mark.parametrize("turn", list(itertools.permutations(range(4)))[::5])
def test_answers_in_whatever_order_end_in_the_latest_state(shop: Shop, turn: tuple[int, ...]) -> None:
    one, api = made(shop), Shops()
    whole = copy.deepcopy(api.by_method["order.getOrderDetail"])
    for n in turn:
        api.by_method["order.getOrderDetail"] = whole | {"data": whole["data"] | STATES[n]}
        keeps(one, looks_up(one, api, {"order_id": ORDER}))
        shop.drains()
    assert (shop.value("gmv"), shop.value("orders")) == ("154", "1")
    assert {name for name, _id, _at in events(shop)} == {
        "Order Completed",
        "Order Updated",
        "Payment Started",
        "Payment Succeeded",
        "Order Shipped",
        "Order Delivered",
    }


def test_what_became_of_orders_that_are_closed(shop: Shop) -> None:
    one, api = made(shop), Shops()
    whole = copy.deepcopy(api.by_method["order.getOrderDetail"])
    closed = {"orderStatus": 9, "updateTime": 1772504000000, "cancelTime": 1772504000000}
    for more in (
        {"orderId": "unpaid", "paidTime": 0},
        {"orderId": "cancelled"},
        {"orderId": "refunded", "orderAfterSalesStatus": 3},  # its after-sale tells it
        {"orderId": "sent-again", "orderType": 5},
    ):
        api.by_method["order.getOrderDetail"] = whole | {"data": whole["data"] | closed | more}
        keeps(one, looks_up(one, api, {"order_id": more["orderId"]}))
    shop.drains()
    assert (shop.value("orders"), shop.value("gmv"), shop.value("refunds")) == ("2", "310", "155")
    names = [name for name, _id, _at in events(shop)]
    assert (names.count("Payment Failed"), names.count("Order Cancelled")) == (1, 1)


# ---- anything -----------------------------------------------------------------------------------------


def test_a_push_with_anything_in_it_names_something_or_is_refused(shop: Shop) -> None:
    one = made(shop)
    for push in (read("xiaohongshu_shop", "status.json"), read("xiaohongshu_shop", "several.json")):
        for odd in odd_ones(push):
            found = told(one, json.dumps(odd).encode())
            assert not isinstance(found, Rejection) or found.code.name != "not_understood"
        for odd in odd_ones(json.loads(push[0]["data"])):
            body = json.dumps([push[0] | {"data": json.dumps(odd)}]).encode()
            found = told(one, body)
            assert not isinstance(found, Rejection) or found.code.name != "not_understood"
    for body in (b"", b"7", b'"x"', b"{", b"\xff\x00", b"[" * 100_000, b"null"):
        assert isinstance(told(one, body), Rejection)


def test_an_answer_with_anything_in_it_is_read_or_refused(shop: Shop) -> None:
    one = made(shop)
    order, aftersale = read("xiaohongshu_shop", "order.json"), read("xiaohongshu_shop", "aftersale.json")
    for topic, name, whole, deepest in (
        ("order.getOrderDetail", "order", order, 5),
        ("afterSale.getAfterSaleInfo", "aftersale", aftersale, 7),
    ):
        for odd in odd_ones({name: whole}, deepest=deepest):
            found = told(one, json.dumps(odd).encode(), query=topic)
            assert not isinstance(found, Rejection) or found.code.name != "not_understood", odd
        for body in (b"", b"{}", b"[]", b"null", b"\xff\x00"):
            assert isinstance(told(one, body, query=topic), Rejection)
