"""Notices that only name an order, through the door and the background, at doubles of their platforms over HTTP."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import pytest
from django.db import connection

from channels.connectors import douyin_orders, wechat_shop, xiaohongshu_shop
from channels.hooks import Judged
from channels.models import Connector
from kernel.db import rows, run
from tests.channels.connectors import test_douyin_orders as douyin
from tests.channels.connectors import test_wechat_shop as wechat
from tests.channels.connectors import test_xiaohongshu_shop as xiaohongshu
from tests.channels.connectors.looked_up import Asked as Told
from tests.channels.connectors.telling import events, not_understood, read, same_after_a_rebuild, sample
from tests.channels.pulls.pulling import listed, turn
from tests.platform_double import Asked, Platform, Said, said
from tests.shop import Shop

Double = Callable[..., AbstractContextManager[Platform]]


class Case(NamedTuple):
    """A kind: how its connector is made, its notices sent, its platform answers; what comes of it."""

    made: Callable[[Shop], Connector]
    sends: Callable[[Connector, bytes], Judged]
    notices: tuple[bytes, ...]
    answers: Callable[[], Callable[[Asked], Said]]
    who: str
    sums: tuple[str, str]  # ordered, given back
    asked: tuple[str, ...]  # what of, in any order


def wechats() -> Callable[[Asked], Said]:
    by_path = {
        wechat_shop.TOKENS: wechat.TOKENS,
        wechat_shop.ORDER: read("wechat_shop", "order.json"),
        wechat_shop.AFTERSALE: read("wechat_shop", "aftersale.json"),
    }

    def answer(asked: Asked) -> Said:
        if asked.path != wechat_shop.TOKENS and asked.query.get("access_token") != "TOKEN-1":
            return said({"errcode": 40001, "errmsg": "invalid credential"})
        return said(by_path[asked.path])

    return answer


def of(double: Any) -> Callable[[Asked], Said]:
    """The answers of a platform by a table, over HTTP; what it says of times is by the clock here."""

    def answer(asked: Asked) -> Said:
        double.asked.append(asked)
        told = Told(asked.method, asked.path, asked.query, asked.headers, asked.body)
        return said(double.answers[asked.path](told))

    return answer


def push_of_wechats(one: Connector, body: bytes) -> Judged:
    return wechat.sends(one, *wechat.encrypted(body))


CASES = {
    "wechat_shop": Case(
        lambda shop: wechat.made(shop, safe=True),
        push_of_wechats,
        (*wechat.PUSHES, wechat.AFTERSALE_PUSH),
        wechats,
        f"openid:{wechat.OPENID}",
        ("155", "59"),
        (*[wechat_shop.ORDER] * 4, wechat_shop.AFTERSALE),
    ),
    "xiaohongshu_shop": Case(
        xiaohongshu.made,
        xiaohongshu.sends,
        tuple(sample("xiaohongshu_shop", name) for name in ("several.json", "status.json")),
        lambda: of(xiaohongshu.Shops(now=4_000_000_000.0)),
        f"marketplace_uid:{xiaohongshu.USER}",
        ("155", "59"),
        (*[xiaohongshu.API] * 3,),
    ),
    "douyin_shop": Case(
        douyin.made,
        douyin.sends,
        tuple(sample("douyin_shop", name) for name in ("refunded.json", "paid.json", "day.json")),
        lambda: of(douyin.Doudian()),
        f"marketplace_uid:{douyin.BUYER}",
        ("19.9", "8.9"),
        (*[douyin.DETAIL] * 3,),
    ),
}
AT_TOKENS = {wechat_shop.TOKENS, douyin.TOKEN}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return Shop()


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> Callable[[Platform], None]:
    """The kinds ask a double."""

    def there(api: Platform) -> None:
        monkeypatch.setattr(wechat_shop, "API", api.url)
        monkeypatch.setattr(douyin_orders, "API", api.url)
        monkeypatch.setattr(xiaohongshu_shop, "API", f"{api.url}{xiaohongshu.API}")

    return there


def questions(api: Platform) -> list[str]:
    """What was asked for, without tokens."""
    found = [asked for asked in api.asked if asked.path not in AT_TOKENS]
    return sorted(one.path for one in found if b"oauth.refreshToken" not in one.body)


def test_an_order_is_named_waits_visibly_is_looked_up_and_counts_once(
    shop: Shop, case: Case, platforms: Double, asks: Any
) -> None:
    with platforms(case.answers()) as api:
        asks(api)
        one = case.made(shop)
        for _ in range(2):  # the platform sends again
            for body in case.notices:
                assert case.sends(one, body).reply.status == 200
        shop.drains()
        assert listed(shop, one)["waiting"] == len(
            [asked for asked in case.asked if asked != wechat_shop.AFTERSALE]
        )
        turn(3)
        shop.drains()
        turn(3)  # what an answer named
        shop.drains()
        assert questions(api) == sorted(case.asked)
        assert listed(shop, one)["waiting"] == 0
        ordered, back = case.sums
        assert (shop.value("gmv"), shop.value("refunds"), shop.value("orders")) == (ordered, back, "1")
        profile = shop.profile(case.who)
        assert profile["summary"]["orders"] == 1
        assert (not_understood(), shop.get("/api/rejects/")["results"]) == (0, [])
        for body in case.notices:
            case.sends(one, body)
        shop.drains()
        assert turn() == 0
        before = len(api.asked)
        same_after_a_rebuild(shop, "gmv", "refunds", "orders")
        assert (turn(), len(api.asked)) == (0, before)  # a rebuild asks nothing


def test_a_platform_that_refuses_the_credentials_is_said_and_asked_again_later(
    shop: Shop, case: Case, platforms: Double, asks: Any
) -> None:
    good = case.answers()
    with platforms(lambda asked: said({"error": "who are you?"}, 403)) as api:
        asks(api)
        one = case.made(shop)
        for body in case.notices:
            case.sends(one, body)
        shop.drains()
        turn()
        assert listed(shop, one)["waiting"] > 0
        failures = rows(connection, "select failure from channels_lookup where failure is not null")
        assert failures
        assert "secret" not in json.dumps([str(one) for one in failures])
        api.answers = good
        run(connection, "update channels_lookup set next_try = now()")
        turn(3)
        shop.drains()
        turn(3)
        shop.drains()
        assert listed(shop, one)["waiting"] == 0
        assert shop.value("gmv") == case.sums[0]
        assert "Order Completed" in {name for name, _id, _at in events(shop)}
