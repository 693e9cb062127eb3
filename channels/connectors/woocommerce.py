"""WooCommerce: its webhooks, signed with a secret of each. The door and the topics; what they say: woocommerce_*.py.

Its Delivery-ID is new each time and it tries nothing twice; messages are named after what they say (shops.py).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from channels.connectors import (
    payloads,
    signatures,
    woocommerce_goods,
    woocommerce_orders,
    woocommerce_people,
)
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
from channels.connectors.woocommerce_orders import moment
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection, quoted

SIGNATURE: Final = "x-wc-webhook-signature"
TOPIC: Final = "x-wc-webhook-topic"
SOURCE: Final = "x-wc-webhook-source"
LONGEST_SITE: Final = 250  # characters

# What is posted, unsigned, when a webhook is saved; any answer but 200 leaves the webhook without its address.
_SAVED = re.compile(rb"webhook_id=[0-9]{1,20}")


# ---- the door -------------------------------------------------------------------------------------


def handshake(connection: Connection, delivery: Delivery) -> Reply | None:
    """Exactly the body that is sent when a webhook is saved."""
    return Reply() if _SAVED.fullmatch(delivery.body) else None


def verify(connection: Connection, delivery: Delivery, now: float) -> None:
    """Base64 of the body's HMAC-SHA256."""
    secret, given = connection.secrets.get("secret", ""), delivery.headers.get(SIGNATURE, "")
    if not secret:
        raise signatures.no_secret("secret")
    if not given:
        raise signatures.missing("X-WC-Webhook-Signature")
    signatures.by_hmac(given, delivery.body, secret, form="base64")


# ---- what a delivery says ---------------------------------------------------------------------------


def messages(connection: Connection, delivery: Delivery, received_at: datetime) -> Iterable[Message]:
    """By topic."""
    topic = delivery.headers.get(TOPIC, "").strip().lower()
    if not topic:
        raise Rejection(FIELD_OF_PLATFORM, "X-WC-Webhook-Topic")
    read = TOPICS.get(topic)
    if read is None:
        raise Rejection(UNKNOWN_TOPIC, topic=quoted(topic))
    return read(topic, payloads.object_of(delivery.body), _site(delivery.headers.get(SOURCE, "")))


def _site(source: str) -> str:
    """A customer's number is good in its site: https://shop.example/ is shop.example, by http too."""
    bare = source.strip().lower().partition("://")[2].removeprefix("www.").rstrip("/")
    return bare if len(bare) <= LONGEST_SITE else ""


def _order(topic: str, found: dict[str, Any], site: str) -> list[Message]:
    return woocommerce_orders.order(topic, found, site)


def _deleted(topic: str, found: dict[str, Any], site: str) -> list[Message]:
    return woocommerce_orders.deleted(found)


def _customer(topic: str, found: dict[str, Any], site: str) -> list[Message]:
    return woocommerce_people.customer(found, moment(found, "date_modified", "date_created"), site)


def _product(topic: str, found: dict[str, Any], site: str) -> list[Message]:
    return woocommerce_goods.product(found, moment(found, "date_modified", "date_created"))


Reader = Callable[[str, dict[str, Any], str], list[Message]]
TOPICS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        **dict.fromkeys(("order.created", "order.updated", "order.restored"), _order),
        "order.deleted": _deleted,
        **dict.fromkeys(("customer.created", "customer.updated"), _customer),
        **dict.fromkeys(("product.created", "product.updated"), _product),
    }
)


def check(connection: Connection) -> str:
    """Whether a delivery could be checked at all."""
    if not connection.secrets.get("secret"):
        raise Forged("no_secret", str(_("The secret is not set yet.")))
    return str(_("The secret is set. Change an order in WooCommerce: its notice shows on this page."))


WOOCOMMERCE = ConnectorKind(
    name="woocommerce",
    label="WooCommerce",
    category="shop",
    direction=HOOK,
    about=_("Orders, payments, refunds, customers, products and stock of a WooCommerce shop."),
    secrets=(
        Secret("secret", _("Secret"), _("One long text, the same in each webhook that has this address.")),
    ),
    handshake=handshake,
    verify=verify,
    messages=messages,
    check=check,
    guide=Guide(
        steps=(
            _("Set a secret here, and copy the hook's address."),
            _(
                "In WooCommerce open Settings, Advanced, Webhooks, and add an active webhook with this address and "
                "secret, API version 3, for each of Order created, updated, deleted, restored, Customer created, "
                "updated, Product created, updated. It is made by a user who may see orders."
            ),
            _("Change an order: its notice shows on this page a moment later."),
            _(
                "After more than 5 failed deliveries in a row WooCommerce switches a webhook off without a word, and "
                "it tries none a second time: when this connector falls silent, look there, and set it to active."
            ),
        ),
        untold=(
            _(
                "Orders that wait for their payment or whose payment failed are no orders yet, as in WooCommerce's own "
                "reports: only the payment is told."
            ),
            _(
                "What was refunded when, and which goods: a refund counts from the first notice that lists it, as an "
                "amount."
            ),
            _("Parcels and returned goods: WooCommerce has none."),
            _("An order that is deleted is cancelled here, and stays so when it is restored."),
            _(
                "Prices say no currency: it is the channel's. A notice that failed to arrive is not sent again."
            ),
        ),
        source="woocommerce.github.io/woocommerce-rest-api-docs and WooCommerce's class-wc-webhook.php",
        read_on="2026-11-29",
    ),
)
