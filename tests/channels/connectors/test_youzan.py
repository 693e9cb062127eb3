"""Youzan's messages, signed by the standard library: orders with goods and buyers; of two versions the later wins."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import pytest

from channels.connect import setup as connecting
from channels.hooks import Judged
from channels.models import Connector
from channels.reasons import Rejection
from tests.channels.connectors.telling import (
    events,
    is_read_or_refused,
    not_understood,
    odd_ones,
    read,
    same_after_a_rebuild,
    sample,
    told,
)
from tests.channels.hooking import connector, deliver
from tests.shop import Shop

CLIENT, SECRET = "7ec5aae16aac4b33f4", "def00000b1228e0f6ba8ef96be9"
TID, REFUND_ID = "E20260302095955049600089", "202603031552353952310720"
BUYER, OPENID, APP = "cpXKxdn9714928271996825600", "oHIuuju181j6rPUdfJb9hs1Sb7_4", "wxshop"


def md5(*parts: bytes) -> str:
    return hashlib.md5(b"".join(parts)).hexdigest()  # the platform's own way


def made(shop: Shop, settings: Mapping[str, str] = {}, **secrets: str) -> Connector:
    return connector(shop, "youzan", settings, {"client_id": CLIENT, "client_secret": SECRET} | secrets)


def sends(one: Connector, body: bytes, given: str | None = None) -> Judged:
    right = md5(CLIENT.encode(), body, SECRET.encode())
    return deliver(one, body, {"Event-Sign": right if given is None else given, "Client-Id": CLIENT})


def inner(name: str) -> dict[str, Any]:
    """What stands in the message of a sample."""
    found = json.loads(unquote_plus(read("youzan", name)["msg"]))
    assert isinstance(found, dict)
    return found


def push(name: str, data: Any, **envelope: Any) -> bytes:
    """A sample with other data, encoded as the platform does."""
    msg = quote_plus(json.dumps(data, ensure_ascii=False))
    return json.dumps(read("youzan", name) | {"msg": msg} | envelope).encode()


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


# ---- whose it is ------------------------------------------------------------------------------------


def test_a_message_signed_in_its_header_is_answered_as_the_platform_wants(shop: Shop) -> None:
    reply = sends(made(shop), sample("youzan", "paid.json")).reply
    assert (reply.status, json.loads(reply.body)) == (200, {"code": 0, "msg": "success"})


def test_a_message_signed_inside_as_older_apps_have_it(shop: Shop) -> None:
    one, found = made(shop), read("youzan", "paid.json")
    found["sign"] = md5(CLIENT.encode(), found["msg"].encode(), SECRET.encode())
    assert deliver(one, json.dumps(found).encode()).reply.status == 200
    for odd in ("", "0" * 32, None, 7, ["x"]):
        assert deliver(one, json.dumps(found | {"sign": odd}).encode()).reply.status == 401
    assert deliver(one, json.dumps(found | {"msg": {"tid": "x"}}).encode()).reply.status == 401
    assert deliver(one, b"not json").reply.status == 401


@pytest.mark.parametrize("given", ["zz", "0" * 32, md5(CLIENT.encode(), b"{}", SECRET.encode())])
def test_what_is_not_the_platforms_is_refused_and_not_kept(shop: Shop, given: str) -> None:
    judged = sends(made(shop), sample("youzan", "paid.json"), given)
    assert (judged.reply.status, judged.text) == (401, None)
    assert b"success" not in judged.reply.body


def test_a_test_of_the_platforms_is_answered_once_the_secret_is_set(shop: Shop) -> None:
    for said in (True, "true"):
        body = json.dumps(read("youzan", "paid.json") | {"test": said}).encode()
        judged = deliver(made(shop), body)
        assert (judged.reply.status, judged.text) == (200, None)
        assert deliver(made(shop, client_secret=""), body).forged == "no_secret"
    assert connecting.test(made(shop)).ok is True
    assert connecting.test(made(shop, client_id="")).ok is False


# ---- what it says -----------------------------------------------------------------------------------


def test_an_order_with_its_goods_its_buyer_and_its_refund(shop: Shop) -> None:
    one = made(shop, {"app_id": APP})
    for name in ("refunded.json", "paid.json", "refunded_new.json", "paid.json"):  # in no order, some twice
        sends(one, sample("youzan", name))
        shop.drains()
    assert (shop.value("gmv"), shop.value("refunds"), shop.value("orders")) == ("45.8", "5.8", "1")
    profile = shop.profile(f"marketplace_uid:{BUYER}")
    assert {(who["kind"], who["namespace"]) for who in profile["identifiers"]} == {
        ("marketplace_uid", "youzan"),
        ("phone", ""),
        ("openid", APP),
    }
    assert profile["summary"]["revenue"] == "40.00"
    said = {event["name"]: event for event in shop.get("/api/events/")["results"]}
    assert said["Order Completed"]["occurred_at"] == "2026-03-02T02:00:00Z"
    assert said["Order Completed"]["properties"]["products"] == [
        {"sku": "HM-1082-O", "name": "雪松香薰", "price": "19.90", "quantity": 2}
    ]
    assert said["Payment Succeeded"]["properties"]["method"] == "wechat"
    assert said["Order Refunded"]["properties"]["reason"] == "其他"
    assert said["Ticket Resolved"]["properties"] == {
        "order_id": TID,
        "ticket_id": REFUND_ID,
        "topic": "refund",
    }
    assert (not_understood(), shop.get("/api/rejects/")["results"]) == (0, [])
    same_after_a_rebuild(shop, "gmv", "refunds", "orders")


@pytest.mark.parametrize("backwards", [False, True])
def test_of_two_versions_the_later_wins_in_whatever_order_they_come(shop: Shop, backwards: bool) -> None:
    first, second = inner("paid.json"), inner("paid.json")
    second["full_order_info"]["pay_info"]["payment"] = "40.80"
    second["full_order_info"]["order_info"]["update_time"] = (
        "2026-03-02 09:00:00"  # what its clock says is not asked
    )
    several = [push("paid.json", first, version=1772416800), push("paid.json", second, version=1772416860)]
    one = made(shop)
    for body in several[::-1] if backwards else several:
        sends(one, body)
        shop.drains()
    assert shop.value("gmv") == "40.8"
    [at] = {at for name, _id, at in events(shop) if name == "Order Completed" and "1772416800" in _id}
    assert at.isoformat() == "2026-03-02T02:00:00+00:00"


@pytest.mark.parametrize("backwards", [False, True])
def test_versions_that_are_a_plain_count_decide_among_those_of_one_time(shop: Shop, backwards: bool) -> None:
    several = []
    for version, payment in ((9, "45.80"), (10, "40.80")):
        data = inner("paid.json")
        data["full_order_info"]["pay_info"]["payment"] = payment
        several.append(push("paid.json", data, version=version))
    one = made(shop)
    for body in several[::-1] if backwards else several:
        sends(one, body)
        shop.drains()
    assert shop.value("gmv") == "40.8"


@pytest.mark.parametrize(
    ("kind", "data", "event", "properties"),
    [
        ("trade_TradeSellerShip", {"update_time": "2026-03-03 10:00:00"}, "Order Shipped", {}),
        ("trade_TradePartlySellerShip", {"oids": "1", "express_id": 2, "express_no": "SF1"}, "Order Shipped",
         {"shipment_id": "SF1", "carrier": "2"}),
        ("trade_TradeSuccess", {}, "Order Delivered", {}),
        ("trade_TradeClose", {"close_type": 1, "close_reason": "超时"}, "Order Cancelled", {"reason": "超时"}),
        ("trade_refund_BuyerCreated", {"refund_id": "r", "refund_type": "REFUND_AND_RETURN"}, "Ticket Opened",
         {"ticket_id": "r", "topic": "return"}),
        ("trade_refund_RefundClosed", {"refund_id": "r"}, "Ticket Resolved", {"ticket_id": "r", "topic": "refund"}),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_each_message_has_its_event(
    shop: Shop, kind: str, data: dict[str, Any], event: str, properties: dict[str, Any]
) -> None:
    [message] = told(made(shop), push("closed.json", {"tid": TID, **data}, type=kind))
    assert (message["event"], message["properties"]) == (event, {"order_id": TID} | properties)
    assert message["timestamp"] == "2026-03-04T02:00:00+00:00"


def test_a_created_order_is_the_beginning_of_a_payment(shop: Shop) -> None:
    [message] = told(made(shop), push("paid.json", inner("paid.json"), type="trade_TradeCreate"))
    assert (message["event"], message["properties"]["amount"]) == ("Payment Started", "45.80")


@pytest.mark.parametrize(
    ("how", "method"),
    [(10, "wechat"), (2, "alipay"), (35, "balance"), (201, "cash"), (999, "999"), (9, None)],
)
def test_how_an_order_was_paid(shop: Shop, how: int, method: str | None) -> None:
    data = inner("paid.json")
    data["full_order_info"]["order_info"]["pay_type"] = how
    found = told(made(shop), push("paid.json", data))
    assert [one["properties"].get("method") for one in found] == [None, method][: len(found)]
    assert len(found) == (2 if method else 1)  # on delivery nothing is paid yet


def test_a_closed_order_is_taken_back(shop: Shop) -> None:
    one = made(shop)
    for name in ("closed.json", "paid.json"):
        sends(one, sample("youzan", name))
    shop.drains()
    assert (shop.value("gmv"), shop.value("refunds")) == ("45.8", "45.8")


@pytest.mark.parametrize(
    ("buyer", "kinds"),
    [
        ({"buyer_phone": "$yN99BuJK4NQFxFwXXiOY5A==$1$"}, ["marketplace_uid"]),
        ({"buyer_phone": "138****0000"}, ["marketplace_uid"]),
        ({"buyer_phone": "13777806504"}, ["marketplace_uid", "phone"]),
        ({"outer_user_id": OPENID, "fans_type": 1}, ["marketplace_uid", "openid"]),
        (
            {"outer_user_id": OPENID, "fans_type": 9},
            ["marketplace_uid"],
        ),  # a follower of Youzan's, not the shop's
    ],
    ids=str,
)
def test_who_bought_is_read_where_it_is_plain_and_the_shops(
    shop: Shop, buyer: dict[str, Any], kinds: list[str]
) -> None:
    data = inner("paid.json")
    data["full_order_info"]["buyer_info"] = {"yz_open_id": BUYER} | buyer
    for message in told(made(shop, {"app_id": APP}), push("paid.json", data)):
        assert {one["kind"] for one in message["identifiers"]} == set(kinds)
    for message in told(made(shop), push("paid.json", data)):
        assert "openid" not in {one["kind"] for one in message["identifiers"]}


@pytest.mark.parametrize("encode", [quote, quote_plus])
def test_a_blank_in_the_message_in_either_writing(shop: Shop, encode: Any) -> None:
    data = inner("paid.json")
    data["full_order_info"]["orders"][0]["title"] = "雪松 + 香薰 100%"
    body = json.dumps(read("youzan", "paid.json") | {"msg": encode(json.dumps(data))}).encode()
    found = told(made(shop), body)
    assert found[0]["properties"]["products"][0]["name"] == "雪松 + 香薰 100%"


@pytest.mark.parametrize("fee", [None, "", "many", "-5", "1e3", [], {}, True, "5.80元"], ids=str)
def test_a_refund_without_a_usable_amount_never_takes_all_that_is_left(shop: Shop, fee: Any) -> None:
    one = made(shop)
    sends(one, sample("youzan", "paid.json"))
    sends(one, push("refunded.json", inner("refunded.json") | {"refunded_fee": fee}))
    shop.drains()
    assert (shop.value("gmv"), shop.value("refunds")) == ("45.8", "0")
    assert [bad["field"] for bad in shop.get("/api/rejects/")["results"]] == ["msg.refunded_fee"]


def test_what_is_no_trade_says_so(shop: Shop) -> None:
    found = told(made(shop), push("closed.json", {"tid": TID}, type="ITEM_STATE"))
    assert isinstance(found, Rejection)
    assert (found.code.name, found.params) == ("unknown_topic", {"topic": "ITEM_STATE"})


# ---- anything -----------------------------------------------------------------------------------------


def test_a_message_with_anything_in_it_is_read_or_refused(shop: Shop) -> None:
    one = made(shop, {"app_id": APP})
    for name in ("paid.json", "refunded.json", "closed.json"):
        for odd in odd_ones(read("youzan", name), deepest=1):
            is_read_or_refused(one, json.dumps(odd).encode())
        for odd in odd_ones(inner(name)):
            is_read_or_refused(one, push(name, odd))
    for odd in odd_ones(read("youzan", "refunded_new.json")):
        is_read_or_refused(one, json.dumps(odd).encode())
    for body in (
        b"",
        b"7",
        b"[]",
        b"{",
        b"\xff\x00",
        b"[" * 100_000,
        b'{"type":"trade_TradePaid","msg":"%ff%00"}',
    ):
        is_read_or_refused(one, body)


def test_odd_messages_stop_nobody(shop: Shop) -> None:
    one = made(shop)
    for odd in list(odd_ones(inner("paid.json"), deepest=3))[::5]:
        assert sends(one, push("paid.json", odd, version=1772416000)).reply.status == 200
    sends(one, sample("youzan", "paid.json"))
    shop.drains()
    assert not_understood() == 0
    assert len([name for name, _id, _at in events(shop) if name == "Order Completed"]) >= 1
