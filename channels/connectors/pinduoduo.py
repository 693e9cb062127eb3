"""Pinduoduo 拼多多: the open platform's signed requests, for the orders and refunds of one shop.

Each request is a form; MD5 in upper hex of the secret, the parameters sorted by name, the secret. A stretch has 30
minutes at most, its pages are walked from the last one. Times of rows are Beijing's, amounts in yuan.
Not here: which stretch and page is asked for (pulled.py).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from channels.connectors import erp, payloads, pulled, shops
from channels.connectors.base import (
    PULL,
    Api,
    Connection,
    ConnectorKind,
    Delivery,
    Guide,
    Message,
    Page,
    Pulled,
    Secret,
    Unusable,
)
from channels.connectors.erp import CURRENCY, above_nought
from channels.connectors.pulled import DAY, Feed, Found, Stretch, moment
from channels.connectors.shops import NOBODY, parts
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection, quoted

GATEWAY: Final = "https://gw-api.pinduoduo.com/api/router"
HALF_AN_HOUR: Final = 1_800  # seconds: the longest stretch that is answered
LARGEST_PAGE: Final = 100
REQUESTS_A_SECOND: Final = 8.0  # 600 a minute are allowed
FAR_BACK: Final = 90  # days whose orders the platform tells
TOO_OFTEN: Final = frozenset(("70031", "70032", "70033", "70034", "70035", "52101", "52102", "52103"))
KEYS: Final = frozenset(("10001", "10016", "10018", "10019", "20004", "20005", "20031", "20035"))
WAITS, CONFIRMED, CANCELLED = "0", "1", "2"  # confirm_status
SENT: Final = frozenset(("2", "3"))  # order_status
REFUNDED: Final = "10"  # after_sales_status
OVER: Final = frozenset(("9", REFUNDED, "11", "12", "13"))
WITH_GOODS: Final = "3"  # after_sales_type
METHODS: Final = {"WEIXIN": "wechat", "ALIPAY": "alipay", "QQ": "qq", "LIANLIANPAY": "lianlian"}


class Interface(NamedTuple):
    """What is asked for a feed, and where the rows of its answer stand."""

    type: str
    asked: Mapping[str, str]
    answer: str
    rows: str


INTERFACES: Final = {
    "orders": Interface(
        "pdd.order.number.list.increment.get",
        {"is_lucky_flag": "0", "order_status": "5", "refund_status": "5", "use_has_next": "false"},
        "order_sn_increment_get_response",
        "order_sn_list",
    ),
    "refunds": Interface(
        "pdd.refund.list.increment.get",
        {"after_sales_status": REFUNDED, "after_sales_type": "1"},
        "refund_increment_get_response",
        "refund_list",
    ),
}


class Settings(Pulled, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is pulled."""

    orders: erp.Orders = True
    refunds: erp.Refunds = True
    days: erp.Back = 7
    address: erp.Address = GATEWAY


# ---- asking -----------------------------------------------------------------------------------------


def fetch(connection: Connection, api: Api, cursor: Any) -> Page:
    """The next page of what is pulled."""
    own = connection.settings
    feeds = [
        Feed(topic, HALF_AN_HOUR, _asks(one)) for topic, one in INTERFACES.items() if getattr(own, topic)
    ]
    return pulled.fetch(connection, api, cursor, feeds, min(own.days, FAR_BACK) * DAY)


def _asks(interface: Interface) -> Any:
    def ask(connection: Connection, api: Api, stretch: Stretch) -> Found:
        key, secret, token = pulled.needed(connection, "client_id", "client_secret", "access_token")
        form = {
            "type": interface.type,
            "client_id": key,
            "access_token": token,
            "timestamp": str(int(api.now)),
            "data_type": "JSON",
            "version": "V1",
            **interface.asked,
            "start_updated_at": str(stretch.since),
            "end_updated_at": str(stretch.until),
            "page": str(stretch.page),
            "page_size": str(LARGEST_PAGE),
        }
        form["sign"] = pulled.md5_between(form, secret)
        found = _checked(pulled.post(api, str(connection.settings.address), form), interface.answer)
        rows = pulled.rows_of(found.get(interface.rows), f"{interface.answer}.{interface.rows}")
        pages = pulled.pages_of(found.get("total_count"), LARGEST_PAGE)
        return Found(rows, pages, len(rows) >= LARGEST_PAGE)

    return ask


def _checked(answer: dict[str, Any], name: str) -> dict[str, Any]:
    trouble = answer.get("error_response")
    if isinstance(trouble, dict):
        code, sub = payloads.text_of(trouble.get("error_code")), payloads.text_of(trouble.get("sub_code"))
        busy = bool({code, sub} & TOO_OFTEN)
        keys = bool({code, sub} & KEYS)
        raise pulled.failed(
            code or "?", trouble.get("error_msg"), trouble.get("sub_msg"), busy=busy, credentials=keys
        )
    return pulled.object_at(answer, name)


# ---- what it says -----------------------------------------------------------------------------------

Row = dict[str, Any]


def messages(
    connection: Connection, delivery: Delivery, received_at: datetime
) -> Iterator[Message | Unusable]:
    """What a page says, row by row."""
    read = READERS.get(delivery.query)
    if read is None:
        raise Rejection(UNKNOWN_TOPIC, topic=quoted(delivery.query))
    return pulled.each(delivery.query, delivery.body, read)


def order(row: Row) -> Iterable[Message]:
    """An order that is agreed and paid; one whose group never came together never was one."""
    number = shops.needed(row, "order_sn")
    state = payloads.text_of(row.get("confirm_status"))
    agreed = moment(row.get("confirm_time"), row.get("pay_time"))
    if not agreed or state == WAITS:
        return []
    total = row.get("pay_amount")
    if shops.amount(total) is None:
        raise Rejection(FIELD_OF_PLATFORM, "pay_amount")
    changed = moment(row.get("updated_at"))
    properties = {
        "order_id": number,
        "total": total,
        "currency": CURRENCY,
        "products": [_line(one) for one in parts(row.get("item_list"))],
        "shipping": row.get("postage"),
        "discount": above_nought(row.get("discount_amount")),
        "paid": total,
        "merchant_discount": above_nought(row.get("seller_discount")),
        "platform_discount": above_nought(row.get("platform_discount")),
        "store": shops.text(payloads.inside(row, "store_info", "store_name")),
    }
    told = [shops.once("Order Completed", f"order-{number}", agreed, NOBODY, properties)]
    if changed and changed != agreed:
        told.append(shops.track("Order Updated", f"order-{number}-updated", changed, NOBODY, properties))
    return [*told, *_after(number, row, state, changed or agreed)]


def _line(one: Row) -> dict[str, Any]:
    names = ("outer_id", "outer_goods_id", "sku_id", "goods_id")
    sku = next((number for name in names if (number := shops.number(one.get(name)))), None)
    name = " ".join(
        text for text in (shops.text(one.get("goods_name")), shops.text(one.get("goods_spec"))) if text
    )
    return shops.said(sku=sku, name=name, price=one.get("goods_price"), quantity=one.get("goods_count"))


def _after(number: str, row: Row, state: str, changed: Any) -> Iterator[Message]:
    """Its payment, its parcel, that it came, or that it was cancelled."""
    paid = moment(row.get("pay_time"))
    named = {"order_id": number}
    if paid:
        how = shops.text(row.get("pay_type")) or ""
        said = {
            **named,
            "payment_id": f"{number}-paid",
            "amount": row.get("pay_amount"),
            "currency": CURRENCY,
            "method": METHODS.get(how, how),
        }
        yield shops.track("Payment Succeeded", f"order-{number}-payment", paid, NOBODY, said)
    left, parcel = moment(row.get("shipping_time")), shops.number(row.get("tracking_number"))
    said = {**named, "shipment_id": parcel, "carrier": payloads.text_of(row.get("logistics_id"))}
    if payloads.text_of(row.get("order_status")) in SENT and left:
        yield shops.track("Order Shipped", f"shipment-{number}-{parcel}", left, NOBODY, said)
    there = moment(row.get("receive_time"))
    if there:
        yield shops.track("Order Delivered", f"shipment-{number}-{parcel}-there", there, NOBODY, said)
    if state == CANCELLED:
        yield shops.track("Order Cancelled", f"order-{number}-cancelled", changed, NOBODY, named)


def refund(row: Row) -> Iterable[Message]:
    """A refund that is through."""
    key, number = shops.needed(row, "id"), shops.needed(row, "order_sn")
    asked, at = moment(row.get("created_time")), moment(row.get("updated_time"))
    state, kind = (
        payloads.text_of(row.get("after_sales_status")),
        payloads.text_of(row.get("after_sales_type")),
    )
    ticket = {"ticket_id": key, "order_id": number, "topic": "return" if kind == WITH_GOODS else "refund"}
    told = [shops.track("Ticket Opened", f"ticket-{key}", asked, NOBODY, ticket)]
    if state in OVER:
        told.append(shops.track("Ticket Resolved", f"ticket-{key}-over", at, NOBODY, ticket))
    if state != REFUNDED:
        return told
    given = shops.amount(row.get("refund_amount"))
    if given is None:
        raise Rejection(FIELD_OF_PLATFORM, "refund_amount")
    named = {"order_id": number, "reason": shops.text(row.get("after_sale_reason"))}
    said = {**named, "refund_id": key, "total": shops.written(given), "currency": CURRENCY}
    told.append(shops.track("Order Refunded", f"refund-{key}", at, NOBODY, said))
    if kind == WITH_GOODS:
        names = ("outer_id", "outer_goods_id", "sku_id", "goods_id")
        sku = next((found for name in names if (found := shops.number(row.get(name)))), None)
        goods = [shops.said(sku=sku, quantity=row.get("goods_number"))] if sku else None
        back = {**named, "return_id": key, "products": goods}
        told.append(shops.track("Return Received", f"return-{key}", at, NOBODY, back))
    return told


READERS: Final[Mapping[str, Callable[[Row], Iterable[Message]]]] = MappingProxyType(
    {"orders": order, "refunds": refund}
)


# ---- what an admin sets -----------------------------------------------------------------------------


def check(connection: Connection) -> str:
    """Whether there is what requests are signed with."""
    pulled.needed(connection, "client_id", "client_secret", "access_token")
    return gettext("Requests can be signed. The next pull shows whether the platform takes them.")


PINDUODUO = ConnectorKind(
    name="pinduoduo",
    label=_("Pinduoduo 拼多多"),
    category="shop",
    direction=PULL,
    about=_("Orders with their goods, payments, parcels, refunds and returns of a shop on Pinduoduo."),
    settings=Settings,
    secrets=(
        Secret("client_id", "client_id", _("Of the app at Pinduoduo's open platform 拼多多开放平台.")),
        Secret("client_secret", "client_secret"),
        Secret("access_token", _("Access token"), _("Of the shop, from its authorization of the app.")),
    ),
    pace=lambda _settings: REQUESTS_A_SECOND,
    messages=messages,
    fetch=fetch,
    check=check,
    guide=Guide(
        steps=(
            _(
                "At Pinduoduo's open platform make an app of the merchant's own 商家自研, which may take a review."
            ),
            _("Authorize it by the shop, and set client_id, client_secret and access token here."),
            _("The platform answers programs outside its cloud 多多云 only as far as the app is allowed to."),
        ),
        untold=(
            _(
                "Who bought: names, phones and addresses are encrypted, and no number of the buyer is told at all."
            ),
            _("What of a discount falls on which line: lines have their price, the order what was paid."),
            _(
                "What the platform pays out and its fees: its bill tells it. Orders of more than three months ago."
            ),
            _("A return is told when its refund is through: when the goods came is not said."),
        ),
        source="public programs with the field lists of pdd.order.number.list.increment.get and "
        "pdd.refund.list.increment.get (open.pinduoduo.com/application/document/api)",
        read_on="2026-11-29",
    ),
)
