"""Platforms' hooks, over a socket and through the pipeline: signed, kept, worked once; forged, refused, counted."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.db import connection

from channels.connect import setup as connecting
from channels.inbox import unsigned
from channels.models import Connector
from channels.setup import Added
from kernel.db import rows
from tests.channels.conftest import Server, inbox
from tests.channels.hooking import connector, deliver, signed
from tests.shop import Shop

SECRET = "s3cret"
ORDER = {
    "type": "track",
    "event": "Order Completed",
    "userId": "u1",
    "messageId": "m1",
    "timestamp": "2026-03-02T10:00:00+08:00",
    "properties": {"order_id": "o1", "total": "12.50"},
}
BODY = json.dumps(ORDER).encode()
UNTIL = 10.0


def made(shop: Added, settings: dict[str, Any], secret: str = SECRET) -> Connector:
    """A webhook connector of a channel that is committed."""
    secrets = {"secret": secret} if secret else {}
    return connecting.make(shop.channel, "webhook", "Hook", settings, secrets).connector


def path(one: Connector) -> str:
    return f"/hooks/{one.uuid}/"


def test_a_signed_delivery_is_on_disk_when_it_is_answered(web: Server, shop: Added) -> None:
    one = made(shop, {})
    reply = web.ask("POST", path(one), BODY, X_Signature=signed(BODY, SECRET), Cookie="a=b")
    assert (reply.status, reply.json) == (200, {"success": True})
    [(door, n, body)] = inbox(one.id)
    assert (door, n, json.loads(body)) == ("hook", 1, ORDER)
    [(said,)] = rows(connection, "select sender from channels_inbox where connector_id = %(id)s", id=one.id)
    kept = json.loads(said)["hook"]["headers"]
    assert kept["x-signature"] == signed(BODY, SECRET)
    assert not kept.keys() & {"cookie", "host"}


def test_a_wrong_signature_is_refused_and_leaves_nothing_but_a_count(web: Server, shop: Added) -> None:
    one = made(shop, {})
    for header in ({"X_Signature": signed(BODY, "another")}, {"X_Signature": "zz"}, {}):
        reply = web.ask("POST", path(one), BODY, **header)
        assert (reply.status, set(reply.json)) == (401, {"code", "message"}), reply.body
    assert inbox(one.id) == []
    until = time.monotonic() + UNTIL
    while (found := unsigned.of(connection, one.workspace_id).get(one.pk)) is None or found.times < 3:
        assert time.monotonic() < until, found
        time.sleep(0.1)
    assert found.code in {"no_signature", "bad_signature"}


def test_an_address_that_is_none_is_404_and_one_of_a_write_key_too(web: Server, shop: Added) -> None:
    for address in ("/hooks/nobody/", f"/hooks/{shop.connector.uuid}/", "/hooks/"):
        assert web.ask("POST", address, BODY).status == 404, address


def test_a_paused_connector_takes_nothing(web: Server, shop: Added) -> None:
    one = made(shop, {})
    connecting.switch(one, on=False)
    reply = web.ask("POST", path(one), BODY, X_Signature=signed(BODY, SECRET))
    assert (reply.status, inbox(one.id)) == (404, [])


def test_without_a_secret_nothing_is_taken(web: Server, shop: Added) -> None:
    one = made(shop, {}, secret="")
    reply = web.ask("POST", path(one), BODY, X_Signature=signed(BODY, ""))
    assert (reply.status, reply.code, inbox(one.id)) == (401, "no_secret", [])


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("form", ["hex", "base64"])
def test_every_hash_in_every_writing(shop: Added, digest: str, form: str) -> None:
    one = made(shop, {"digest": digest, "form": form, "header": "X-Sign"})
    mac = hmac.new(SECRET.encode(), BODY, getattr(hashlib, digest))
    text = mac.hexdigest().upper() if form == "hex" else base64.b64encode(mac.digest()).decode()
    assert deliver(one, BODY, {"X-Sign": text}).reply.status == 200
    assert deliver(one, BODY + b" ", {"X-Sign": text}).reply.status == 401


def test_a_name_before_the_signature_does_not_matter(shop: Added) -> None:
    one = made(shop, {"header": "X-Hub-Signature-256"})
    assert deliver(one, BODY, {"X-Hub-Signature-256": f"sha256={signed(BODY, SECRET)}"}).reply.status == 200


def test_a_token_and_basic(shop: Added) -> None:
    one = made(shop, {"check": "token", "header": "X-Token"})
    assert deliver(one, BODY, {"X-Token": SECRET}).reply.status == 200
    assert deliver(one, BODY, {"X-Token": "other"}).reply.status == 401
    kept = str(deliver(one, BODY, {"X-Token": SECRET, "X-Other": "1"}).sender)
    assert (SECRET in kept, "x-other" in kept) == (False, True)
    two = made(shop, {"check": "basic"}, secret="shop:pa:ss")
    right = base64.b64encode(b"shop:pa:ss").decode()
    assert deliver(two, BODY, {"Authorization": f"Basic {right}"}).reply.status == 200
    for wrong in ("Basic !!", "Bearer x", f"Basic {base64.b64encode(b'shop:no').decode()}", ""):
        assert deliver(two, BODY, {"Authorization": wrong}).reply.status == 401, wrong


def test_rsa_by_a_public_key(shop: Added) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    one = made(shop, {"check": "rsa"}, secret=pem.decode())
    given = base64.b64encode(key.sign(BODY, padding.PKCS1v15(), hashes.SHA256())).decode()
    assert deliver(one, BODY, {"X-Signature": given}).reply.status == 200
    assert deliver(one, BODY + b" ", {"X-Signature": given}).reply.status == 401
    broken = made(shop, {"check": "rsa"}, secret="-----BEGIN NOTHING")
    assert deliver(broken, BODY, {"X-Signature": given}).reply.status >= 400
    assert connecting.test(broken).ok is False


def test_a_signature_is_good_for_its_window_only(shop: Added) -> None:
    one = made(shop, {"time_header": "X-Time", "window": 60})
    for said, now, status in (
        ("1000", 1000.0, 200),
        ("1000", 1059.0, 200),
        ("1000", 1061.0, 401),
        ("1000", 4600.0, 401),
        ("1700000000123", 1_700_000_000.0, 200),
        ("soon", 1000.0, 401),
        ("", 1000.0, 401),
    ):
        given = signed(f"{said}.".encode() + BODY, SECRET)
        answer = deliver(one, BODY, {"X-Signature": given, "X-Time": said}, now=now)
        assert answer.reply.status == status, (said, now)


# ---- through the pipeline -------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_comes_is_a_message_like_any_other_and_counts_once(db: None) -> None:
    shop = Shop()
    one = connector(shop, "webhook", {"id": "X-Id"}, {"secret": SECRET})
    bare = json.dumps({name: value for name, value in ORDER.items() if name != "messageId"}).encode()
    for _ in range(2):
        assert deliver(one, bare, {"X-Signature": signed(bare, SECRET), "X-Id": "d1"}).reply.status == 200
    shop.drains()
    assert shop.value("gmv") == "12.5"
    assert [row[0] for row in rows(connection, "select message_id from profiles_event")] == ["d1"]


@pytest.mark.django_db
def test_a_form_an_xml_and_a_list(db: None) -> None:
    shop = Shop()
    form = b"type=track&event=Store+Visited&userId=u1&messageId=f1"
    xml = b"<xml><type>track</type><event>Store Visited</event><userId>u2</userId><messageId>x1</messageId></xml>"
    many = json.dumps([{**ORDER, "messageId": f"l{n}"} for n in range(3)]).encode()
    for body, said in ((form, "form"), (xml, "xml"), (many, "json")):
        one = connector(shop, "webhook", {"body": said}, {"secret": SECRET})
        deliver(one, body, {"X-Signature": signed(body, SECRET)})
    shop.drains()
    found = {row[0] for row in rows(connection, "select message_id from profiles_event")}
    assert found == {"f1", "x1", "l0", "l1", "l2"}


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><type>&b;</type></xml>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><type>&a;</type></xml>"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "body"),
    [
        ("json", b"{not json"),
        ("json", b"[" * 100_000),
        ("json", b"7"),
        ("json", b"\xff\xfe\x00"),
        ("xml", BOMB),
        ("xml", OUTSIDE),
        ("xml", b"<a>" * 500 + b"</a>" * 500),
        ("form", b"&".join(b"a=1" for _ in range(5_000))),
        ("json", b'{"type": "track", "event": "a\x1eb"}'),
    ],
    ids=range(9),
)
def test_what_cannot_be_read_is_a_reject_with_its_body_and_costs_nobody(
    db: None, said: str, body: bytes
) -> None:
    shop = Shop()
    one = connector(shop, "webhook", {"body": said}, {"secret": SECRET})
    assert deliver(one, body, {"X-Signature": signed(body, SECRET)}).reply.status == 200
    assert deliver(one, BODY if said == "json" else b"", {"X-Signature": signed(BODY, SECRET)})
    shop.sends({**ORDER, "messageId": "good"})
    [bad, *_] = shop.get("/api/rejects/")["results"][::-1]
    assert bad["reason"] in {"unreadable_delivery", "not_an_object", "bad_properties", "no_identity"}
    assert bad["raw"]
    assert shop.value("orders") == "1"


@pytest.mark.django_db
def test_a_delivery_that_could_not_be_read_goes_in_once_its_connector_is_right(db: None) -> None:
    """The form of its body was set wrong: after it is put right the reject is replayed, whole."""
    shop = Shop()
    one = connector(shop, "webhook", {"body": "xml"}, {"secret": SECRET})
    body = json.dumps([{**ORDER, "messageId": f"l{n}"} for n in range(2)]).encode()
    deliver(one, body, {"X-Signature": signed(body, SECRET)})
    shop.drains()
    [bad] = shop.get("/api/rejects/")["results"]
    assert (bad["reason"], bad["raw"]) == ("unreadable_delivery", body.decode())
    connecting.change(one, settings={"body": "json"})
    answer = shop.api().post("/api/rejects/replay/", {"all": True}, format="json")
    assert answer.json()["replayed"] == 1, answer.content
    shop.drains()
    assert {row[0] for row in rows(connection, "select message_id from profiles_event")} == {"l0", "l1"}
    assert shop.get("/api/rejects/", state="open")["results"] == []


@pytest.mark.django_db
def test_an_item_of_a_delivery_that_is_mended_goes_in_by_itself(db: None) -> None:
    shop = Shop()
    one = connector(shop, "webhook", {}, {"secret": SECRET})
    items = [ORDER, {**ORDER, "messageId": "b1", "properties": {"order_id": "o2"}}]
    body = json.dumps(items).encode()
    deliver(one, body, {"X-Signature": signed(body, SECRET)})
    shop.drains()
    [bad] = shop.get("/api/rejects/")["results"]
    assert (bad["reason"], bad["field"]) == ("missing_field", "properties.total")
    fix = {"reason": "missing_field", "fix": [{"do": "set", "field": "properties.total", "value": "3"}]}
    assert shop.api().post("/api/rejects/fix/", fix, format="json").status_code in (200, 202)
    shop.drains()
    assert shop.value("gmv") == "15.5"
