"""One order, told twice: by the shop's own webhook and by the ERP's pull. It counts once, with the shop's money; the
ERP fills in what the shop does not say, and may speak of channels of the workspace alone.
"""

import hashlib
import itertools
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.db import connection

from channels.models import Connector
from kernel.db import rows
from tests.channels.connectors import pulling
from tests.channels.connectors.telling import not_understood, read, same_after_a_rebuild, sample
from tests.channels.hooking import connector, deliver
from tests.channels.pulls.pulling import cursor, listed, turn
from tests.platform_double import Asked, said
from tests.platform_double import Said as Answered
from tests.shop import Shop, order

TID = "E20260302095955049600089"
CLIENT, SECRET = "client", "secret"
NUMBERS = ("gmv", "orders", "refunds", "net_revenue", "inventory_turnover")


@pytest.fixture
def shop(db: None) -> Shop:
    found = Shop()
    found.channel("Youzan shop", "web")
    found.channel("Warehouse", "store")
    return found


def youzan(shop: Shop) -> Connector:
    return connector(shop, "youzan", {}, {"client_id": CLIENT, "client_secret": SECRET}, to="youzan-shop")


def erp(shop: Shop, **shops: str) -> Connector:
    keys = {"app_key": "k", "app_secret": "s"}
    return connector(shop, "jushuitan", {"shops": shops or {"22001": "youzan-shop"}}, keys, to="warehouse")


def hooks(one: Connector, body: bytes) -> None:
    signed = hashlib.md5(CLIENT.encode() + body + SECRET.encode()).hexdigest()
    assert deliver(one, body, {"Event-Sign": signed}).reply.status == 200


def shipped() -> bytes:
    data = {"tid": TID, "express_id": "1", "express_no": "YZ-PARCEL-1", "version": 1772600000000}
    return json.dumps(
        read("youzan", "paid.json")
        | {"type": "trade_TradeSellerShip", "msg": quote_plus(json.dumps(data)), "version": 1772600000000}
    ).encode()


def in_the_erp(**rest: Any) -> dict[str, Any]:
    """The same order as the ERP has it: other amounts, its own numbers of the order and of the parcel."""
    return {
        "o_id": 991, "so_id": TID, "shop_id": 22001, "shop_name": "有赞店", "status": "Sent",
        "order_date": "2026-03-02 09:59:55", "pay_date": "2026-03-02 10:00:00", "modified": "2026-03-05 10:00:00",
        "send_date": "2026-03-04 10:00:00", "pay_amount": "44.00", "paid_amount": "44.00", "freight": "4.00",
        "free_amount": "2.50", "buyer_paid_amount": "45.80", "l_id": "ERP-PARCEL-9", "logistics_company": "顺丰",
        "open_id": "another-number-of-the-buyer",
        "items": [{"sku_id": "HM-1082-O", "qty": 2, "price": "19.90", "amount": "39.80", "raw_so_id": TID}],
    } | rest  # fmt: skip


def erps_refund() -> dict[str, Any]:
    return {
        "as_id": 77, "outer_as_id": "ERP-REFUND-77", "so_id": TID, "shop_id": 22001, "status": "Confirmed",
        "refund": "5.80", "confirm_date": "2026-03-03 18:00:00", "modified": "2026-03-03 18:00:00", "items": [],
    }  # fmt: skip


COST = {"sku_id": "HM-1082-O", "name": "雪松香薰", "cost_price": "7.25", "modified": "2026-02-01 00:00:00"}


def seen() -> dict[str, Any]:
    """The orders with their channel, their money and what hangs on them."""
    orders = rows(
        connection,
        "select c.slug, o.order_id, o.total, o.shipping, o.discount, o.refunded, s.paid from metrics_order o "
        "join channels_setting c using (workspace_id, channel_id) "
        "left join metrics_settlement s using (workspace_id, order_id, channel_id) order by 1, 2",
    )
    counted = {
        name: rows(connection, f"select count(*) from metrics_{name}")[0][0]
        for name in ("shipment", "refund", "payment", "waiting")
    }
    plain = [
        (slug, number, *(None if one is None else f"{one:.2f}" for one in rest))
        for slug, number, *rest in orders
    ]
    return {"orders": plain, **counted}


def both(shop: Shop) -> list[Callable[[], None]]:
    """What is told of the order, by whom."""
    own, other = youzan(shop), erp(shop)
    return [
        lambda: hooks(own, sample("youzan", "paid.json")),
        lambda: hooks(own, shipped()),
        lambda: hooks(own, sample("youzan", "refunded.json")),
        lambda: pulling.keeps_body(other, pulling.rows(in_the_erp()), "orders"),
        lambda: pulling.keeps_body(other, pulling.rows(erps_refund()), "refunds"),
        lambda: pulling.keeps_body(other, pulling.rows(COST), "goods"),
    ]


EXPECTED = {
    "orders": [("youzan-shop", TID, "45.80", "6.00", "2.50", "5.80", "45.80")],
    "shipment": 1,
    "refund": 1,
    "payment": 1,
    "waiting": 0,
}


@pytest.mark.parametrize("first", range(6))
def test_an_order_of_the_shop_and_of_the_erp_is_one_in_whatever_order_they_tell_it(
    shop: Shop, first: int
) -> None:
    told = both(shop)
    for tell in [*told[first:], *reversed(told[:first])]:
        tell()
        shop.drains()
    assert seen() == EXPECTED
    assert (shop.value("orders"), shop.value("gmv"), shop.value("refunds")) == ("1", "45.8", "5.8")
    assert shop.metric("orders", channel="warehouse")["total"]["value"] == "0"
    [(parcel,)] = rows(connection, "select key from metrics_shipment")
    assert parcel == "YZ-PARCEL-1"
    assert [f"{one:.2f}" for (one,) in rows(connection, "select unit_cost from metrics_order_line")] == [
        "7.25"
    ]
    assert not_understood() == 0


def test_a_rebuild_knows_it_still(shop: Shop) -> None:
    for tell in both(shop):
        tell()
    shop.drains()
    assert seen() == EXPECTED
    same_after_a_rebuild(shop, *NUMBERS)
    assert seen() == EXPECTED


def test_the_buyer_is_the_one_that_the_shop_names_and_the_erp_makes_no_second_one(shop: Shop) -> None:
    for tell in both(shop):
        tell()
    shop.drains()
    assert shop.value("buyers") == "1"
    assert shop.value("active_customers") == "1"
    assert shop.profile("phone:+8613777806504")["summary"]["revenue"] == "40.00"
    assert (
        shop.get("/api/profiles/", identifier="marketplace_uid:another-number-of-the-buyer")["results"] == []
    )


def test_an_order_that_the_shop_never_told_is_the_erps_word_on_the_shops_channel(shop: Shop) -> None:
    other = erp(shop)
    pulling.keeps_body(other, pulling.rows(in_the_erp()), "orders")
    pulling.keeps_body(other, pulling.rows(erps_refund()), "refunds")
    shop.drains()
    assert seen() == {
        "orders": [("youzan-shop", TID, "44.00", "4.00", "2.50", "5.80", "45.80")],
        "shipment": 1,
        "refund": 1,
        "payment": 1,
        "waiting": 0,
    }
    hooks(youzan(shop), sample("youzan", "paid.json"))  # connected later: from now on its word holds
    shop.drains()
    assert seen()["orders"] == [("youzan-shop", TID, "45.80", "6.00", "2.50", "5.80", "45.80")]


def test_a_shop_is_found_by_its_number_or_its_name_and_else_stays_on_the_erps_channel(shop: Shop) -> None:
    other = erp(shop, 有赞店="youzan-shop")
    pulling.keeps_body(other, pulling.rows(in_the_erp()), "orders")
    pulling.keeps_body(
        other, pulling.rows(in_the_erp(so_id="X-1", shop_id=7, shop_name="别的店", items=[])), "orders"
    )
    shop.drains()
    assert [one[:2] for one in seen()["orders"]] == [("warehouse", "X-1"), ("youzan-shop", TID)]


def test_a_channel_that_is_none_is_a_reject_and_goes_in_when_it_was_made(shop: Shop) -> None:
    other = erp(shop, **{"22001": "tmall"})
    pulling.keeps_body(other, pulling.rows(in_the_erp()), "orders")
    shop.drains()
    assert seen()["orders"] == []
    found = shop.get("/api/rejects/")["results"]
    assert {one["reason"] for one in found} == {"unknown_channel"}
    assert all("There is no channel 'tmall'" in one["hint"] for one in found)
    shop.channel("Tmall", "marketplace")
    answer = shop.api().post("/api/rejects/replay/", {"reason": "unknown_channel"}, format="json")
    assert answer.status_code == 200
    shop.drains()
    assert [one[:2] for one in seen()["orders"]] == [("tmall", TID)]


def test_others_than_erps_speak_of_their_own_channel_alone(shop: Shop) -> None:
    message = order("W-1", "10.00", at="2026-03-05T10:00:00+08:00") | {
        "channel": "youzan-shop",
        "messageId": "w1",
    }
    shop.sends(message, to="web-shop")
    assert [one[:2] for one in seen()["orders"]] == [("web-shop", "W-1")]


def test_every_order_of_arrival_gives_the_same(shop: Shop) -> None:
    """All at once, in each order of the four that speak of money: the ledger is a function of the set."""
    found = set()
    for n, places in enumerate(itertools.permutations((0, 2, 3, 4))):
        if n % 5:
            continue
        fresh = Shop()
        fresh.channel("Youzan shop", "web")
        fresh.channel("Warehouse", "store")
        told = both(fresh)
        for place in places:
            told[place]()
        fresh.drains()
        found.add(tuple(fresh.value(name) for name in NUMBERS))
    assert len(found) == 1


def test_the_erp_is_pulled_by_the_worker_while_the_shop_posts(
    transactional_db: None, shop: Shop, platforms: Any
) -> None:
    """The whole way: the worker's turns at a double of the ERP, the shop's webhook, and what the API says of it."""
    yesterday = pulling.at(time.time() - 86_400)
    feeds = {
        "/open/orders/single/query": ("orders", in_the_erp(modified=yesterday)),
        "/open/sku/query": ("datas", COST | {"modified": yesterday}),
    }
    asks: list[str] = []

    def answers(asked: Asked) -> Answered:
        form = asked.form
        where, row = feeds.get(asked.path, ("inventorys", None))
        biz = json.loads(form["biz"])
        inside = row is not None and biz["modified_begin"] <= row["modified"] <= biz["modified_end"]
        asks.append(asked.path)
        return said({"code": 0, "data": {where: [row] if inside else [], "page_count": 1, "has_next": False}})

    with platforms(answers) as api:
        keys = {"app_key": "k", "app_secret": "s", "access_token": "t"}
        own = {"shops": {"22001": "youzan-shop"}, "address": api.url, "days": 3, "refunds": False}
        other = connector(shop, "jushuitan", own, keys, to="warehouse")
        tried = shop.api().post(f"/api/connectors/{other.uuid}/test/").json()
        assert tried["ok"], tried
        own_connector = youzan(shop)
        hooks(own_connector, sample("youzan", "paid.json"))
        hooks(own_connector, shipped())
        while turn():
            pass
        shop.drains()
    assert seen()["orders"] == [("youzan-shop", TID, "45.80", "6.00", "2.50", "0.00", "45.80")]
    assert seen()["shipment"] == 1
    assert shop.metric("orders", channel="youzan-shop")["total"]["value"] == "1"
    assert set(cursor(other)["done"]) == {"orders", "stock", "goods"}
    assert listed(shop, other)["state"] == "ok"
    assert set(asks) == {"/open/orders/single/query", "/open/inventory/query", "/open/sku/query"}
