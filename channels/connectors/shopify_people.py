"""Shopify's customers -> who somebody is, and what is said of them. Not here: orders, goods, the door (shopify.py)."""

from typing import Any

from channels.connectors import shops
from channels.connectors.base import Message
from channels.connectors.shops import Buyer, part, parts


def buyer(customer: dict[str, Any], namespace: str, order: dict[str, Any] | None = None) -> Buyer:
    """Whom a customer, or the order of one, is about. Addresses name nobody: a gift goes to somebody else's phone."""
    by = order or {}
    return Buyer(
        account=shops.number(customer.get("id")),
        namespace=namespace,
        email=shops.text(customer.get("email"), by.get("email"), by.get("contact_email")),
        phone=shops.text(customer.get("phone"), by.get("phone")),
    )


def customer(found: dict[str, Any], namespace: str) -> list[Message]:
    """A notice about a customer."""
    shops.needed(found, "id")
    who = buyer(found, namespace)
    return described(who, found, {}) or [_known(who, found)]


def described(who: Buyer, found: dict[str, Any], order: dict[str, Any]) -> list[Message]:
    """What a customer object says of its customer, at the time of its own last change."""
    home = _home(found) or part(order, "billing_address")
    at = shops.time(found.get("updated_at"), found.get("created_at"), order.get("updated_at"))
    return shops.identify(
        who,
        at,
        first_name=shops.text(found.get("first_name")),
        last_name=shops.text(found.get("last_name")),
        city=shops.text(home.get("city")),
        country=shops.text(home.get("country_code")),
    )


def _known(who: Buyer, found: dict[str, Any]) -> Message:
    """A customer of whom nothing but the number is known is a customer all the same."""
    at = shops.time(found.get("created_at"), found.get("updated_at"))
    named = {"type": "identify", "identifiers": who.identifiers(), "traits": {}}
    return named | shops.said(timestamp=at) | {"messageId": f"customer-{who.namespace}-{who.account}"}


def _home(found: dict[str, Any]) -> dict[str, Any]:
    own = part(found, "default_address")
    return own or next((one for one in parts(found.get("addresses")) if one.get("default") is True), {})
