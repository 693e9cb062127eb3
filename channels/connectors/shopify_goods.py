"""Shopify's products and inventory -> what an SKU is called, what it costs to buy, how much there is. Not here: orders.

A variant is an SKU; one without is known by its own number, in orders too (shopify_orders.py).
"""

from typing import Any

from channels.connectors import shops
from channels.connectors.base import Message
from channels.connectors.shops import part, parts

ONLY = "Default Title"  # of the one variant of a product that has none


def product(found: dict[str, Any], *, stock: bool) -> list[Message]:
    """The variants of a product with their prices; `stock`: with how many there are, all locations together."""
    product_id = shops.needed(found, "id")
    changed = shops.time(found.get("updated_at"), found.get("created_at"))
    tags = found.get("tags")
    common = {
        "category": shops.text(found.get("product_type"), part(found, "category").get("name")),
        "brand": shops.text(found.get("vendor")),
        "tags": [tag for one in tags.split(",") if (tag := one.strip())] if isinstance(tags, str) else None,
    }
    variants = parts(found.get("variants"))
    if not variants:
        name = shops.text(found.get("title"))
        return [shops.record("product", product_id, changed, sku=product_id, name=name, **common)]
    said = []
    for one in variants:
        sku = shops.number(one.get("sku")) or shops.number(one.get("id")) or product_id
        at = shops.time(one.get("updated_at"), changed)
        name = _name(found.get("title"), one.get("title"))
        said.append(shops.record("product", sku, changed, sku=sku, name=name, **common))
        said += _price(one, sku, at)
        if stock and _counted(one):
            said.append(shops.record("stock", sku, changed, sku=sku, quantity=one.get("inventory_quantity")))
    return said


def level(found: dict[str, Any]) -> list[Message]:
    """How many of an item lie at a location. The item is Shopify's own number, no SKU: a mapping may name it."""
    item = shops.needed(found, "inventory_item_id")
    place = shops.number(found.get("location_id"))
    at = shops.time(found.get("updated_at"))
    return [
        shops.record(
            "stock", f"{item}-{place}", at, sku=item, quantity=found.get("available"), location=place
        )
    ]


def _name(title: Any, variant: Any) -> str | None:
    named = [name for name in (shops.text(title), shops.text(variant)) if name and name != ONLY]
    return " - ".join(named) or None


def _price(found: dict[str, Any], sku: str, at: Any) -> list[Message]:
    price, before = found.get("price"), found.get("compare_at_price")
    if price is None or price == "":
        return []
    return [shops.record("price", sku, at, sku=sku, price=price, list_price=before)]


def _counted(found: dict[str, Any]) -> bool:
    """Whether Shopify keeps count of a variant."""
    return (
        found.get("inventory_quantity") is not None
        and found.get("inventory_management", "shopify") is not None
    )
