"""Shopify's notices for tests: the samples as they are delivered, and a connector that takes them."""

from typing import Any

from channels.models import Connector
from tests.channels.connectors.notices import SECRET, Notice, sample, send
from tests.channels.hooking import connector
from tests.shop import Shop

SIGNATURE = "X-Shopify-Hmac-Sha256"
SHOP = "jsmith.myshopify.com"
SAMPLED = (
    "orders/create", "orders/updated", "orders/paid", "orders/fulfilled", "orders/cancelled", "refunds/create",
    "fulfillments/create", "customers/create", "customers/update", "products/create", "products/update",
    "inventory_levels/update",
)  # fmt: skip
STORY = SAMPLED[:9]
YEARS = {"from_": "2008-01-01", "to": "2008-12-31"}


def notice(topic: str, body: Any = None, **headers: str) -> Notice:
    """A delivery as Shopify sends it; `body`: the sample's unless given."""
    own = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-API-Version": "2026-01",
        "X-Shopify-Webhook-Id": f"w-{topic}",
        "X-Shopify-Event-Id": "e-1",
        "X-Shopify-Triggered-At": "2026-11-29T10:00:00.123456789Z",
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Notice({**own, **named}, sample("shopify", topic) if body is None else body)


def order(**changes: Any) -> dict[str, Any]:
    """The sample order with other fields."""
    return {**sample("shopify", "orders/create"), **changes}


def hook(at: Shop, **own: Any) -> Connector:
    """A Shopify connector."""
    return connector(at, "shopify", own, {"secret": SECRET})


def told(shop: Shop, *several: Notice, **own: Any) -> Connector:
    """The notices, delivered and worked."""
    one = hook(shop, **own)
    send(one, several, SIGNATURE)
    shop.drains()
    return one


def rejects(shop: Shop) -> list[Any]:
    return [(bad["reason"], bad["field"]) for bad in shop.get("/api/rejects/")["results"]]
