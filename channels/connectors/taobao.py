"""Taobao and Tmall 淘宝 天猫: the open platform's (TOP) signed requests, for the orders and refunds of one shop.

Each request is a form, its parameters sorted by name, each name before its value, and their HMAC-MD5 with the app
secret in upper hex. Times are Beijing's. Who bought is a number that is good within the app alone.
Not here: which stretch and page is asked for (pulled.py).
"""

import hmac
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
from channels.connectors.shops import NOBODY, Buyer, parts
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection, quoted

GATEWAY: Final = "https://eco.taobao.com/router/rest"
LARGEST_PAGE: Final = 100
REQUESTS_A_SECOND: Final = 5.0
FAR_BACK: Final = 90  # days whose orders the platform tells
TOO_OFTEN: Final = frozenset(("7", "isp.call-limited"))
BUSY: Final = ("limited", "flow", "isp.")
KEYS: Final = frozenset(
    ("24", "25", "26", "27", "28", "29")
)  # signature or session: missing, wrong, at its end

UNPAID: Final = frozenset(
    (
        "TRADE_NO_CREATE_PAY",
        "WAIT_BUYER_PAY",
        "PAY_PENDING",
        "WAIT_PRE_AUTH_CONFIRM",
        "TRADE_CLOSED_BY_TAOBAO",
    )
)
CLOSED: Final = "TRADE_CLOSED"  # paid, and all of it given back
OVER: Final = "TRADE_FINISHED"
REFUNDED: Final = "SUCCESS"


class Interface(NamedTuple):
    """What is asked for a feed, and where the rows of its answer stand."""

    method: str
    fields: str
    answer: str
    rows: tuple[str, str]


INTERFACES: Final = {
    "orders": Interface(
        "taobao.trades.sold.increment.get",
        "tid,tid_str,type,status,payment,post_fee,total_fee,discount_fee,adjust_fee,commission_fee,received_payment,"
        "created,pay_time,consign_time,end_time,modified,buyer_open_uid,step_trade_status,step_paid_fee,"
        "orders.oid,orders.oid_str,orders.num_iid,orders.outer_iid,orders.outer_sku_id,orders.sku_id,orders.title,"
        "orders.price,orders.num,orders.total_fee,orders.payment,orders.discount_fee,orders.adjust_fee,"
        "orders.part_mjz_discount,orders.divide_order_fee,orders.status,orders.refund_status,orders.consign_time,"
        "orders.logistics_company,orders.invoice_no",
        "trades_sold_increment_get_response",
        ("trades", "trade"),
    ),
    "refunds": Interface(
        "taobao.refunds.receive.get",
        "refund_id,tid,oid,status,refund_fee,reason,created,modified,has_good_return,good_status,num,outer_id,"
        "num_iid,refund_phase",
        "refunds_receive_get_response",
        ("refunds", "refund"),
    ),
}


class Settings(Pulled, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is pulled."""

    orders: erp.Orders = True
    refunds: erp.Refunds = True
    days: erp.Back = 30
    address: erp.Address = GATEWAY


# ---- asking -----------------------------------------------------------------------------------------


def fetch(connection: Connection, api: Api, cursor: Any) -> Page:
    """The next page of what is pulled."""
    own = connection.settings
    feeds = [Feed(topic, DAY, _asks(one)) for topic, one in INTERFACES.items() if getattr(own, topic)]
    return pulled.fetch(connection, api, cursor, feeds, min(own.days, FAR_BACK) * DAY)


def _asks(interface: Interface) -> Any:
    def ask(connection: Connection, api: Api, stretch: Stretch) -> Found:
        key, secret, session = pulled.needed(connection, "app_key", "app_secret", "session")
        form = {
            "method": interface.method,
            "app_key": key,
            "session": session,
            "timestamp": pulled.written(int(api.now)),
            "format": "json",
            "v": "2.0",
            "sign_method": "hmac",
            "fields": interface.fields,
            "start_modified": pulled.written(stretch.since),
            "end_modified": pulled.written(stretch.until),
            "page_no": str(stretch.page),
            "page_size": str(LARGEST_PAGE),
            "use_has_next": "false",
        }
        answer = pulled.post(api, str(connection.settings.address), {**form, "sign": sign(form, secret)})
        found = _checked(answer, interface.answer)
        outer, inner = interface.rows
        rows = pulled.rows_of(payloads.inside(found, outer, inner), f"{interface.answer}.{outer}.{inner}")
        total = payloads.text_of(found.get("total_results")) or "0"
        return Found(rows, pulled.pages_of(total, LARGEST_PAGE))

    return ask


def _checked(answer: dict[str, Any], name: str) -> dict[str, Any]:
    trouble = answer.get("error_response")
    if isinstance(trouble, dict):
        code, sub = payloads.text_of(trouble.get("code")), payloads.text_of(trouble.get("sub_code"))
        busy = code in TOO_OFTEN or any(word in sub for word in BUSY)
        words = (sub, trouble.get("msg"), trouble.get("sub_msg"))
        raise pulled.failed(code or "?", *words, busy=busy, credentials=code in KEYS)
    return pulled.object_at(answer, name)


def sign(form: Mapping[str, str], secret: str) -> str:
    """HMAC-MD5 of the sorted parameters, in upper hex."""
    plain = "".join(f"{name}{value}" for name, value in sorted(form.items()) if name != "sign")
    return hmac.digest(secret.encode(), plain.encode(), "md5").hex().upper()


# ---- what it says -----------------------------------------------------------------------------------

Row = dict[str, Any]


def messages(
    connection: Connection, delivery: Delivery, received_at: datetime
) -> Iterator[Message | Unusable]:
    """What a page says, row by row."""
    read = READERS.get(delivery.query)
    if read is None:
        raise Rejection(UNKNOWN_TOPIC, topic=quoted(delivery.query))
    space = f"taobao:{connection.secrets.get('app_key', '')}"
    return pulled.each(delivery.query, delivery.body, lambda row: read(row, space))


def order(row: Row, space: str) -> Iterable[Message]:
    """A trade that was paid, or is paid on delivery; an order closed before it was paid never was one."""
    number = shops.number(row.get("tid_str")) or shops.needed(row, "tid")
    status = shops.text(row.get("status")) or ""
    if not status:
        raise Rejection(FIELD_OF_PLATFORM, "status")
    paid = moment(row.get("pay_time"))
    if status in UNPAID and not (paid and status == "TRADE_CLOSED_BY_TAOBAO"):
        return []
    total = row.get("payment")
    if shops.amount(total) is None:
        raise Rejection(FIELD_OF_PLATFORM, "payment")
    who = Buyer(shops.number(row.get("buyer_open_uid")), space)
    placed, changed = moment(row.get("created"), row.get("pay_time")), moment(row.get("modified"))
    properties = _properties(number, row)
    told = [shops.once("Order Completed", f"order-{number}", placed, who, properties)]
    if changed and changed != placed:
        told.append(shops.track("Order Updated", f"order-{number}-updated", changed, who, properties))
    if paid:
        said = {"order_id": number, "payment_id": f"{number}-paid", "amount": total, "currency": CURRENCY}
        told.append(
            shops.track(
                "Payment Succeeded", f"order-{number}-payment", paid, who, {**said, "method": "alipay"}
            )
        )
    return [*told, *_parcels(number, row, who)]


def _properties(number: str, row: Row) -> dict[str, Any]:
    lines = parts(payloads.inside(row, "orders", "order"))
    commission = above_nought(row.get("commission_fee"))
    return {
        "order_id": number,
        "total": row.get("payment"),
        "currency": CURRENCY,
        "products": [_line(one) for one in lines],
        "shipping": row.get("post_fee"),
        "discount": above_nought(shops.written(shops.total(one.get("discount_fee") or 0 for one in lines))),
        "paid": row.get("payment"),
        "fees": [{"kind": "commission", "amount": commission}] if commission else None,
        "payout": above_nought(row.get("received_payment")),
    }


def _line(one: Row) -> dict[str, Any]:
    names = ("outer_sku_id", "outer_iid", "sku_id", "num_iid")
    sku = next((number for name in names if (number := shops.number(one.get(name)))), None)
    share = shops.first(one.get("divide_order_fee"), one.get("payment"))
    return erp.line(sku, one.get("title"), one.get("num"), share, one.get("price"))


def _parcels(number: str, row: Row, who: Buyer) -> Iterator[Message]:
    """By the number on the parcel, in which several lines may lie; that they came, once the trade is over."""
    found: dict[str, tuple[Any, str | None]] = {}
    for one in parts(payloads.inside(row, "orders", "order")):
        parcel, left = (
            shops.number(one.get("invoice_no")),
            moment(one.get("consign_time"), row.get("consign_time")),
        )
        if parcel and left:
            found.setdefault(parcel, (left, shops.text(one.get("logistics_company"))))
    if not found and (left := moment(row.get("consign_time"))):
        found[""] = (left, None)
    over = moment(row.get("end_time")) if shops.text(row.get("status")) == OVER else None
    for parcel, (left, carrier) in found.items():
        said = {"order_id": number, "shipment_id": parcel, "carrier": carrier}
        yield shops.track("Order Shipped", f"shipment-{number}-{parcel}", left, who, said)
        if over:
            yield shops.track("Order Delivered", f"shipment-{number}-{parcel}-there", over, who, said)


def refund(row: Row, space: str) -> Iterable[Message]:
    """A refund that is through, with the goods that came back; one on its way is a question to the shop."""
    key, number = shops.needed(row, "refund_id"), shops.needed(row, "tid")
    asked, at = moment(row.get("created")), moment(row.get("modified"))
    status = shops.text(row.get("status"))
    ticket = {
        "ticket_id": key,
        "order_id": number,
        "topic": "return" if row.get("has_good_return") is True else "refund",
    }
    told = [shops.track("Ticket Opened", f"ticket-{key}", asked, NOBODY, ticket)]
    if status in (REFUNDED, "CLOSED"):
        told.append(shops.track("Ticket Resolved", f"ticket-{key}-over", at, NOBODY, ticket))
    if status != REFUNDED:
        return told
    given = shops.amount(row.get("refund_fee"))
    if given is None:
        raise Rejection(FIELD_OF_PLATFORM, "refund_fee")
    named = {"order_id": number, "reason": shops.text(row.get("reason"))}
    sku = shops.number(row.get("outer_id")) or shops.number(row.get("num_iid"))
    goods = [shops.said(sku=sku, quantity=row.get("num"))] if sku and row.get("num") is not None else None
    said = {**named, "refund_id": key, "total": shops.written(given), "currency": CURRENCY}
    told.append(shops.track("Order Refunded", f"refund-{key}", at, NOBODY, said))
    if row.get("has_good_return") is True:
        back = {**named, "return_id": key, "products": goods}
        told.append(shops.track("Return Received", f"return-{key}", at, NOBODY, back))
    return told


READERS: Final[Mapping[str, Callable[[Row, str], Iterable[Message]]]] = MappingProxyType(
    {"orders": order, "refunds": refund}
)


# ---- what an admin sets -----------------------------------------------------------------------------


def check(connection: Connection) -> str:
    """Whether there is what requests are signed with."""
    pulled.needed(connection, "app_key", "app_secret", "session")
    return gettext("Requests can be signed. The next pull shows whether the platform takes them.")


TAOBAO = ConnectorKind(
    name="taobao",
    label=_("Taobao and Tmall 淘宝 天猫"),
    category="shop",
    direction=PULL,
    about=_("Orders with their goods, payments, parcels, refunds and returns of a shop on Taobao or Tmall."),
    settings=Settings,
    secrets=(
        Secret("app_key", _("App key"), _("Of the app at Taobao's open platform 淘宝开放平台.")),
        Secret("app_secret", _("App secret")),
        Secret("session", _("Session key"), _("Of the shop, from its authorization of the app.")),
    ),
    pace=lambda _settings: REQUESTS_A_SECOND,
    messages=messages,
    fetch=fetch,
    check=check,
    guide=Guide(
        steps=(
            _("At Taobao's open platform make an app that may read orders (订单信息查询) and refunds."),
            _("Authorize it by the shop's main account, and set app key, app secret and session key here."),
            _("When the authorization ends, authorize anew and set the new session key."),
        ),
        untold=(
            _(
                "Who bought is told by buyer_open_uid, good within one app: names, nicks, phones and addresses come "
                "masked or encrypted and are not read as identifiers."
            ),
            _("Orders of more than three months ago."),
            _("Who bears a discount, and fees beside the commission: the platform's bills tell it."),
            _("A return is told when its refund is through: when the goods came is not said."),
            _("A session key is renewed by the shop's authorization, not here."),
        ),
        source="Taobao's own programs (com.taobao.api, top.api: trades.sold.increment.get, refunds.receive.get, hmac) "
        "and public programs written by open.taobao.com/api.htm",
        read_on="2026-11-29",
    ),
)
