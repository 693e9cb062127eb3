"""A WeChat shop: pushes signed and encrypted by wechatpy name an order, its API tells it; each counts once, in yuan."""

import copy
import itertools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from channels.connect import setup as connecting
from channels.connectors import wechat_shop
from channels.connectors.base import Wanted
from channels.hooks import Judged
from channels.models import Connector
from channels.reasons import Rejection
from kernel.errors import Refused
from kernel.outside import CredentialsRefused, Outside
from tests.channels.connectors.looked_up import Platform, follows, keeps, looks_up, said, wanted
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

TOKEN, AES_KEY, APP, SECRET = "AAAAA", "A" * 43, "wxa1b2c3d4e5f60718", "0f1e2d3c"
OPENID, UNIONID, ORDER, AFTERSALE = (
    "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    "ocMvos6NjeKLIBqg5Mr9QjxrP1FA",
    "3705115058471208928",
    "4000000000012345",
)
NOW = 1_772_417_000.0
TOKENS = {"access_token": "TOKEN-1", "expires_in": 7200}


def signature(*parts: str) -> str:
    """By wechatpy."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def plain_query(at: float = NOW, token: str = TOKEN) -> str:
    time, nonce = str(int(at)), "486452656"
    return urlencode({"signature": signature(token, time, nonce), "timestamp": time, "nonce": nonce})


def encrypted(plain: bytes, form: str = "json", app: str = APP) -> tuple[bytes, str]:
    """A push in the safe mode, by wechatpy: body and query."""
    time, nonce = str(int(NOW)), "415670741"
    xml = WeChatCrypto(TOKEN, AES_KEY, app).encrypt_message(plain.decode(), nonce, time)
    closed = xml.partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]
    given = xml.partition("<MsgSignature><![CDATA[")[2].partition("]]>")[0]
    query = urlencode({"timestamp": time, "nonce": nonce, "encrypt_type": "aes", "msg_signature": given})
    if form == "xml":
        whole = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{closed}]]></Encrypt></xml>"
        return whole.encode(), query
    return json.dumps({"ToUserName": "gh_1", "Encrypt": closed}).encode(), query


def made(shop: Shop, settings: Mapping[str, Any] = {}, safe: bool = False, **secrets: str) -> Connector:
    known = {"token": TOKEN, "app_secret": SECRET} | ({"encoding_aes_key": AES_KEY} if safe else {}) | secrets
    return connector(shop, "wechat_shop", {"app_id": APP} | dict(settings), known)


def sends(one: Connector, body: bytes, query: str = "", now: float = NOW) -> Judged:
    return deliver(one, body, query=query or plain_query(), now=now)


def platform(**changes: Any) -> Platform:
    """The shop's API: its order with other fields, and its after-sale."""
    order = read("wechat_shop", "order.json")
    order["order"] |= changes
    return Platform(
        {
            wechat_shop.TOKENS: TOKENS,
            wechat_shop.ORDER: order,
            wechat_shop.AFTERSALE: read("wechat_shop", "aftersale.json"),
        }
    )


PUSHES = [sample("wechat_shop", name) for name in ("order_new.json", "order_pay.json", "order_deliver.xml")]
AFTERSALE_PUSH = sample("wechat_shop", "aftersale_update.json")


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


# ---- whose it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "xml"])
def test_an_encrypted_push_of_wechatpys_is_taken_and_names_its_order(shop: Shop, form: str) -> None:
    one = made(shop, safe=True)
    for push in (*PUSHES, AFTERSALE_PUSH):
        body, query = encrypted(push, form)
        judged = sends(one, body, query)
        assert (judged.reply.status, judged.reply.body) == (200, b"success")
        [found] = wanted(one, body, query)
        assert found.params in ({"order_id": ORDER}, {"after_sale_order_id": AFTERSALE})
        wrong = query.replace("msg_signature=", "msg_signature=0")
        assert (sends(one, body, wrong).reply.status, sends(one, body, wrong).text) == (401, None)
        assert sends(one, body.replace(b"gh_1", b"gh_1"), query, NOW + 3600).forged == "stale"
    assert sends(one, PUSHES[0]).forged == "not_encrypted"


def test_a_plain_push_is_taken_for_its_signature_and_now(shop: Shop) -> None:
    one = made(shop)
    assert sends(one, PUSHES[0]).reply.body == b"success"
    for query, now in (
        (plain_query(token="other"), NOW),
        (plain_query().replace("486452656", "486452657"), NOW),
        (plain_query(at=NOW - 3600), NOW),
        ("", NOW),
        (wechat_shop.ORDER, NOW),  # what an answer is kept under is no way in
    ):
        judged = deliver(one, PUSHES[0], query=query, now=now)
        assert (judged.reply.status, judged.text) == (401, None), query
    assert deliver(made(shop, token=""), PUSHES[0], query=plain_query(), now=NOW).forged == "no_secret"


def test_the_address_is_saved_at_the_platform(shop: Shop) -> None:
    query = f"{plain_query()}&echostr=4375120948345356249"
    reply = deliver(made(shop), b"", query=query, method="GET").reply
    assert (reply.status, reply.body) == (200, b"4375120948345356249")


def test_a_push_encrypted_for_another_app_waits_among_the_rejects(shop: Shop) -> None:
    body, query = encrypted(PUSHES[0], app="wxother")
    found = told(made(shop, safe=True), body, query=query)
    assert isinstance(found, Rejection)
    assert found.code.name == "cannot_open"


# ---- what it names ----------------------------------------------------------------------------------


def test_a_push_says_nothing_until_its_order_is_looked_up(shop: Shop) -> None:
    one = made(shop)
    for push in (*PUSHES, *PUSHES):
        sends(one, push)
    shop.drains()
    assert (events(shop), shop.get("/api/rejects/")["results"]) == ([], [])
    [first], [again] = wanted(one, PUSHES[1]), wanted(one, PUSHES[1])
    assert first == again == Wanted(f"channels_ec_order_pay:{ORDER}:1772416801", {"order_id": ORDER})


@pytest.mark.parametrize("event", ["product_spu_listing", "channels_ec_withdraw_notify", "qrcode_status"])
def test_the_shops_own_affairs_are_no_orders(shop: Shop, event: str) -> None:
    push = json.loads(PUSHES[0]) | {"Event": event}
    assert said(made(shop), json.dumps(push).encode()) == []


@pytest.mark.parametrize(
    ("push", "code"),
    [
        ({"Event": "unheard_of"}, "unknown_topic"),
        ({"Event": ["x"]}, "unknown_topic"),
        ({"order_info": {}}, "field_of_platform"),
        ({"order_info": {"order_id": 0}}, "field_of_platform"),
        ({"order_info": "x"}, "field_of_platform"),
        ({"Event": "channels_ec_aftersale_update"}, "field_of_platform"),
    ],
    ids=str,
)
def test_a_push_that_names_nothing_says_so(shop: Shop, push: dict[str, Any], code: str) -> None:
    found = told(made(shop), json.dumps(json.loads(PUSHES[0]) | push).encode())
    assert isinstance(found, Rejection)
    assert found.code.name == code


# ---- what is asked ----------------------------------------------------------------------------------


def test_an_order_is_asked_for_with_the_shops_token_which_is_fetched_once(shop: Shop) -> None:
    one, api = made(shop), platform()
    for _ in range(3):
        page = looks_up(one, api, {"order_id": ORDER})
    assert page.topic == wechat_shop.ORDER
    assert api.paths() == [wechat_shop.TOKENS, *[wechat_shop.ORDER] * 3]
    assert api.asked[0].json == {"grant_type": "client_credential", "appid": APP, "secret": SECRET}
    assert (api.asked[1].query, api.asked[1].json) == ({"access_token": "TOKEN-1"}, {"order_id": ORDER})
    api.now += 7000
    looks_up(one, api, {"order_id": ORDER})
    assert api.paths().count(wechat_shop.TOKENS) == 2


def test_a_no_to_the_question_for_a_token_is_about_the_credentials(shop: Shop) -> None:
    for answer in ({"errcode": 40001, "errmsg": "invalid secret"}, {"errcode": 7, "errmsg": "x"}, {}):
        api = platform()
        api.answers[wechat_shop.TOKENS] = answer
        with pytest.raises(CredentialsRefused):
            looks_up(made(shop), api, {"order_id": ORDER})


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_token_that_ended_before_its_time_is_said_to_be_one(shop: Shop, code: int) -> None:
    """Who called asks for another one then."""
    api = platform()
    api.answers[wechat_shop.ORDER] = {"errcode": code, "errmsg": "access_token expired"}
    with pytest.raises(CredentialsRefused) as found:
        looks_up(made(shop), api, {"order_id": ORDER})
    assert found.value.words == f"{code}: access_token expired"


@pytest.mark.parametrize(
    ("answer", "words", "again"),
    [
        ({"errcode": 100002, "errmsg": "no such order"}, "100002", False),
        ({"errcode": 48001, "errmsg": "api unauthorized"}, "48001: api unauthorized", False),
        ({"errcode": 45009, "errmsg": "reach max api daily quota"}, "quota", True),
        ({"errcode": -1, "errmsg": "system error"}, "system error", True),
        (b"<html>", "html", True),
        (b"[7]", "7", True),
    ],
    ids=str,
)
def test_what_the_platform_says_no_with_is_told(shop: Shop, answer: Any, words: str, again: bool) -> None:
    api = platform()
    api.answers[wechat_shop.ORDER] = answer
    with pytest.raises(Outside) as found:
        looks_up(made(shop), api, {"order_id": ORDER})
    assert words in found.value.words
    assert (found.value.again is not None) == again


def test_without_its_credentials_nothing_is_asked(shop: Shop) -> None:
    for one in (made(shop, app_secret=""), made(shop, {"app_id": ""})):
        api = platform()
        with pytest.raises(Refused, match=r"app_secret|app id"):
            looks_up(one, api, {"order_id": ORDER})
        assert api.asked == []
        assert connecting.test(one).ok is False
    assert connecting.test(made(shop)).ok is True
    with pytest.raises(Refused):
        looks_up(made(shop), platform(), {})


# ---- what it says -----------------------------------------------------------------------------------


def test_an_order_with_its_goods_its_buyer_its_discounts_and_its_return(shop: Shop) -> None:
    one = made(shop)
    follows(shop, one, platform(), [AFTERSALE_PUSH, *PUSHES, AFTERSALE_PUSH, *PUSHES])  # in no order, twice
    assert (shop.value("gmv"), shop.value("refunds"), shop.value("orders")) == ("155", "59", "1")
    profile = shop.profile(f"openid:{OPENID}")
    assert {(who["kind"], who["namespace"]) for who in profile["identifiers"]} == {
        ("openid", APP),
        ("unionid", ""),
    }
    assert profile["summary"]["revenue"] == "96.00"
    found = {event["name"]: event for event in shop.get("/api/events/")["results"]}
    assert found["Order Completed"]["occurred_at"] == "2026-03-02T02:00:00Z"
    money = {
        name: found["Order Completed"]["properties"][name]
        for name in ("total", "paid", "merchant_discount", "platform_discount", "shipping")
    }
    assert money == {
        "total": "155.00",
        "paid": "155.00",
        "merchant_discount": "10.00",
        "platform_discount": "10.00",
        "shipping": "8.00",
    }
    assert found["Order Completed"]["properties"]["products"] == [
        {
            "sku": "TEA-ZSXZ-125",
            "name": "正山小种 125g",
            "price": "69.00",
            "quantity": 2,
            "discount": "20.00",
        },
        {"sku": "1247535031", "name": "茶漏", "price": "29.00", "quantity": 1},
    ]
    assert found["Payment Succeeded"]["properties"]["amount"] == "155.00"
    assert found["Order Refunded"]["properties"]["products"] == [{"sku": "TEA-ZSXZ-125", "quantity": 1}]
    assert found["Return Received"]["properties"]["return_id"] == AFTERSALE
    assert found["Ticket Opened"]["properties"]["topic"] == "return"
    assert len(events(shop)) == 7  # one of each, with the Order Updated and the Ticket Resolved
    assert (not_understood(), shop.get("/api/rejects/")["results"]) == (0, [])
    same_after_a_rebuild(shop, "gmv", "refunds", "orders")


def test_what_comes_masked_is_nobodys_phone(shop: Shop) -> None:
    one = made(shop)
    keeps(one, looks_up(one, platform(openid="", unionid=""), {"order_id": ORDER}))
    shop.drains()
    assert (shop.value("orders"), shop.get("/api/profiles/")["results"]) == ("1", [])
    everything = json.dumps(shop.get("/api/events/")["results"], ensure_ascii=False)
    for masked in ("****", "18400000000", "陈**"):
        assert masked not in everything


STATES = [
    {"status": 10, "update_time": 1772416700, "pay_time": 0, "order_price": 16500},
    {"status": 20, "update_time": 1772416800, "pay_time": 1772416800, "order_price": 15500},
    {
        "status": 30,
        "update_time": 1772420400,
        "pay_time": 1772416800,
        "order_price": 15500,
        "parcel": "SF100",
    },
    {
        "status": 100,
        "update_time": 1773000000,
        "pay_time": 1772416800,
        "order_price": 15400,
        "parcel": "SF100",
    },
]


def state(**told: Any) -> dict[str, Any]:
    """The order's answer in a state."""
    found = copy.deepcopy(read("wechat_shop", "order.json"))
    order, detail = found["order"], found["order"]["order_detail"]
    order |= {"status": told["status"], "update_time": told["update_time"]}
    detail["pay_info"]["pay_time"] = told["pay_time"]
    detail["price_info"]["order_price"] = told["order_price"]
    if told.get("parcel"):
        detail["delivery_info"]["delivery_product_info"] = [
            {"waybill_id": told["parcel"], "delivery_id": "SF", "delivery_time": 1772420400}
        ]
    if told["status"] == 100:
        detail["ext_info"]["confirm_receipt_time"] = 1772990000
        detail["settle_info"] = {"commission_fee": 154, "settle_time": 1772999000}
        detail["commission_infos"] = [
            {"type": 0, "status": 2, "amount": 1540},
            {"type": 1, "status": 1, "amount": 99},
        ]
    return found


@pytest.mark.parametrize("turn", list(itertools.permutations(range(4)))[::5])
def test_answers_in_whatever_order_end_in_the_latest_state(shop: Shop, turn: tuple[int, ...]) -> None:
    one, api = made(shop), platform()
    for n in turn:
        api.answers[wechat_shop.ORDER] = state(**STATES[n])
        keeps(one, looks_up(one, api, {"order_id": ORDER}))
        shop.drains()
    assert (shop.value("gmv"), shop.value("orders"), shop.value("platform_fees")) == ("154", "1", "16.94")
    assert {name for name, _id, _at in events(shop)} == {
        "Order Completed",
        "Order Updated",
        "Payment Started",
        "Payment Succeeded",
        "Order Shipped",
        "Order Delivered",
    }


def test_an_order_nobody_paid_is_an_attempt_and_no_order(shop: Shop) -> None:
    one, api = made(shop), platform()
    for told_now in (STATES[0], {**STATES[0], "status": 250, "update_time": 1772417900}):
        api.answers[wechat_shop.ORDER] = state(**told_now)
        keeps(one, looks_up(one, api, {"order_id": ORDER}))
    shop.drains()
    assert shop.value("orders") == "0"
    assert [name for name, _id, _at in events(shop)] == ["Payment Failed", "Payment Started"]


def test_an_order_that_is_gone_is_taken_back_by_its_aftersales_or_whole(shop: Shop) -> None:
    one, api = made(shop), platform()
    gone = state(**{**STATES[1], "status": 200, "update_time": 1772504000})
    gone["order"]["aftersale_detail"]["aftersale_order_list"] = [
        {"aftersale_order_id": AFTERSALE, "status": 14}
    ]
    api.answers[wechat_shop.ORDER] = gone
    follows(shop, one, api, [PUSHES[1]])
    assert (shop.value("gmv"), shop.value("refunds")) == ("155", "59")
    other = copy.deepcopy(gone)
    other["order"] |= {"order_id": "77", "aftersale_detail": {}}
    api.answers[wechat_shop.ORDER] = other
    keeps(one, looks_up(one, api, {"order_id": "77"}))
    shop.drains()
    assert (shop.value("gmv"), shop.value("refunds")) == ("310", "214")


@pytest.mark.parametrize("method", [2, 3, 4])
def test_what_is_paid_later_or_not_in_money_is_an_order_without_a_payment(shop: Shop, method: int) -> None:
    api = platform()
    api.answers[wechat_shop.ORDER]["order"]["order_detail"]["pay_info"]["payment_method"] = method
    one = made(shop)
    page = looks_up(one, api, {"order_id": ORDER})
    names = [found["event"] for found in said(one, page.body, page.topic)]  # type: ignore[index]
    assert names == ["Order Completed", "Order Updated"]


def test_the_giver_of_a_present_is_its_customer(shop: Shop) -> None:
    giver = {
        "is_present": True,
        "present_giver_openid": "oGIVER0000000000000000000000",
        "present_giver_unionid": "",
    }
    one = made(shop)
    keeps(one, looks_up(one, platform(**giver), {"order_id": ORDER}))
    shop.drains()
    assert shop.profile("openid:oGIVER0000000000000000000000")["summary"]["orders"] == 1
    assert len(shop.get("/api/profiles/")["results"]) == 1


def test_the_order_of_the_platforms_documents(shop: Shop) -> None:
    """Older answers say the parts of a discount alone."""
    one, api = made(shop), platform()
    api.answers[wechat_shop.ORDER] = read("wechat_shop", "documented_order.json")
    page = looks_up(one, api, {"order_id": "37423523451235145"})
    completed, *_more = found = said(one, page.body, page.topic)
    assert isinstance(completed, dict)
    properties = completed["properties"]
    assert (properties["total"], properties["shipping"], properties["merchant_discount"]) == (
        "105.00",
        "5.00",
        "100.00",
    )
    assert properties["products"] == [{"sku": "23424", "name": "健身环", "price": "20.00", "quantity": 10}]
    assert "fees" not in properties  # estimated, not settled
    assert found[-1] == Wanted("aftersale:1234:13", {"after_sale_order_id": "1234"})


# ---- anything -----------------------------------------------------------------------------------------


def test_a_push_with_anything_in_it_names_something_or_is_refused(shop: Shop) -> None:
    one = made(shop)
    for push in (json.loads(PUSHES[1]), json.loads(AFTERSALE_PUSH)):
        for odd in odd_ones(push):
            found = told(one, json.dumps(odd).encode())
            assert not isinstance(found, Rejection) or found.code.name != "not_understood"
    for body in (b"", b"<xml>", b"<" * 10_000, b"\xff\x00", b"null", b"[" * 100_000, b"<xml><Event/></xml>"):
        is_read_or_refused(one, body)


def test_an_answer_with_anything_in_it_is_read_or_refused(shop: Shop) -> None:
    one = made(shop)
    order, aftersale = read("wechat_shop", "order.json"), read("wechat_shop", "aftersale.json")
    for odd in odd_ones({"order": order}, deepest=6):
        found = told(one, json.dumps(odd).encode(), query=wechat_shop.ORDER)
        assert not isinstance(found, Rejection) or found.code.name != "not_understood", odd
    for odd in odd_ones({"aftersale": aftersale, "order": order}, deepest=5):
        found = told(one, json.dumps(odd).encode(), query=wechat_shop.AFTERSALE)
        assert not isinstance(found, Rejection) or found.code.name != "not_understood", odd
    for body in (b"", b"{}", b"[]", b"null", b'{"order":7}', b"\xff\x00"):
        for topic in (wechat_shop.ORDER, wechat_shop.AFTERSALE):
            assert isinstance(told(one, body, query=topic), Rejection)


def test_odd_answers_stop_nobody(shop: Shop) -> None:
    one, api = made(shop), platform()
    good = looks_up(one, api, {"order_id": ORDER})
    for odd in odd_ones({"order": read("wechat_shop", "order.json")}, deepest=5):
        keeps(one, good._replace(body=json.dumps(odd).encode()))
    keeps(one, good)
    shop.drains()
    assert not_understood() == 0
    assert "Order Completed" in {name for name, _id, _at in events(shop)}
