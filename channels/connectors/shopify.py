"""Shopify: its webhooks, signed with the app's secret. The door and the topics; what they say is read in shopify_*.py.

A retry keeps its X-Shopify-Webhook-Id, and all topics of one action share an X-Shopify-Event-Id; neither is needed:
messages are named after what they say (shops.py). X-Shopify-Triggered-At signs nothing and is hours old on a retry: a
delivery is never refused for its age.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta, Struct

from channels.connectors import payloads, shopify_goods, shopify_orders, shopify_people, signatures
from channels.connectors.base import (
    HOOK,
    Connection,
    ConnectorKind,
    Delivery,
    Forged,
    Guide,
    Message,
    Reply,
    Secret,
)
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection, quoted

SIGNATURE: Final = "x-shopify-hmac-sha256"
TOPIC: Final = "x-shopify-topic"
SHOP: Final = "x-shopify-shop-domain"
TEST: Final = "x-shopify-test"

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9.\-]{0,252}\Z")


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which shop it is, and where its stock is read."""

    shop: Annotated[
        str,
        Meta(
            pattern=r"^([A-Za-z0-9][A-Za-z0-9.\-]{0,252})?$",
            title=gettext_noop("Shop"),
            description=gettext_noop(
                "Its myshopify.com domain: deliveries of another shop are refused. Empty: any shop that signs."
            ),
        ),
    ] = ""
    stock: Annotated[
        Literal["levels", "products"],
        Meta(
            title=gettext_noop("Stock from"),
            description=gettext_noop(
                "levels: inventory_levels/update, by Shopify's inventory item and location. products: each notice of a "
                "product, by SKU, all locations together."
            ),
        ),
    ] = "levels"


# ---- the door -------------------------------------------------------------------------------------


def verify(connection: Connection, delivery: Delivery, now: float) -> None:
    """Base64 of the body's HMAC-SHA256; and the shop, where one is set."""
    secret, given = connection.secrets.get("secret", ""), delivery.headers.get(SIGNATURE, "")
    if not secret:
        raise signatures.no_secret("client secret")
    if not given:
        raise signatures.missing("X-Shopify-Hmac-Sha256")
    signatures.by_hmac(given, delivery.body, secret, form="base64")
    wanted, shop = connection.settings.shop.lower(), delivery.headers.get(SHOP, "").strip().lower()
    if wanted and shop != wanted:
        raise Forged("wrong_shop", "The delivery is another shop's: set the shop on the connector's page.")


def handshake(connection: Connection, delivery: Delivery) -> Reply | None:
    """A test notification is an invented order: it is told whether it would be taken, and not kept."""
    if delivery.headers.get(TEST, "").strip().lower() != "true":
        return None
    verify(connection, delivery, 0)
    return Reply()


# ---- what a delivery says ---------------------------------------------------------------------------


def messages(connection: Connection, delivery: Delivery, received_at: datetime) -> Iterable[Message]:
    """By topic."""
    topic = delivery.headers.get(TOPIC, "").strip().lower()
    if not topic:
        raise Rejection(FIELD_OF_PLATFORM, "X-Shopify-Topic")
    read = TOPICS.get(topic)
    if read is None or (topic == LEVELS and connection.settings.stock != "levels"):
        raise Rejection(UNKNOWN_TOPIC, topic=quoted(topic))
    shop = delivery.headers.get(SHOP, "").strip().lower()
    return read(connection.settings, topic, payloads.object_of(delivery.body), _namespace(shop))


def _namespace(shop: str) -> str:
    """A customer's number is good in its shop; the domain that Shopify names the shop by never changes."""
    return shop if _DOMAIN.match(shop) else ""


def _order(settings: Settings, topic: str, found: dict[str, Any], shop: str) -> list[Message]:
    return shopify_orders.order(topic, found, shop)


def _refund(settings: Settings, topic: str, found: dict[str, Any], shop: str) -> list[Message]:
    return shopify_orders.refund(found)


def _parcel(settings: Settings, topic: str, found: dict[str, Any], shop: str) -> list[Message]:
    return shopify_orders.fulfillment(topic, found)


def _customer(settings: Settings, topic: str, found: dict[str, Any], shop: str) -> list[Message]:
    return shopify_people.customer(found, shop)


def _product(settings: Settings, topic: str, found: dict[str, Any], shop: str) -> list[Message]:
    return shopify_goods.product(found, stock=settings.stock == "products")


def _level(settings: Settings, topic: str, found: dict[str, Any], shop: str) -> list[Message]:
    return shopify_goods.level(found)


LEVELS: Final = "inventory_levels/update"
Reader = Callable[[Settings, str, dict[str, Any], str], list[Message]]
TOPICS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "orders/create",
                "orders/updated",
                "orders/paid",
                "orders/cancelled",
                "orders/fulfilled",
                "orders/partially_fulfilled",
            ),
            _order,
        ),
        "refunds/create": _refund,
        **dict.fromkeys(("fulfillments/create", "fulfillments/update"), _parcel),
        **dict.fromkeys(("customers/create", "customers/update"), _customer),
        **dict.fromkeys(("products/create", "products/update"), _product),
        LEVELS: _level,
    }
)


def check(connection: Connection) -> str:
    """Whether a delivery could be checked at all."""
    if not connection.secrets.get("secret"):
        raise Forged("no_secret", str(_("The secret is not set yet.")))
    return str(_("The secret is set. Send a test notification from Shopify: it is checked, and not kept."))


SHOPIFY = ConnectorKind(
    name="shopify",
    label="Shopify",
    category="shop",
    direction=HOOK,
    about=_("Orders, payments, refunds, parcels, customers, products and stock of a Shopify shop."),
    settings=Settings,
    secrets=(
        Secret(
            "secret",
            _("Client secret"),
            _(
                "Of the app that subscribes; for webhooks of the shop's own settings the key that is shown below them."
            ),
        ),
    ),
    handshake=handshake,
    verify=verify,
    messages=messages,
    check=check,
    guide=Guide(
        steps=(
            _("Copy the hook's address."),
            _(
                "In Shopify open Settings, Notifications, Webhooks, or your app's configuration, and add a webhook "
                "in JSON with this address for each of orders/create, orders/updated, orders/paid, "
                "orders/cancelled, orders/fulfilled, refunds/create, customers/create, customers/update, "
                "products/create, products/update, inventory_levels/update."
            ),
            _(
                "Set here the key with which Shopify signs: it stands below the webhooks, or in the app as its "
                "client secret."
            ),
            _("Send a test notification: Shopify shows that it was taken. Tests are checked and not kept."),
        ),
        untold=(
            _(
                "Stock comes by Shopify's inventory item, not by SKU: name the items in a mapping, or read stock "
                "from products; how many lie at each location is then not told."
            ),
            _(
                "A product of more than 100 variants brings the last changed 100. Prices say no currency: it is "
                "the channel's."
            ),
            _(
                "What an edit takes off an order before it is paid: its total stays as it was placed. Goods taken "
                "off before they were shipped are no return."
            ),
            _("Payments that failed: an order is told once it is placed, and again when it is paid whole."),
            _(
                "An order paid with the test gateway counts like any other unless its notices say that they are "
                "tests."
            ),
            _("Whose the phone of a delivery address is: it joins nobody, a gift goes to somebody else."),
        ),
        source="shopify.dev/docs/api/webhooks, /docs/apps/build/webhooks, /docs/api/admin-rest",
        read_on="2026-11-29",
    ),
)
