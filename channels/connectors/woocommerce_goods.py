"""WooCommerce's products and variations -> what an SKU is called, what it costs to buy and how much there is. Not here:
orders, customers.
"""

from typing import Any, Final

from channels.connectors import shops, woocommerce_people
from channels.connectors.base import Message
from channels.connectors.shops import parts

WITHOUT_PRICE: Final = frozenset(("variable", "grouped"))  # its variations or its products have one


def product(found: dict[str, Any], at: Any) -> list[Message]:
    """A product or a variation."""
    sku = shops.number(found.get("sku")) or shops.needed(found, "id")
    named = {"category": _named(found.get("categories")), "brand": _named(found.get("brands"))}
    tags = [name for one in parts(found.get("tags")) if (name := woocommerce_people.plain(one.get("name")))]
    name = woocommerce_people.plain(found.get("name"))
    said = [shops.record("product", sku, at, sku=sku, name=name, tags=tags, **named)]
    price = found.get("price")
    if price not in (None, "") and shops.text(found.get("type")) not in WITHOUT_PRICE:
        before = found.get("regular_price") if found.get("on_sale") is True else None
        said.append(shops.record("price", sku, at, sku=sku, price=price, list_price=before))
    if found.get("manage_stock") is True and found.get("stock_quantity") is not None:
        said.append(shops.record("stock", sku, at, sku=sku, quantity=found["stock_quantity"]))
    return said


def _named(value: Any) -> str | None:
    """The name of the first of a list."""
    return next((name for one in parts(value) if (name := woocommerce_people.plain(one.get("name")))), None)
