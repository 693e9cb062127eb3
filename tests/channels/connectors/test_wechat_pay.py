"""WeChat Pay's notices, signed and sealed by programs that are not ours: checked, opened, counted once.

Signed by wechatpayv3 (and once by cryptography alone); what is sealed here is opened by wechatpayv3 too.
"""

import base64
import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from django.db import connection
from wechatpayv3.utils import aes_decrypt, rsa_sign, rsa_verify

from channels.connect import setup as connecting
from channels.hooks import Judged
from channels.models import Connector
from channels.reasons import Rejection
from channels.setup import Added
from kernel.db import rows
from tests.channels.conftest import Server, inbox
from tests.channels.connectors.telling import (
    events,
    is_read_or_refused,
    not_understood,
    odd_ones,
    read,
    same_after_a_rebuild,
    told,
)
from tests.channels.hooking import connector, deliver
from tests.shop import Shop, order

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
PUBLIC_ID = "PUB_KEY_ID_0114232134912410000000000000"
PEM = (
    KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
API_KEY, OLD_KEY = "a" * 32, "b" * 32
NOW = 1_772_418_900.0  # 2026-03-02 10:35 in Shanghai
APP = "wxd678efh567hg6787"
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
PAYMENT, REFUND = read("wechat_pay", "transaction.json"), read("wechat_pay", "refund.json")
NUMBER = PAYMENT["out_trade_no"]


def certificate(key: rsa.RSAPrivateKey, days: int = 365) -> tuple[str, str]:
    """A platform certificate and its serial number."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com sign")])
    today = datetime.fromtimestamp(NOW, UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0x0157F09EFDC096DE15EBE81A47057A7232F1B8E1)
        .not_valid_before(today - timedelta(days=2000))
        .not_valid_after(today + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), f"{made.serial_number:040X}"


def notice(
    resource: Any,
    event: str = "TRANSACTION.SUCCESS",
    key: str = API_KEY,
    beside: str = "transaction",
    **more: Any,
) -> bytes:
    """A notice with its resource sealed, as the platform seals it."""
    found = read("wechat_pay", "notice.json")
    nonce = base64.b64encode(os.urandom(9)).decode()
    plain = json.dumps(resource, ensure_ascii=False).encode()
    cipher = base64.b64encode(AESGCM(key.encode()).encrypt(nonce.encode(), plain, beside.encode())).decode()
    assert json.loads(aes_decrypt(nonce, cipher, beside, key) or "null") == resource
    sealed = found["resource"] | {"ciphertext": cipher, "nonce": nonce, "associated_data": beside}
    return json.dumps(found | {"event_type": event, "resource": sealed} | more, ensure_ascii=False).encode()


def headers(
    body: bytes, key: rsa.RSAPrivateKey = KEY, serial: str = PUBLIC_ID, at: float = NOW
) -> dict[str, str]:
    """A notice's headers, signed by another program than ours."""
    said, nonce = str(int(at)), "EcHUdWYUQkQZuCsQK4dV8ZHCd5cXFWjn"
    given = rsa_sign(key, f"{said}\n{nonce}\n{body.decode()}\n")
    assert rsa_verify(said, nonce, body.decode(), given, key.public_key())
    return {
        "Wechatpay-Timestamp": said,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": given,
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        "Wechatpay-Serial": serial,
    }


def made(shop: Shop, settings: Mapping[str, Any] = {}, **secrets: str) -> Connector:
    return connector(
        shop, "wechat_pay", settings, {"keys": f"{PUBLIC_ID}\n{PEM}", "api_v3_key": API_KEY} | secrets
    )


def sends(one: Connector, body: bytes, **how: Any) -> Judged:
    return deliver(one, body, headers(body, **how), now=NOW)


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


# ---- whose it is ------------------------------------------------------------------------------------


def test_a_signed_notice_is_answered_as_the_platform_wants(shop: Shop) -> None:
    judged = sends(made(shop), notice(PAYMENT))
    assert (judged.reply.status, json.loads(judged.reply.body)["code"]) == (200, "SUCCESS")
    assert judged.text is not None


@pytest.mark.parametrize("keys", ["{id}\n{pem}", "{pem}", "{other}\n{id} {pem}", "{pem}\n{certificate}"])
def test_by_public_key_with_or_without_its_id_among_others(shop: Shop, keys: str) -> None:
    other = (
        OTHER.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    known = keys.format(
        id=PUBLIC_ID, pem=PEM, other=f"PUB_KEY_ID_01\n{other}", certificate=certificate(OTHER)[0]
    )
    assert sends(made(shop, keys=known), notice(PAYMENT)).reply.status == 200


def test_by_platform_certificate_whose_serial_the_notice_names(shop: Shop) -> None:
    pem, serial = certificate(KEY)
    one = made(shop, keys=f"{PEM}\n{pem}")
    assert sends(one, notice(PAYMENT), serial=serial).reply.status == 200
    assert sends(one, notice(PAYMENT), serial=serial.lower().lstrip("0")).reply.status == 200
    refused = sends(one, notice(PAYMENT), serial="7132D72A03E93CDDF8C03BBD1F37EEDF00000000")
    assert (refused.reply.status, refused.forged) == (401, "unknown_key")


def test_what_is_not_the_platforms_is_refused_in_its_form_and_not_kept(shop: Shop) -> None:
    one, body = made(shop), notice(PAYMENT)
    right = headers(body)
    forged = [
        (body, headers(body, key=OTHER)),
        (body.replace(b"TRANSACTION", b"TRANSACTIOM"), right),
        (body + b"\n", right),
        (body, right | {"Wechatpay-Nonce": "another"}),
        (body, right | {"Wechatpay-Timestamp": str(int(NOW) + 1)}),
        (body, right | {"Wechatpay-Signature": "not base64 at all"}),
        (body, right | {"Wechatpay-Serial": "PUB_KEY_ID_99"}),
        (body, headers(body, at=NOW - 3600)),
        (body, headers(body, at=NOW + 3600)),
        *(
            (body, {name: value for name, value in right.items() if name != gone})
            for gone in right
            if "Type" not in gone
        ),
    ]
    for sent, said in forged:
        judged = deliver(one, sent, said, now=NOW)
        assert (judged.reply.status, json.loads(judged.reply.body)["code"]) == (401, "FAIL"), said
        assert (judged.text, bool(judged.forged)) == (None, True)
    assert deliver(one, body, headers(body, at=NOW - 299), now=NOW).reply.status == 200
    assert deliver(made(shop, keys=""), body, right, now=NOW).forged == "no_secret"


def test_a_probe_of_the_platforms_is_refused_like_a_wrong_signature_and_says_nothing_against_it(
    shop: Shop,
) -> None:
    one, body = made(shop), notice(PAYMENT)
    right = headers(body)
    for given in ("x", right["Wechatpay-Signature"], ""):
        judged = deliver(one, body, right | {"Wechatpay-Signature": f"WECHATPAY/SIGNTEST/{given}"}, now=NOW)
        assert (judged.reply.status, json.loads(judged.reply.body)["code"]) == (401, "FAIL")
        assert (judged.text, judged.forged) == (None, "")


def test_a_certificate_that_has_expired_signs_nothing_any_more_and_says_so(shop: Shop) -> None:
    pem, serial = certificate(KEY, days=-1)
    one = made(shop, keys=pem)
    assert sends(one, notice(PAYMENT), serial=serial).forged == "expired_key"
    tried = connecting.test(one)
    assert not tried.ok
    assert "2026-03-01" in tried.message
    both = connecting.test(made(shop, keys=f"{pem}\n{PEM}"))
    assert both.ok
    assert "2026-03-01" in both.message


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        ({}, "checked and opened"),
        ({"keys": ""}, "not set"),
        ({"api_v3_key": ""}, "not set"),
        ({"api_v3_key": "short"}, "32 characters"),
        ({"keys": "MIIBIjANBgkqhki"}, "PEM"),
        ({"keys": "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----"}, "PEM"),
    ],
    ids=str,
)
def test_a_test_of_the_connection_says_what_is_missing(
    shop: Shop, secrets: dict[str, str], said: str
) -> None:
    tried = connecting.test(made(shop, **secrets))
    assert tried.ok is (secrets == {})
    assert said in tried.message


def test_a_key_that_is_none_refuses_and_is_no_error_of_ours(shop: Shop) -> None:
    judged = sends(
        made(shop, keys="-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"), notice(PAYMENT)
    )
    assert (judged.reply.status, json.loads(judged.reply.body)["code"]) == (400, "FAIL")


def test_over_the_wire_a_notice_is_on_disk_when_it_is_answered(web: Server, transactional_db: None) -> None:
    from channels import setup

    added: Added = setup.add_channel(setup.workspace(), "Mini program", "mini_program")
    secrets = {"keys": PEM, "api_v3_key": API_KEY}
    one = connecting.make(added.channel, "wechat_pay", "Payments", {}, secrets).connector
    body = notice(PAYMENT)
    reply = web.ask("POST", f"/hooks/{one.uuid}/", body, **headers(body, at=time.time()))
    assert (reply.status, reply.json["code"], reply.headers["content-type"]) == (
        200,
        "SUCCESS",
        "application/json",
    )
    assert [kept for _door, _n, kept in inbox(one.pk)] == [body.decode()]
    reply = web.ask("POST", f"/hooks/{one.uuid}/", body, **headers(body, key=OTHER, at=time.time()))
    assert (reply.status, reply.json["code"]) == (401, "FAIL")
    assert len(inbox(one.pk)) == 1


# ---- what it says -----------------------------------------------------------------------------------


def test_a_payment_and_its_refund_count_once_however_often_they_come(shop: Shop) -> None:
    shop.sends(order(NUMBER, "199", "u1", "2026-03-02T10:30:00+08:00"))
    one = made(shop)
    for _ in range(3):  # each repeat is sealed and signed anew
        sends(one, notice(PAYMENT))
        sends(one, notice(REFUND, "REFUND.SUCCESS", beside="refund"))
        shop.drains()
    found = shop.get("/api/events/", name="Payment Succeeded")["results"]
    assert [event["properties"] for event in found] == [
        {
            "order_id": NUMBER,
            "payment_id": PAYMENT["transaction_id"],
            "method": "wechat",
            "amount": "199.00",
            "currency": "CNY",
            "out_trade_no": NUMBER,
            "trade_type": "JSAPI",
            "bank_type": "CMC",
            "promotions": [{"id": "109519", "name": "单品惠-6", "scope": "GLOBAL", "amount": "1.00"}],
        }
    ]
    assert found[0]["occurred_at"] == "2026-03-02T02:34:56Z"
    kept = shop.profile(f"openid:{OPENID}")["identifiers"]
    assert {(one["kind"], one["namespace"], one["value"]) for one in kept} >= {("openid", APP, OPENID)}
    assert (shop.value("gmv"), shop.value("refunds"), shop.value("net_revenue")) == ("199", "30", "169")
    assert len(events(shop)) == 3
    assert not_understood() == 0
    same_after_a_rebuild(shop, "gmv", "refunds", "orders")


def test_a_refund_that_names_nobody_is_its_orders_customers(shop: Shop) -> None:
    shop.sends(order(NUMBER, "199", "u1", "2026-03-02T10:30:00+08:00"))
    sends(made(shop), notice(REFUND, "REFUND.SUCCESS", beside="refund"))
    shop.drains()
    assert shop.profile("user_id:u1")["summary"]["revenue"] == "169.00"


@pytest.mark.parametrize("outcome", ["ABNORMAL", "CLOSED"])
def test_a_refund_that_did_not_arrive_is_a_ticket_and_no_money(shop: Shop, outcome: str) -> None:
    shop.sends(order(NUMBER, "199", "u1", "2026-03-02T10:30:00+08:00"))
    failed = {**REFUND, "refund_status": outcome}
    failed.pop("success_time")
    one = made(shop)
    for _ in range(2):
        sends(one, notice(failed, f"REFUND.{outcome}", beside="refund"))
    shop.drains()
    assert shop.value("refunds") == "0"
    [ticket] = shop.get("/api/events/", name="Ticket Opened")["results"]
    assert ticket["properties"]["order_id"] == NUMBER
    assert outcome.lower() in ticket["properties"]["topic"]
    sends(one, notice(REFUND, "REFUND.SUCCESS", beside="refund"))  # put right since
    shop.drains()
    assert shop.value("refunds") == "30"


def test_orders_paid_together_are_a_payment_each(shop: Shop) -> None:
    sends(made(shop, {"suffix_from": "-"}), notice(read("wechat_pay", "combined.json")))
    shop.drains()
    found = shop.get("/api/events/", name="Payment Succeeded")["results"]
    assert sorted((one["properties"]["payment_id"], one["properties"]["amount"]) for one in found) == [
        ("1009660380201506130728806387", "10.00"),
        ("1009660380201506130728806388", "2.50"),
    ]
    assert {one["properties"]["order_id"] for one in found} == {"20150806125346"}
    assert {(who["kind"], who["value"]) for one in found for who in one["identifiers"]} == {
        ("openid", OPENID)
    }


def test_a_service_providers_payer_is_one_person_at_two_apps(shop: Shop) -> None:
    partner = {name: value for name, value in PAYMENT.items() if name not in ("appid", "payer")} | {
        "sp_appid": "wx8888888888888888",
        "sub_appid": APP,
        "payer": {"sp_openid": "oSpF8uMuAJO_M2pxb1Q9zNjWeS6o", "sub_openid": OPENID},
    }
    sends(made(shop), notice(partner))
    shop.drains()
    kept = shop.profile(f"openid:{OPENID}")["identifiers"]
    assert {(one["namespace"], one["value"]) for one in kept} == {
        ("wx8888888888888888", "oSpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
        (APP, OPENID),
    }


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ({"total": 1}, ("0.01", "CNY")),
        (
            {"total": 528800, "currency": "HKD", "payer_total": 518799, "payer_currency": "CNY"},
            ("5288.00", "HKD"),
        ),
        ({"total": 1200, "currency": "JPY"}, ("1200", "JPY")),
        ({"total": "19900", "currency": "cny"}, ("199.00", "CNY")),
    ],
    ids=str,
)
def test_amounts_are_whole_minor_units_of_their_currency(
    shop: Shop, amount: dict[str, Any], expected: tuple[str, str]
) -> None:
    [message] = told(made(shop), notice({**PAYMENT, "amount": amount}))
    assert (message["properties"]["amount"], message["properties"]["currency"]) == expected


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ({"refund": 12.5}, "not_whole"),
        ({"refund": "12.50"}, "not_whole"),
        ({"refund": [3000]}, "not_whole"),
        ({"refund": 10**16}, "not_whole"),
        ({"refund": None}, "field_of_platform"),
        ({}, "field_of_platform"),
        (None, "field_of_platform"),
        ({"refund": 3000, "currency": "RMB"}, "bad_currency"),
        ({"refund": 3000, "currency": ["CNY"]}, "bad_currency"),
    ],
    ids=str,
)
def test_a_refund_without_a_usable_amount_never_takes_all_that_is_left(
    shop: Shop, amount: Any, code: str
) -> None:
    shop.sends(order(NUMBER, "199", "u1", "2026-03-02T10:30:00+08:00"))
    sends(made(shop), notice({**REFUND, "amount": amount}, "REFUND.SUCCESS", beside="refund"))
    shop.drains()
    assert shop.value("refunds") == "0"
    assert [row[0] for row in rows(connection, "select code from channels_reject")] == [code]


@pytest.mark.parametrize(
    ("settings", "told_as", "number"),
    [
        ({}, {}, NUMBER),
        ({"prefix": "SHOP"}, {"out_trade_no": "SHOP1001"}, "1001"),
        ({"prefix": "SHOP"}, {"out_trade_no": "1001"}, "1001"),
        ({"suffix_from": "_"}, {"out_trade_no": "1001_2_3"}, "1001"),
        ({"prefix": "P-", "suffix_from": "_"}, {"out_trade_no": "P-1001_2"}, "1001"),
        ({"order_from": "attach"}, {"attach": " 1001 "}, "1001"),
        ({"order_from": "attach"}, {"attach": ""}, NUMBER),
        ({"order_from": "attach", "attach_field": "no"}, {"attach": '{"no": 1001}'}, "1001"),
        ({"order_from": "attach", "attach_field": "no"}, {"attach": "store=7&no=1001"}, "1001"),
        ({"order_from": "attach", "attach_field": "no"}, {"attach": "nothing"}, NUMBER),
        ({"order_from": "attach", "attach_field": "no"}, {"attach": None}, NUMBER),
    ],
    ids=str,
)
def test_where_the_shops_own_order_number_stands(
    shop: Shop, settings: dict[str, str], told_as: dict[str, Any], number: str
) -> None:
    [message] = told(made(shop, settings), notice(PAYMENT | told_as))
    assert message["properties"]["order_id"] == number


def test_a_shop_that_reports_its_refunds_too_names_them_by_its_own_number(shop: Shop) -> None:
    shop.sends(
        order(NUMBER, "199", "u1", "2026-03-02T10:30:00+08:00"),
        {
            "type": "track",
            "event": "Order Refunded",
            "userId": "u1",
            "timestamp": "2026-03-05T10:00:00+08:00",
            "properties": {"order_id": NUMBER, "refund_id": REFUND["out_refund_no"], "total": "30"},
        },
    )
    sends(made(shop, {"refund_number": "out_refund_no"}), notice(REFUND, "REFUND.SUCCESS", beside="refund"))
    shop.drains()
    assert shop.value("refunds") == "30"


@pytest.mark.parametrize(
    ("state", "event"),
    [
        ("PAYERROR", "Payment Failed"),
        ("PAY_FAIL", "Payment Failed"),
        ("ACCEPT", "Payment Started"),
        (None, "Payment Failed"),
    ],
)
def test_what_was_not_paid_is_no_payment(shop: Shop, state: str | None, event: str) -> None:
    failed = {name: value for name, value in PAYMENT.items() if name != "amount"} | {"trade_state": state}
    [message] = told(made(shop), notice(failed, "TRANSACTION.FAIL"))
    assert (message["event"], "amount" in message["properties"]) == (event, False)


@pytest.mark.parametrize(
    ("body", "topic"),
    [
        (notice({"coupon_id": "1"}, "COUPON.USE"), "COUPON.USE"),
        (notice({"refund_id": "1"}, "REFUND.PROCESSING"), "REFUND.PROCESSING"),
        (
            notice({"receiver": {"account": "1"}, "transaction_id": "1", "amount": {"total": 1}}),
            "profitsharing",
        ),
    ],
)
def test_what_is_neither_payment_nor_refund_says_so(shop: Shop, body: bytes, topic: str) -> None:
    found = told(made(shop), body)
    assert isinstance(found, Rejection)
    assert (found.code.name, found.params) == ("unknown_topic", {"topic": topic})


def test_the_platforms_own_test_of_the_address_says_nothing(shop: Shop) -> None:
    one = made(shop)
    assert sends(one, notice({"message": "echo"}, "SECURITY_ECHO.SUCCESS")).reply.status == 200
    shop.drains()
    assert (events(shop), rows(connection, "select code from channels_reject")) == ([], [])


# ---- keys -------------------------------------------------------------------------------------------


def test_what_cannot_be_opened_waits_for_the_right_key(shop: Shop) -> None:
    shop.sends(order(NUMBER, "199", "u1", "2026-03-02T10:30:00+08:00"))
    one = made(shop, api_v3_key=OLD_KEY)
    body = notice(REFUND, "REFUND.SUCCESS", beside="refund")
    assert sends(one, body).reply.status == 200
    shop.drains()
    [bad] = shop.get("/api/rejects/")["results"]
    assert (bad["reason"], json.loads(bad["raw"])) == ("unreadable_delivery", json.loads(body))
    assert "key" in bad["hint"]
    connecting.change(one, secrets={"api_v3_key": API_KEY})
    assert shop.api().post("/api/rejects/replay/", {"all": True}, format="json").json()["replayed"] == 1
    shop.drains()
    assert shop.value("refunds") == "30"
    assert shop.get("/api/rejects/", state="open")["results"] == []
    same_after_a_rebuild(shop, "refunds")


def test_a_rebuild_opens_older_notices_with_the_older_key(shop: Shop) -> None:
    shop.sends(order(NUMBER, "199", "u1", "2026-03-02T10:30:00+08:00"))
    one = made(shop, api_v3_key=OLD_KEY)
    sends(one, notice(PAYMENT, key=OLD_KEY))
    shop.drains()
    connecting.change(one, secrets={"api_v3_key": f"{API_KEY}\n{OLD_KEY}"})
    sends(one, notice(REFUND, "REFUND.SUCCESS", beside="refund"))
    shop.drains()
    assert shop.value("refunds") == "30"
    same_after_a_rebuild(shop, "gmv", "refunds")
    assert len(events(shop)) == 3


# ---- anything -----------------------------------------------------------------------------------------


def test_a_resource_with_anything_in_it_is_read_or_refused(shop: Shop) -> None:
    one = made(shop, {"order_from": "attach", "attach_field": "no"})
    for event, resource in (
        ("TRANSACTION.SUCCESS", PAYMENT),
        ("TRANSACTION.SUCCESS", read("wechat_pay", "combined.json")),
        ("REFUND.SUCCESS", REFUND),
        ("REFUND.ABNORMAL", REFUND),
    ):
        for odd in odd_ones(resource, deepest=3):
            is_read_or_refused(one, notice(odd, event))
    for whole in (None, [], [PAYMENT], "text", 7):
        is_read_or_refused(one, notice(whole))


def test_an_envelope_with_anything_in_it_is_read_or_refused(shop: Shop) -> None:
    one = made(shop)
    for odd in odd_ones(json.loads(notice(PAYMENT))):
        is_read_or_refused(one, json.dumps(odd).encode())
    for body in (
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\x00",
        b"[" * 100_000,
        b'{"event_type": "TRANSACTION.SUCCESS"}',
    ):
        is_read_or_refused(one, body)


def test_odd_notices_stop_nobody(shop: Shop) -> None:
    one = made(shop)
    for odd in list(odd_ones(PAYMENT, deepest=2))[::3]:
        assert sends(one, notice(odd)).reply.status == 200
    shop.drains()
    assert not_understood() == 0
    shop.sends(order("good", "5", "u9", "2026-03-03T10:30:00+08:00"))
    assert shop.value("orders") == "1"
