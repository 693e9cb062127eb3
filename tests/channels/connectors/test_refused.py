"""Every code by which a platform's delivery is refused, and what its sentence says."""

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import pytest

from channels import reasons
from channels.connectors import webhook
from channels.models import Connector
from tests.channels.connectors import notices, shopify_notices
from tests.channels.hooking import connector, deliver, signed
from tests.channels.test_reasons import DELIVERED
from tests.shop import Shop

pytestmark = pytest.mark.django_db
SECRET = "s"


def by_webhook(shop: Shop, body: bytes, settings: Mapping[str, Any] = MappingProxyType({})) -> Connector:
    one = connector(shop, "webhook", settings, {"secret": SECRET})
    assert deliver(one, body, {"X-Signature": signed(body, SECRET)}).reply.status == 200
    return one


def by_shopify(shop: Shop, topic: str, body: bytes) -> Connector:
    one = shopify_notices.hook(shop)
    said = {"X-Shopify-Topic": topic, shopify_notices.SIGNATURE: notices.base64_hmac(body)}
    assert deliver(one, body, said).reply.status == 200
    return one


def unreadable_body(shop: Shop, patch: pytest.MonkeyPatch) -> Connector:
    return by_webhook(shop, b"{not json")


def unknown_topic(shop: Shop, patch: pytest.MonkeyPatch) -> Connector:
    return by_shopify(shop, "themes/publish", b'{"id": 1}')


def field_of_platform(shop: Shop, patch: pytest.MonkeyPatch) -> Connector:
    return by_shopify(shop, "orders/create", b"{}")


def cannot_open(shop: Shop, patch: pytest.MonkeyPatch) -> Connector:
    """Sealed with a key that the connector does not have yet."""
    one = connector(shop, "wechat_message", {}, {"token": SECRET})
    parts = {"timestamp": "1772416800", "nonce": "7"}
    given = hashlib.sha1("".join(sorted((SECRET, *parts.values(), "c2VhbGVk"))).encode()).hexdigest()
    query = urlencode(parts | {"msg_signature": given})
    assert deliver(one, {"Encrypt": "c2VhbGVk"}, query=query, now=1_772_416_800.0).reply.status == 200
    return one


def not_understood(shop: Shop, patch: pytest.MonkeyPatch) -> Connector:
    """A fault of ours in a kind's own reading: the delivery waits until it is mended."""

    def broken(body: bytes) -> None:
        raise KeyError("a fault")

    patch.setitem(webhook.READERS, "form", broken)
    return by_webhook(shop, b"a=1", {"body": "form"})


def not_taken_here(shop: Shop, patch: pytest.MonkeyPatch) -> Connector:
    one = by_webhook(shop, b"{}")
    Connector.objects.filter(pk=one.pk).update(kind="http")
    return one


CASES: dict[str, tuple[Callable[[Shop, pytest.MonkeyPatch], Connector], str]] = {
    "unreadable_body": (unreadable_body, "The body cannot be read as JSON."),
    "unknown_topic": (unknown_topic, "A delivery about “themes/publish” is not read: "),
    "field_of_platform": (field_of_platform, "The delivery lacks id, without which it says nothing."),
    "cannot_open": (cannot_open, "The encrypted part cannot be opened with the connector's key: "),
    "not_understood": (not_understood, "This delivery was not understood as one of webhook: "),
    "not_taken_here": (not_taken_here, "A connector of kind http takes no deliveries: "),
}


def test_every_code_of_a_delivery_is_here() -> None:
    assert set(CASES) == DELIVERED
    assert DELIVERED.issubset(reasons.CODES)


@pytest.mark.parametrize("code", CASES)
def test_a_refused_delivery_says_why_and_waits_with_its_body(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, sentence = CASES[code]
    shop = Shop()
    one = make(shop, monkeypatch)
    shop.drains()
    [bad] = shop.get("/api/rejects/", connector=str(one.uuid))["results"]
    assert (bad["reason"], bad["state"]) == ("unreadable_delivery", "open")
    assert bad["hint"].startswith(sentence)
    assert bad["raw"]
