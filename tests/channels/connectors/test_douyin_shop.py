"""Douyin shop's messages, signed as its own program does it: each counts once, an odd one costs the others nothing."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import MD5, Hash
from django.db import connection

from channels.connect import setup as connecting
from channels.hooks import Judged
from channels.models import Connector
from kernel.db import rows
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

APP_KEY, SECRET = "app-123", "secret-456"
ORDER, AFTERSALE = "4837328765348566675", "7000893114000949517"
PROBE = b'[{"tag":"0","msg_id":"0","data":"probe"}]'


def signature(body: bytes, key: str = APP_KEY, secret: str = SECRET) -> str:
    """As the platform's own program has it: MD5 over app key, body, app secret; by cryptography."""
    made = Hash(MD5())
    made.update(key.encode() + body + secret.encode())
    return made.finalize().hex()


def made(shop: Shop, **secrets: str) -> Connector:
    return connector(shop, "douyin_shop", {}, {"app_key": APP_KEY, "app_secret": SECRET} | secrets)


def sends(one: Connector, body: bytes, given: str | None = None) -> Judged:
    said = {"App-Id": APP_KEY, "Event-Sign": signature(body) if given is None else given}
    return deliver(one, body, said)


def message(tag: str, data: Any, number: str = "m1") -> bytes:
    inner = data if isinstance(data, str) else json.dumps(data)
    return json.dumps([{"tag": tag, "msg_id": number, "data": inner}]).encode()


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def codes() -> list[tuple[Any, ...]]:
    return rows(connection, "select code, hint from channels_reject order by received_at, position")


# ---- whose it is ------------------------------------------------------------------------------------


def test_a_signed_delivery_is_answered_as_the_platform_wants(shop: Shop) -> None:
    one, body = made(shop), sample("douyin_shop", "paid.json")
    reply = sends(one, body).reply
    assert (reply.status, json.loads(reply.body)) == (200, {"code": 0, "msg": "success"})
    assert sends(one, body, signature(body).upper()).reply.status == 200


def test_a_signature_by_hmac_is_one_too(shop: Shop) -> None:
    """7e0b…: of another program's tests, for this app and body."""
    known = "7e0bd8b248471435f5a09b27cbc1a07f2cb00f625810bde9f3cc5b0ba7bc4a11"
    assert sends(made(shop), PROBE, known).reply.status == 200
    body = sample("douyin_shop", "paid.json")
    given = hmac.new(SECRET.encode(), APP_KEY.encode() + body + SECRET.encode(), hashlib.sha256).hexdigest()
    assert sends(made(shop), body, given).reply.status == 200
    assert sends(made(shop), body + b" ", given).reply.status == 401


@pytest.mark.parametrize(
    "given",
    [
        "",
        "zz",
        "0" * 32,
        "0" * 64,
        signature(b"[]"),
        signature(PROBE, key="other"),
        signature(PROBE, secret="x"),
    ],
)
def test_what_is_not_the_platforms_is_refused_and_not_kept(shop: Shop, given: str) -> None:
    judged = sends(made(shop), PROBE, given)
    assert (judged.reply.status, judged.text) == (401, None)
    assert json.loads(judged.reply.body)["code"] != 0


def test_the_test_of_the_address_and_a_challenge(shop: Shop) -> None:
    one = made(shop)
    assert json.loads(sends(one, PROBE).reply.body) == {"code": 0, "msg": "success"}
    for body in (
        b'{"challenge": 12345}',
        b'{"event":"verify_webhook","client_key":"","content":{"challenge":12345}}',
    ):
        judged = sends(one, body)
        assert (json.loads(judged.reply.body), judged.text) == ({"challenge": 12345}, None)
        assert sends(one, body, "0" * 32).reply.status == 401
        assert sends(made(shop, app_secret=""), body).forged == "no_secret"
    shop.drains()
    assert (events(shop), codes()) == ([], [])


def test_without_its_secrets_nothing_is_taken(shop: Shop) -> None:
    for gone in ("app_key", "app_secret"):
        one = made(shop, **{gone: ""})
        assert (
            sends(one, PROBE, signature(PROBE, **{"key" if gone == "app_key" else "secret": ""})).forged
            == "no_secret"
        )
        assert connecting.test(one).ok is False
    assert connecting.test(made(shop)).ok is True


# ---- what it says -----------------------------------------------------------------------------------


def test_a_shops_day_counts_once_and_in_yuan(shop: Shop) -> None:
    one = made(shop)
    for name in ("refunded.json", "day.json", "paid.json", "paid.json", "refunded.json"):  # in no order
        sends(one, sample("douyin_shop", name))
        shop.drains()
    assert (shop.value("gmv"), shop.value("orders"), shop.value("refunds")) == ("19.9", "1", "8.9")
    assert [(name, message_id) for name, message_id, _at in events(shop)] == [
        ("Order Completed", "101:6857382949302947598:101:Order Completed"),
        ("Order Delivered", "103:m103:Order Delivered"),
        ("Order Refunded", "206:6857382949302947600:206:Order Refunded"),
        ("Order Shipped", "102:m102:Order Shipped"),
        ("Payment Started", "100:m100:Payment Started"),
        ("Payment Succeeded", "101:6857382949302947598:101:Payment Succeeded"),
        ("Ticket Opened", "200:m200:Ticket Opened"),
        ("Ticket Resolved", "206:6857382949302947600:206:Ticket Resolved"),
    ]
    said = {one["name"]: one["properties"] for one in shop.get("/api/events/")["results"]}
    assert said["Order Shipped"] == {"order_id": ORDER, "shipment_id": "431301844081", "carrier": "yunda"}
    assert said["Payment Succeeded"]["method"] == "wechat"
    assert said["Order Refunded"]["refund_id"] == said["Ticket Opened"]["ticket_id"] == AFTERSALE
    assert codes() == []
    same_after_a_rebuild(shop, "gmv", "refunds", "orders")


@pytest.mark.parametrize("how", [0, 12])
def test_what_is_paid_later_is_an_order_and_no_payment_yet(shop: Shop, how: int) -> None:
    data = json.loads(read("douyin_shop", "paid.json")[0]["data"]) | {"pay_type": how}
    found = told(made(shop), message("101", data))
    assert [one["event"] for one in found] == ["Order Completed"]


def test_a_cancelled_order_is_taken_back(shop: Shop) -> None:
    one = made(shop)
    sends(one, sample("douyin_shop", "paid.json"))
    cancelled = {
        "p_id": int(ORDER),
        "cancel_time": 1772420400,
        "cancel_reason": "风控取消",
        "order_status": 4,
    }
    sends(one, message("106", cancelled, "m106"))
    shop.drains()
    assert (shop.value("gmv"), shop.value("refunds")) == ("19.9", "19.9")


def test_one_message_that_is_odd_costs_its_neighbours_nothing(shop: Shop) -> None:
    [paid] = read("douyin_shop", "paid.json")
    refunded = read("douyin_shop", "refunded.json")[0]
    halved = json.loads(refunded["data"]) | {"refund_amount": "4.45"}
    many = [
        {"tag": "105", "msg_id": "a", "data": "{}"},
        {"tag": "206", "msg_id": "b", "data": json.dumps(halved)},
        {"tag": "101", "msg_id": "c", "data": "{broken"},
        "nothing",
        paid,
        {"tag": "101", "msg_id": "d", "data": json.dumps({"p_id": 1, "pay_amount": None})},
    ]
    one = made(shop)
    for _ in range(2):
        sends(one, json.dumps(many).encode())
    shop.drains()
    assert (shop.value("gmv"), shop.value("refunds")) == ("19.9", "0")
    said = [json.loads(bad["raw"])["type"] for bad in shop.get("/api/rejects/")["results"]]
    assert sorted(set(said)) == [
        "field_of_platform: data.pay_amount",
        "not_an_object: ",
        "not_whole: data.refund_amount",
        "unknown_topic: 105",
        "unreadable_body: ",
    ]
    assert not_understood() == 0


def test_a_delivery_with_anything_in_it_is_read_or_refused(shop: Shop) -> None:
    one = made(shop)
    for name in ("paid.json", "refunded.json", "day.json"):
        for odd in odd_ones(read("douyin_shop", name), deepest=2):
            if odd:  # an empty list says nothing
                is_read_or_refused(one, json.dumps(odd).encode())
        for whole in read("douyin_shop", name):
            for odd in odd_ones(json.loads(whole["data"])):
                is_read_or_refused(one, message(whole["tag"], odd))
                is_read_or_refused(one, json.dumps([whole | {"data": odd}]).encode())
    for body in (b"", b"7", b'"x"', b"{", b"\xff\x00", b"[" * 100_000, b"null"):
        is_read_or_refused(one, body)


def test_odd_deliveries_stop_nobody(shop: Shop) -> None:
    one = made(shop)
    for odd in odd_ones(json.loads(read("douyin_shop", "paid.json")[0]["data"]), deepest=1):
        assert sends(one, message("101", odd, "odd")).reply.status == 200
    sends(one, sample("douyin_shop", "paid.json"))
    shop.drains()
    assert not_understood() == 0
    assert ("Order Completed", "101:6857382949302947598:101:Order Completed") in {
        one[:2] for one in events(shop)
    }
