"""Youzan 有赞: its message push. `msg` is JSON, URL-encoded in the older messages, an object in the newer refunds.

Messages come in any order; their `version` says which is the later. It is the time of what they say, and stands in the
messageId so that of two at one time the later version wins: our rule is the latest message per field.
Not here: asking Youzan's API for what a message leaves out.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import unquote, unquote_plus

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from msgspec import Meta, Struct, json

from channels.connectors import payloads, signatures
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
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection
from kernel.errors import Refused

CURRENCY: Final = "CNY"
SPACE: Final = "youzan"  # namespace of its own ids of people, the same in all of its shops
OWN_ACCOUNT: Final = "1"  # fans_type of followers of the shop's own official account
ON_DELIVERY: Final = "9"
METHODS: Final = {
    **dict.fromkeys(("1", "10", "11", "19", "20", "29", "72", "102", "110"), "wechat"),
    **dict.fromkeys(("2", "3", "30", "103", "111"), "alipay"),
    **dict.fromkeys(("36", "37", "104", "112", "113"), "card"),
    **dict.fromkeys(("25", "28", "33", "35", "106", "107", "300"), "balance"),
    "7": "paid_by_another",
    "201": "cash",
}
SUCCESS: Final = b'{"code":0,"msg":"success"}'
FIRST_VERSION: Final = datetime(2012, 1, 1, tzinfo=UTC)  # Youzan's first year; a smaller number is no time
AHEAD: Final = timedelta(days=1)
VERSION_DIGITS: Final = 20
_PHONE: Final = re.compile(r"[+\d][\d\- ]{5,20}\Z", re.ASCII)  # others are encrypted, or hidden

Data = dict[str, Any]


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose openids the shop's messages name."""

    app_id: Annotated[
        str,
        Meta(
            max_length=100,
            title=gettext_noop("App id of the shop's official account"),
            description=gettext_noop("wx…: followers' openids are its. Empty: openids are not read."),
        ),
    ] = ""


# ---- whose it is ------------------------------------------------------------------------------------


def handshake(connection: Connection, delivery: Delivery) -> Reply | None:
    """A test of the platform's says nothing: it is answered, once the secret is set."""
    if b'"test"' not in delivery.body:
        return None
    try:
        found = payloads.object_of(delivery.body)
    except Rejection:
        return None
    if found.get("test") is not True and payloads.text_of(found.get("test")).lower() != "true":
        return None
    _secrets(connection)
    return Reply(body=SUCCESS)


def verify(connection: Connection, delivery: Delivery, now: float) -> None:
    """MD5 over client id, body and client secret in the header; older apps have it over `msg`, in the body."""
    client, secret = _secrets(connection)
    given = delivery.headers.get("event-sign", "").strip().lower()
    if given:
        signed = client.encode() + delivery.body + secret.encode()
    else:
        found = _signed_inside(delivery.body)
        given = payloads.text_of(found.get("sign")).lower()
        message = found.get("msg")
        if not (given and isinstance(message, str)):
            raise signatures.missing("Event-Sign")
        signed = f"{client}{message}{secret}".encode("utf-8", "replace")
    signatures.same(given, signatures.digest_of(signed, "md5"))


def _secrets(connection: Connection) -> tuple[str, str]:
    client, secret = connection.secrets.get("client_id", ""), connection.secrets.get("client_secret", "")
    if not (client and secret):
        raise signatures.no_secret("client_id and client_secret")
    return client, secret


def _signed_inside(body: bytes) -> Data:
    try:
        return payloads.object_of(body)
    except Rejection:
        raise signatures.missing("Event-Sign") from None


def accepted(connection: Connection) -> Reply:
    """What ends the repeats."""
    return Reply(body=SUCCESS)


def refused(trouble: Refused) -> Reply:
    """Anything without the word: it comes again."""
    return Reply(trouble.status, json.encode({"code": 1, "msg": str(trouble)}))


# ---- what it says -----------------------------------------------------------------------------------


class Push(NamedTuple):
    """A message of theirs. `about`: the order's number, `at`: its time, by version."""

    own: Settings
    kind: str
    data: Data
    about: str
    at: str | None


Part = tuple[str, str, Data]  # what it is called here, its own number, its properties


def messages(connection: Connection, delivery: Delivery, received_at: datetime) -> Iterable[Message]:
    """What a message says of its order."""
    found = payloads.object_of(delivery.body)
    kind = payloads.text_of(found.get("type"))
    if kind not in READERS:
        raise Rejection(UNKNOWN_TOPIC, "type", topic=kind[:60])
    data = _data(found.get("msg"))
    order = payloads.inside(data, "full_order_info", "order_info")
    about = payloads.text_of(data.get("tid")) or payloads.text_of(payloads.inside(order, "tid"))
    if not about:
        raise Rejection(FIELD_OF_PLATFORM, "msg.tid")
    version = payloads.text_of(data.get("version")) or payloads.text_of(found.get("version"))
    written = data.get("update_time") or payloads.inside(order, "update_time")
    at = _time(version, received_at) or (written if isinstance(written, str) else None)
    push = Push(connection.settings, kind, data, about, at)
    people = _people(push)
    for event, number, properties in READERS[kind](push):
        kept = {name: value for name, value in properties.items() if value not in (None, "", [])}
        yield {
            "type": "track",
            "event": event,
            "messageId": f"{event}:{number}:{version[:VERSION_DIGITS]:0>{VERSION_DIGITS}}:{kind}",
            "timestamp": at,
            "identifiers": people,
            "properties": {"order_id": about, **kept},
        }


def _data(message: Any) -> Data:
    """`msg`, whichever of its forms it has."""
    if isinstance(message, dict):
        return message
    if not isinstance(message, str):
        raise Rejection(FIELD_OF_PLATFORM, "msg")
    try:
        return payloads.object_of(unquote_plus(message))
    except Rejection:
        return payloads.object_of(unquote(message))


def _time(version: str, received_at: datetime) -> str | None:
    """A version as a time: epoch seconds or milliseconds; None for a plain count."""
    if not (version.isascii() and version.isdigit() and len(version) in (10, 13)):
        return None
    found = datetime.fromtimestamp(int(version) / (1 if len(version) == 10 else 1000), UTC)
    return found.isoformat() if FIRST_VERSION <= found <= received_at + AHEAD else None


def _people(push: Push) -> list[dict[str, str]]:
    """Youzan's own id of the buyer, the phone where it is plain, the openid at the shop's own account."""
    buyer = payloads.inside(push.data, "full_order_info", "buyer_info")
    found = []
    own = payloads.text_of(payloads.inside(buyer, "yz_open_id"))
    if own:
        found.append({"kind": "marketplace_uid", "value": own, "namespace": SPACE})
    phone = payloads.text_of(payloads.inside(buyer, "buyer_phone"))
    if _PHONE.match(phone):
        found.append({"kind": "phone", "value": phone})
    openid = payloads.text_of(payloads.inside(buyer, "outer_user_id"))
    follows = payloads.text_of(payloads.inside(buyer, "fans_type")) == OWN_ACCOUNT
    if openid and follows and push.own.app_id:
        found.append({"kind": "openid", "value": openid, "namespace": push.own.app_id})
    return found


def _pay(push: Push) -> Data:
    found = payloads.inside(push.data, "full_order_info", "pay_info")
    return found if isinstance(found, dict) else {}


def _created(push: Push) -> Iterator[Part]:
    properties = {"payment_id": push.about, "amount": _pay(push).get("payment"), "currency": CURRENCY}
    yield "Payment Started", push.about, properties


def _paid(push: Push) -> Iterator[Part]:
    """An order and its payment."""
    paid = _pay(push)
    total = paid.get("payment")
    if total is None:
        raise Rejection(FIELD_OF_PLATFORM, "msg.full_order_info.pay_info.payment")
    goods = payloads.objects(payloads.inside(push.data, "full_order_info", "orders"))
    properties = {
        "total": total,
        "currency": CURRENCY,
        "shipping": paid.get("post_fee"),
        "products": [_line(one) for one in goods],
    }
    yield "Order Completed", push.about, properties
    how = payloads.text_of(payloads.inside(push.data, "full_order_info", "order_info", "pay_type"))
    if how != ON_DELIVERY:
        method = METHODS.get(how, how)
        properties = {"payment_id": push.about, "amount": total, "currency": CURRENCY, "method": method}
        yield "Payment Succeeded", push.about, properties


def _line(one: Data) -> Data:
    """A line at its price after the line's own discounts; its number is the shop's own where it has one."""
    numbers = (
        payloads.text_of(one.get(name)) for name in ("outer_sku_id", "outer_item_id", "sku_id", "item_id")
    )
    price = one.get("discount_price")
    found = {
        "sku": next((number for number in numbers if number not in ("", "0", "null")), None),
        "name": payloads.text_of(one.get("title")),
        "price": one.get("price") if price is None else price,
        "quantity": one.get("num"),
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def _shipped(push: Push) -> Iterator[Part]:
    parcel = payloads.text_of(push.data.get("express_no")) or payloads.text_of(push.data.get("dist_id"))
    properties = {"shipment_id": parcel, "carrier": payloads.text_of(push.data.get("express_id"))}
    yield "Order Shipped", f"{push.about}-{parcel}" if parcel else push.about, properties


def _finished(push: Push) -> Iterator[Part]:
    yield "Order Delivered", push.about, {}


def _cancelled(push: Push) -> Iterator[Part]:
    reason = payloads.text_of(push.data.get("close_reason")) or payloads.text_of(push.data.get("close_type"))
    yield "Order Cancelled", push.about, {"reason": reason}


def _refund(push: Push) -> tuple[str, Data]:
    number = payloads.text_of(push.data.get("refund_id"))
    if not number:
        raise Rejection(FIELD_OF_PLATFORM, "msg.refund_id")
    kinds = {"REFUND_ONLY": "refund", "REFUND_AND_RETURN": "return", "EXCHANGE_GOODS_FLOW": "exchange"}
    topic = kinds.get(payloads.text_of(push.data.get("refund_type")), "refund")
    return number, {"ticket_id": number, "topic": topic}


def _asked(push: Push) -> Iterator[Part]:
    yield "Ticket Opened", *_refund(push)


def _closed(push: Push) -> Iterator[Part]:
    yield "Ticket Resolved", *_refund(push)


def _refunded(push: Push) -> Iterator[Part]:
    """Its amount, in yuan, must be a number: without one a refund is all that is left of an order."""
    number, ticket = _refund(push)
    amount = payloads.text_of(push.data.get("refunded_fee"))
    if not _AMOUNT.match(amount):
        raise Rejection(FIELD_OF_PLATFORM, "msg.refunded_fee")
    reason = payloads.text_of(push.data.get("refund_reason_desc")) or payloads.text_of(
        push.data.get("refund_reason")
    )
    yield (
        "Order Refunded",
        number,
        {"refund_id": number, "total": amount, "currency": CURRENCY, "reason": reason},
    )
    yield "Ticket Resolved", number, ticket


_AMOUNT: Final = re.compile(r"\d{1,12}(\.\d{1,4})?\Z", re.ASCII)

READERS: Final[Mapping[str, Callable[[Push], Iterator[Part]]]] = {
    "trade_TradeCreate": _created,
    "trade_TradePaid": _paid,
    "trade_TradeBuyerPay": _paid,
    "trade_TradeSellerShip": _shipped,
    "trade_TradePartlySellerShip": _shipped,
    "trade_TradeSuccess": _finished,
    "trade_TradeClose": _cancelled,
    "trade_refund_BuyerCreated": _asked,
    "trade_refund_RefundSellerCreated": _asked,
    "youzan_trade_RefundCreated": _asked,
    "trade_refund_RefundSellerAgree": _refunded,
    "trade_refund_RefundSuccess": _refunded,
    "trade_refund_SysRefund": _refunded,
    "youzan_trade_RefundSuccess": _refunded,
    "trade_refund_RefundClosed": _closed,
    "youzan_trade_RefundClosed": _closed,
}


# ---- what an admin sets -----------------------------------------------------------------------------


def check(connection: Connection) -> str:
    """Whether messages could be checked."""
    if not (connection.secrets.get("client_id") and connection.secrets.get("client_secret")):
        raise Forged("no_secret", gettext("The client_id and client_secret are not set yet."))
    return gettext(
        "Messages can be checked. Save the address at the platform, and authorize your shop for the app."
    )


YOUZAN = ConnectorKind(
    name="youzan",
    label=_("Youzan 有赞"),
    category="shop",
    direction=HOOK,
    about=_("Orders with their goods and buyers, payments, parcels and refunds of a Youzan shop."),
    settings=Settings,
    secrets=(
        Secret("client_id", "client_id", _("Of the app at Youzan Cloud 有赞云.")),
        Secret("client_secret", "client_secret"),
    ),
    handshake=handshake,
    verify=verify,
    messages=messages,
    accepted=accepted,
    refused=refused,
    check=check,
    guide=Guide(
        steps=(
            _("Set the client_id and client_secret of your app here."),
            _("At Youzan Cloud open the app's message subscription 消息订阅 and enter the hook's address."),
            _("Subscribe to trades: created, paid, shipped, finished, closed, and to refunds."),
            _("Authorize your shop for the app, and pay a small order."),
        ),
        untold=(
            _("Phones of buyers are mostly encrypted: those that are not plain are not read."),
            _(
                "Which goods of an order were refunded is told by line numbers alone: refunds count as amounts."
            ),
            _("The number of the parcel stands in no message of a whole order that is shipped."),
            _("Messages say no time of sending: a copy of an old one is known by its version alone."),
        ),
        source="public programs and notes written by https://doc.youzanyun.com (消息推送, trade_TradePaid, MSG/201, "
        "MSG/209), with deliveries as they came",
        read_on="2026-11-29",
    ),
)
