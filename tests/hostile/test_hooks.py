"""Whatever bytes come to a platform's hook, signed or not: 2xx or 4xx, and the pipeline works all that was taken.

Every kind on the list is asked; one that signs as the generic webhook does also gets hostile bodies rightly signed.
Not here: what each platform signs (tests/channels/connectors).
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import strategies as st

from channels import connectors, setup
from channels.connect import setup as connecting
from channels.connectors.base import HOOK, Secret
from channels.models import Connector
from tests.channels.conftest import Server, start, stop
from tests.channels.hooking import signed
from tests.hostile import payloads
from tests.hostile.test_front_door import Sender, all_stored, generated, much, visible

SECRET = "0123456789abcdef0123456789abcdef"
KINDS = [kind.name for kind in connectors.KINDS.values() if kind.direction == HOOK]
HEADERS = (
    b"X-Signature", b"X-Shopify-Hmac-Sha256", b"X-Shopify-Topic", b"X-WC-Webhook-Signature", b"X-WC-Webhook-Topic",
    b"Wechatpay-Signature", b"Wechatpay-Timestamp", b"Wechatpay-Nonce", b"Wechatpay-Serial", b"Event-Sign", b"App-Id",
    b"App-Key", b"Timestamp", b"Sign", b"Content-Type", b"Content-Encoding",
)  # fmt: skip
VALUES = (
    b"", b"zz", b"=" * 300, b"WECHATPAY/SIGNTEST/x", b"1700000000", b"99999999999999999999", b"-1", b"gzip",
    b"\xff\xfe",
    b"application/x-www-form-urlencoded", b"text/xml", b"orders/create", b"order.created", b"PUB_KEY_ID_1",
)  # fmt: skip
QUERIES = (
    b"", b"?echostr=1", b"?echostr=1&signature=x&timestamp=1&nonce=2", b"?%00=%ff", b"?msg_signature=" + b"a" * 2_000,
)  # fmt: skip
BODIES = (
    b"", b"{}", b"[]", b"webhook_id=7", b"webhook_id=", b"\x00", b"\xff\xfe", b"<xml></xml>",
    b"<xml><Encrypt>x</Encrypt>",
    b'{"encrypt_type":1}', b'[{"tag":"0","msg_id":"0","data":"1"}]', b'{"msg":"%7B","sign":"x"}', b"{" * 5_000,
    b"7", b"null", b'"x"', b'{"resource":{"ciphertext":"x"}}',
    b'{"test":true}', b'[{"msgTag":"msg_after_sale_create","data":"{"}]', b'{"test":[true]}',
)  # fmt: skip


def key(secret: Secret) -> str:
    """Something that is a secret of this kind: a PEM where there are lines."""
    if not secret.lines:
        return SECRET
    made = rsa.generate_private_key(65537, 2048).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return made.public_bytes(serialization.Encoding.PEM, form).decode()


@pytest.fixture(scope="module")
def door(django_db_setup: None) -> Iterator[Server]:
    import os

    from django.conf import settings as product

    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + product.DATABASES["default"]["NAME"]
    server = start(os.environ | {"DATABASE_URL": url})
    yield server
    stop(server)


@pytest.fixture
def made(transactional_db: None) -> Iterator[setup.Added]:
    from tests.live import empty

    workspace = setup.add_workspace("Fortress", currency="CNY", timezone="Asia/Shanghai")
    yield setup.add_channel(workspace, "Web shop", "web")
    empty()


def hook(made: setup.Added, kind: str, settings: dict[str, Any], secrets: dict[str, str]) -> bytes:
    """The path of a new connector's hook."""
    one: Connector = connecting.make(made.channel, kind, kind, settings, secrets).connector
    return f"/hooks/{one.uuid}/".encode()


def test_what_is_not_signed_is_refused_whatever_it_is(
    door: Server, made: setup.Added, request: pytest.FixtureRequest
) -> None:
    sender = Sender(door, made.key)
    named = {name: connectors.KINDS[name] for name in KINDS}
    paths = [
        hook(made, name, {}, {one.name: key(one) for one in kind.secrets}) for name, kind in named.items()
    ]

    @generated(
        much(request, 0.3),
        path=st.sampled_from(paths),
        method=st.sampled_from(("POST", "POST", "POST", "GET", "HEAD", "OPTIONS", "PUT")),
        query=st.one_of(st.sampled_from(QUERIES), visible.map(lambda raw: b"?" + raw.replace(b"#", b""))),
        headers=st.lists(
            st.tuples(st.sampled_from(HEADERS), st.one_of(st.sampled_from(VALUES), visible)), max_size=5
        ),
        body=st.one_of(st.sampled_from(BODIES), st.binary(max_size=60)),
    )
    def attack(
        path: bytes, method: str, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        sender.send(method, path + query, headers, body)

    attack()
    all_stored(sender, made)


@pytest.mark.parametrize("form", ["json", "form", "xml"])
def test_what_is_signed_is_taken_whatever_it_is(
    door: Server, made: setup.Added, request: pytest.FixtureRequest, form: str
) -> None:
    sender = Sender(door, made.key)
    path = hook(made, "webhook", {"body": form}, {"secret": SECRET})
    texts = st.one_of(payloads.messages, payloads.broken, payloads.values, payloads.records)

    @generated(much(request, 0.1), text=texts, raw=st.binary(max_size=60), odd=st.booleans())
    def attack(text: str, raw: bytes, odd: bool) -> None:
        body = raw if odd else text.encode("utf-8", payloads.SURROGATES)
        if form == "xml" and not odd:
            body = b"<xml><type>track</type><event>x</event><properties>" + body + b"</properties></xml>"
        sign = signed(body, SECRET).encode()
        sender.taken += sender.send("POST", path, [(b"X-Signature", sign)], body) == 200

    attack()
    assert sender.taken > sender.sent * 0.8
    name = "good-after-all"
    good = {"type": "track", "event": "Good", "userId": "u", "messageId": name}
    assert sender.send("POST", b"/v1/track", [sender.auth], json.dumps(good).encode()) == 200
    sender.good = [name]
    all_stored(sender, made)
