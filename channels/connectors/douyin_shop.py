"""Douyin shop 抖店: its message push. A delivery is a list of messages, each a tag and data that is JSON in a text.

Messages are thin: numbers, states, amounts in cents; no buyer and no goods. What they say counts at once, without a
person; where the shop's number is set its orders are looked up as well.
Not here: what the API says of an order (douyin_orders.py), Douyin's life services and mini programs, which sign
otherwise.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from msgspec import Meta, Struct, json

from channels.connectors import douyin_orders, payloads, shops, signatures
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
    Wanted,
)
from channels.reasons import (
    FIELD_OF_PLATFORM,
    NOT_AN_OBJECT,
    NOT_WHOLE,
    UNKNOWN_TOPIC,
    UNREADABLE_BODY,
    Rejection,
)
from kernel.errors import Refused

CURRENCY: Final = "CNY"  # of every amount
TEST: Final = "0"  # tag of what is sent when the address is saved
LATER: Final = frozenset(("0", "12"))  # pay_type of what is paid on delivery, or after use
METHODS: Final = {
    "1": "wechat",
    "2": "alipay",
    "4": "card",
    "5": "balance",
    "8": "douyin_credit",
    "9": "card",
}
AFTERSALES: Final = {"0": "return", "1": "refund", "2": "refund", "3": "exchange"}
HMAC_DIGITS: Final = 64  # of a signature by HMAC-SHA256, keyed by the secret, over the same; MD5 has 32
SUCCESS: Final = b'{"code":0,"msg":"success"}'

SPACE: Final = "doudian"  # and the app's key: namespace of its own ids of people, which are one app's
# After which messages an order is looked up: paid, shipped (in part), finished, cancelled.
LOOKED_UP: Final = frozenset(("101", "102", "103", "106", "108"))

Data = dict[str, Any]
Part = tuple[str, Any, Data]  # what it is called here, its time, its properties


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose orders are looked up."""

    shop_id: Annotated[
        str,
        Meta(
            max_length=40,
            pattern=r"^\d*$",
            title=gettext_noop("Shop id"),
            description=gettext_noop(
                "Of an app of the shop's own 自用型应用: its orders' goods and buyers are looked up. Empty: not."
            ),
        ),
    ] = ""


# ---- whose it is ------------------------------------------------------------------------------------


def handshake(connection: Connection, delivery: Delivery) -> Reply | None:
    """A challenge comes back when it is signed; all else is a delivery."""
    challenge = _challenge(delivery.body)
    if challenge is None:
        return None
    _signed(connection, delivery)
    return Reply(body=json.encode({"challenge": challenge}))


def _challenge(body: bytes) -> Any:
    if body.lstrip()[:1] != b"{":
        return None
    try:
        found = payloads.object_of(body)
    except Rejection:
        return None
    inner = payloads.inside(found, "content", "challenge")
    challenge = found.get("challenge") if inner is None else inner
    return challenge if payloads.text_of(challenge) else None


def verify(connection: Connection, delivery: Delivery, now: float) -> None:
    """MD5 over app key, body and app secret: nothing in it says when, a repeat is known by its messages' ids."""
    _signed(connection, delivery)


def _signed(connection: Connection, delivery: Delivery) -> None:
    key, secret = connection.secrets.get("app_key", ""), connection.secrets.get("app_secret", "")
    if not (key and secret):
        raise signatures.no_secret("app key and app secret")
    given = delivery.headers.get("event-sign", "").strip().lower()
    if not given:
        raise signatures.missing("event-sign")
    if len(given) == HMAC_DIGITS:
        signatures.by_hmac(given, _signed_over(key, delivery.body, secret), secret)
    else:
        signatures.same(given, signatures.digest_of(_signed_over(key, delivery.body, secret), "md5"))


def _signed_over(key: str, body: bytes, secret: str) -> bytes:
    return key.encode() + body + secret.encode()


def accepted(connection: Connection) -> Reply:
    """What ends the repeats."""
    return Reply(body=SUCCESS)


def refused(trouble: Refused) -> Reply:
    """No, in the platform's form."""
    return Reply(trouble.status, json.encode({"code": 40041, "msg": str(trouble)}))


# ---- what it says -----------------------------------------------------------------------------------


def messages(connection: Connection, delivery: Delivery, received_at: datetime) -> Iterable[Message | Wanted]:
    """Each message of the list by itself: one that cannot be read costs the others nothing."""
    if delivery.query == douyin_orders.ORDER:
        yield from douyin_orders.messages(delivery.body, f"{SPACE}:{connection.secrets.get('app_key', '')}")
        return
    found = payloads.json_of(delivery.body)
    if not isinstance(found, list | dict):
        raise Rejection(UNREADABLE_BODY, format="JSON")
    for n, one in enumerate(found if isinstance(found, list) else [found]):
        try:
            yield from list(_read(one))
        except Rejection as why:
            yield _unread(one, why, n)
        else:
            yield from _wanted(connection.settings, one)


def _wanted(own: Settings, one: Data) -> Iterator[Wanted]:
    """Whose goods and buyer are looked up."""
    tag, data = payloads.text_of(one.get("tag")), one.get("data")
    if own.shop_id and tag in LOOKED_UP:
        said = payloads.object_of(data) if isinstance(data, str) else data
        order = shops.number(payloads.inside(said, "p_id"))
        if order:
            mark = payloads.text_of(one.get("msg_id")) or tag
            yield Wanted(f"{mark}:{order}", {"shop_order_id": order})


def _read(one: Any) -> Iterator[Message]:
    if not isinstance(one, dict):
        raise Rejection(NOT_AN_OBJECT)
    tag = payloads.text_of(one.get("tag"))
    if tag == TEST:
        return
    if tag not in READERS:
        raise Rejection(UNKNOWN_TOPIC, "tag", topic=tag[:60])
    data = one.get("data")
    said = payloads.object_of(data) if isinstance(data, str) else data
    if not isinstance(said, dict):
        raise Rejection(FIELD_OF_PLATFORM, "data")
    number = payloads.text_of(one.get("msg_id"))
    for event, at, properties in READERS[tag](said):
        kept = {name: value for name, value in properties.items() if value not in (None, "")}
        yield {
            "type": "track",
            "event": event,
            "messageId": f"{tag}:{number or _own(said)}:{event}",
            "timestamp": at,
            "properties": kept,
        }


def _own(said: Data) -> str:
    """What stands in for a message's id: the numbers of what it is about."""
    return "-".join(payloads.text_of(said.get(name)) for name in ("p_id", "s_id", "aftersale_id"))


def _unread(one: Any, why: Rejection, n: int) -> Message:
    """What is not one of ours becomes a reject by itself; its type says why."""
    about = why.params.get("topic") or why.field
    whole = one if isinstance(one, dict) else {"value": one}
    number = payloads.text_of(whole.get("msg_id"))
    kept = {name: value for name, value in whole.items() if name not in ("type", "messageId")}
    named = {"messageId": f"unread:{payloads.text_of(whole.get('tag'))}:{number}"} if number else {}
    return {"type": f"{why.code.name}: {about}", **named, **kept}


def _order(said: Data) -> str:
    found = payloads.text_of(said.get("p_id"))
    if not found:
        raise Rejection(FIELD_OF_PLATFORM, "data.p_id")
    return found


def _amount(said: Data, name: str) -> str:
    """Cents as an amount. It must be there: an order without one never counts, a refund without one takes all."""
    if said.get(name) is None:
        raise Rejection(FIELD_OF_PLATFORM, f"data.{name}")
    found = payloads.minor_units(said[name], CURRENCY)
    if found is None:
        raise Rejection(NOT_WHOLE, f"data.{name}")
    return found


def _created(said: Data) -> Iterator[Part]:
    order = _order(said)
    yield "Payment Started", said.get("create_time"), {"order_id": order, "payment_id": order}


def _paid(said: Data) -> Iterator[Part]:
    """Paid, or confirmed where it is paid later: then it is an order, and no payment yet."""
    order, total, at = _order(said), _amount(said, "pay_amount"), said.get("pay_time")
    properties = {"order_id": order, "total": total, "currency": CURRENCY, "store": said.get("store_id")}
    yield "Order Completed", at, properties
    how = payloads.text_of(said.get("pay_type"))
    if how not in LATER:
        method = METHODS.get(how, how)
        yield (
            "Payment Succeeded",
            at,
            {"order_id": order, "payment_id": order, "amount": total, "currency": CURRENCY, "method": method},
        )


def _shipped(said: Data) -> Iterator[Part]:
    parcel = said.get("logistics_msg")
    if isinstance(parcel, str):
        try:
            parcel = payloads.json_of(parcel)
        except Rejection:
            parcel = None
    properties = {
        "order_id": _order(said),
        "shipment_id": payloads.text_of(payloads.inside(parcel, "logistics_code")),
        "carrier": payloads.text_of(payloads.inside(parcel, "express_company_id")),
    }
    yield "Order Shipped", said.get("update_time"), properties


def _finished(said: Data) -> Iterator[Part]:
    yield "Order Delivered", said.get("complete_time"), {"order_id": _order(said)}


def _cancelled(said: Data) -> Iterator[Part]:
    properties = {"order_id": _order(said), "reason": payloads.text_of(said.get("cancel_reason"))}
    yield "Order Cancelled", said.get("cancel_time"), properties


def _ticket(said: Data) -> Data:
    number = payloads.text_of(said.get("aftersale_id"))
    if not number:
        raise Rejection(FIELD_OF_PLATFORM, "data.aftersale_id")
    topic = AFTERSALES.get(payloads.text_of(said.get("aftersale_type")), "")
    return {"ticket_id": number, "topic": topic, "order_id": payloads.text_of(said.get("p_id"))}


def _asked(said: Data) -> Iterator[Part]:
    yield "Ticket Opened", said.get("apply_time"), _ticket(said)


def _refunded(said: Data) -> Iterator[Part]:
    ticket, at = _ticket(said), said.get("success_time")
    properties = {
        "order_id": _order(said),
        "refund_id": ticket["ticket_id"],
        "total": _amount(said, "refund_amount"),
        "currency": CURRENCY,
        "reason": payloads.text_of(said.get("reason_code")),
    }
    yield "Order Refunded", at, properties
    yield "Ticket Resolved", at, ticket


def _closed(said: Data) -> Iterator[Part]:
    yield "Ticket Resolved", said.get("close_time") or said.get("update_time"), _ticket(said)


READERS: Final[Mapping[str, Callable[[Data], Iterator[Part]]]] = {
    "100": _created,
    "101": _paid,
    "102": _shipped,
    "108": _shipped,
    "103": _finished,
    "106": _cancelled,
    "200": _asked,
    "206": _refunded,
    "207": _closed,
}


# ---- what an admin sets -----------------------------------------------------------------------------


def check(connection: Connection) -> str:
    """Whether deliveries could be checked."""
    if not (connection.secrets.get("app_key") and connection.secrets.get("app_secret")):
        raise Forged("no_secret", gettext("The app key and app secret are not set yet."))
    return gettext("Deliveries can be checked. Save the address at the platform: it sends a test at once.")


DOUYIN_SHOP = ConnectorKind(
    name="douyin_shop",
    label=_("Douyin shop 抖店"),
    category="shop",
    direction=HOOK,
    about=_("Orders, payments, parcels and refunds of a shop on Douyin, by its message push."),
    settings=Settings,
    secrets=(
        Secret("app_key", _("App key"), _("Of the app at the Douyin shop platform 抖店开放平台.")),
        Secret("app_secret", _("App secret")),
    ),
    handshake=handshake,
    verify=verify,
    messages=messages,
    look_up=douyin_orders.look_up,
    accepted=accepted,
    refused=refused,
    check=check,
    guide=Guide(
        steps=(
            _("Set the app key and app secret of your app here."),
            _(
                "At the Douyin shop platform open the app's message push 消息推送 and enter the hook's address."
            ),
            _(
                "Subscribe to orders: created, paid, shipped, finished, cancelled (100, 101, 102, 103, 106, 108)."
            ),
            _("Subscribe to after-sales: applied, refunded, closed (200, 206, 207)."),
            _("Authorize your shop for the app, and pay a small order."),
            _(
                "For an app of the shop's own, set the shop id: goods, buyer and discounts are looked up then."
            ),
        ),
        untold=(
            _("pay_amount is what the buyer paid: what the platform adds to it as a subsidy is not in it."),
            _("Without the shop id who bought is not told, nor which goods: orders count without them."),
            _(
                "Names, phones and addresses come encrypted or masked: they are named as not available, and not read."
            ),
            _("Who bought is told by doudian_open_id, which is one app's: it joins nobody outside the shop."),
            _("Finished is when the buyer or the platform confirmed receipt, days after the parcel came."),
            _("An order that is cancelled before it is paid never becomes one here."),
            _("Deliveries say no time of sending: a copy of an old one is known by its message ids alone."),
        ),
        source="抖店开放平台's own programs (com.doudian.open: signature, 100, 101, 102, 200; sdk_golang: orders) "
        "and public programs written by https://op.jinritemai.com/docs/message-docs/30/110 (103, 106, 206, 207, HMAC), "
        "…/guide-docs/10/23 (order.orderDetail, token.create) and 212/1427 (errors)",
        read_on="2026-11-29",
    ),
)
