"""WooCommerce's accounts and addresses -> who somebody is; what a name and an SKU are. Not here: orders, goods."""

import html
from typing import Any

from channels.connectors import shops
from channels.connectors.base import Message
from channels.connectors.shops import Buyer, part
from kernel import phones


def buyer(account: Any, found: dict[str, Any], namespace: str) -> Buyer:
    """Whom an order or an account is about, by the billing address. Account 0 is a guest: nobody's number."""
    billing = part(found, "billing")
    return Buyer(
        account=shops.number(account),
        namespace=namespace,
        email=shops.text(found.get("email"), billing.get("email")),
        phone=_phone(billing),
    )


def customer(found: dict[str, Any], at: Any, namespace: str) -> list[Message]:
    """A notice about an account."""
    shops.needed(found, "id")
    who = buyer(found.get("id"), found, namespace)
    named = {"type": "identify", "identifiers": who.identifiers(), "traits": {}} | shops.said(timestamp=at)
    return described(who, found, at) or [named | {"messageId": f"customer-{namespace}-{who.account}"}]


def described(who: Buyer, found: dict[str, Any], at: Any) -> list[Message]:
    """What an account, or the billing address of an order, says of somebody."""
    billing = part(found, "billing")
    return shops.identify(
        who,
        at,
        first_name=shops.text(found.get("first_name"), billing.get("first_name")),
        last_name=shops.text(found.get("last_name"), billing.get("last_name")),
        city=shops.text(billing.get("city")),
        country=shops.text(billing.get("country")),
    )


def sku(found: dict[str, Any]) -> str | None:
    """Of a line: its SKU, else the number of what was bought."""
    return (
        shops.number(found.get("sku"))
        or shops.number(found.get("variation_id"))
        or shops.number(found.get("product_id"))
    )


def plain(value: Any) -> str | None:
    """A name without HTML's signs: WordPress writes a dash as &ndash;."""
    found = shops.text(value)
    return html.unescape(found) if found else None


def _phone(billing: dict[str, Any]) -> str | None:
    """As it is dialled from anywhere: by the country of its address, which may be another than the channel's."""
    found, country = shops.text(billing.get("phone")), shops.text(billing.get("country"))
    if found is None or country is None or len(country) != 2:
        return found
    return phones.phone(found, country.upper()) or found
