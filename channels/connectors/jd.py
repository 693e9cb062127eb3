"""JD 京东: the open platform's (JOS) signed requests, for the orders of one POP shop.

Each request is a form; what is asked stands in `360buy_param_json`; MD5 in upper hex of the secret, the parameters
sorted by name, the secret. Times are Beijing's. Not here: which stretch and page is asked for (pulled.py).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from msgspec import json

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
from channels.connectors.shops import Buyer, parts
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection, quoted

GATEWAY: Final = "https://api.jd.com/routerjson"
ORDERS: Final = "jingdong.pop.order.search"
LARGEST_PAGE: Final = 100
REQUESTS_A_SECOND: Final = 5.0
FAR_BACK: Final = 90  # days whose changed orders the platform tells
STATES: Final = (
    "WAIT_SELLER_STOCK_OUT,WAIT_GOODS_RECEIVE_CONFIRM,WAIT_SELLER_DELIVERY,POP_ORDER_PAUSE,FINISHED_L,"
    "TRADE_CANCELED,LOCKED"
)
FIELDS: Final = (
    "orderId,venderId,orderType,payType,orderTotalPrice,orderSellerPrice,orderPayment,freightPrice,sellerDiscount,"
    "orderState,orderStartTime,orderEndTime,modified,paymentConfirmTime,itemInfoList,couponDetailList,logisticsId,"
    "waybill,open_id_buyer"
)
BY_MODIFIED: Final = 0  # dateType; 1 is by creation
OLDEST_FIRST: Final = 0  # sortType; 1 is newest first
CANCELLED: Final = "TRADE_CANCELED"
OVER: Final = "FINISHED_L"
SENT: Final = frozenset(("WAIT_GOODS_RECEIVE_CONFIRM", OVER))
ON_DELIVERY: Final = "1"  # how a payType begins that is paid to the carrier
OF_JD: Final = frozenset(("34", "39", "41"))  # couponType: red packets, beans and coupons of JD's own
TOO_OFTEN: Final = frozenset(("43", "44", "50", "60", "80"))  # calls of the app, the user, the interface
KEYS: Final = frozenset(("10100021", "12", "17", "18", "19", "20", "25", "27"))  # signature, app key, token


class Settings(Pulled, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far back is pulled."""

    days: erp.Back = 30
    address: erp.Address = GATEWAY


# ---- asking -----------------------------------------------------------------------------------------


def fetch(connection: Connection, api: Api, cursor: Any) -> Page:
    """The next page of what is pulled."""
    back = min(connection.settings.days, FAR_BACK) * DAY
    return pulled.fetch(connection, api, cursor, [Feed("orders", DAY, _orders)], back)


def _orders(connection: Connection, api: Api, stretch: Stretch) -> Found:
    key, secret, token = pulled.needed(connection, "app_key", "app_secret", "access_token")
    asked = {
        "source_id": "JOS",
        "start_date": pulled.written(stretch.since),
        "end_date": pulled.written(stretch.until),
        "order_state": STATES,
        "optional_fields": FIELDS,
        "page": str(stretch.page),
        "page_size": str(LARGEST_PAGE),
        "sortType": OLDEST_FIRST,
        "dateType": BY_MODIFIED,
    }
    form = {
        "method": ORDERS,
        "app_key": key,
        "access_token": token,
        "timestamp": pulled.written(int(api.now)),
        "v": "2.0",
        "360buy_param_json": json.encode(asked).decode(),
    }
    form["sign"] = pulled.md5_between(form, secret)
    found = _checked(pulled.post(api, str(connection.settings.address), form))
    rows = pulled.rows_of(found.get("orderInfoList"), "orderInfoList")
    total = payloads.text_of(found.get("orderTotal"))
    return Found(rows, pulled.pages_of(total, LARGEST_PAGE), len(rows) >= LARGEST_PAGE)


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    """The result of a search. JD spells its answers' names with a c."""
    trouble = answer.get("error_response")
    if isinstance(trouble, dict):
        raise _failed(trouble.get("code"), trouble.get("zh_desc"), trouble.get("msg"), trouble.get("en_desc"))
    name = f"{ORDERS.replace('.', '_')}_respon"
    found = next((answer[one] for one in (f"{name}ce", f"{name}se") if one in answer), None)
    if not isinstance(found, dict):
        if "code" in answer:
            raise _failed(answer.get("code"), answer.get("errorMessage"))
        raise pulled.unlike(f"{name}ce")
    code = payloads.text_of(found.get("code"))
    if code not in ("", "0"):
        raise _failed(code, found.get("zh_desc"), found.get("msg"))
    result = payloads.inside(found, "searchorderinfo_result") or payloads.inside(found, "orderInfoResult")
    if not isinstance(result, dict):
        raise pulled.unlike("searchorderinfo_result")
    said = payloads.inside(result, "apiResult")
    if not isinstance(said, dict) or str(said.get("success")).lower() != "true":
        said = said if isinstance(said, dict) else {}
        words = (said.get("chineseErrCode"), said.get("englishErrCode"))
        raise _failed(said.get("numberCode"), *words)
    return result


def _failed(code: Any, *words: Any) -> Exception:
    text = payloads.text_of(code)
    return pulled.failed(text or "?", *words, busy=text in TOO_OFTEN, credentials=text in KEYS)


# ---- what it says -----------------------------------------------------------------------------------

Row = dict[str, Any]


def messages(
    connection: Connection, delivery: Delivery, received_at: datetime
) -> Iterator[Message | Unusable]:
    """What a page says, row by row."""
    if delivery.query != "orders":
        raise Rejection(UNKNOWN_TOPIC, topic=quoted(delivery.query))
    space = f"jd:{connection.secrets.get('app_key', '')}"
    return pulled.each(delivery.query, delivery.body, lambda row: order(row, space))


def order(row: Row, space: str) -> Iterable[Message]:
    """An order that was paid, or is paid on delivery; one cancelled before never was one."""
    number = shops.needed(row, "orderId")
    state = shops.text(row.get("orderState"))
    if not state:
        raise Rejection(FIELD_OF_PLATFORM, "orderState")
    paid = moment(row.get("paymentConfirmTime"))
    later = (shops.text(row.get("payType")) or "").startswith(ON_DELIVERY)
    if state == CANCELLED and not paid and not later:
        return []
    total = row.get("orderPayment")
    if shops.amount(total) is None:
        raise Rejection(FIELD_OF_PLATFORM, "orderPayment")
    who = Buyer(shops.number(row.get("open_id_buyer")), space)
    placed, changed = moment(row.get("orderStartTime")), moment(row.get("modified"))
    properties = {
        "order_id": number,
        "total": total,
        "currency": CURRENCY,
        "products": [_line(one) for one in parts(row.get("itemInfoList"))],
        "shipping": row.get("freightPrice"),
        "discount": above_nought(row.get("sellerDiscount")),
        "paid": total,
        "merchant_discount": above_nought(row.get("sellerDiscount")),
        "platform_discount": _of_jd(row),
    }
    told = [shops.once("Order Completed", f"order-{number}", placed, who, properties)]
    if changed and changed != placed:
        told.append(shops.track("Order Updated", f"order-{number}-updated", changed, who, properties))
    if paid and not later:
        said = {"order_id": number, "payment_id": f"{number}-paid", "amount": total, "currency": CURRENCY}
        how = shops.text(row.get("payType"))
        told.append(
            shops.track("Payment Succeeded", f"order-{number}-payment", paid, who, {**said, "method": how})
        )
    return [*told, *_ends(number, row, state, who)]


def _line(one: Row) -> dict[str, Any]:
    sku = shops.number(one.get("outerSkuId")) or shops.number(one.get("skuId"))
    return shops.said(
        sku=sku, name=shops.text(one.get("skuName")), price=one.get("jdPrice"), quantity=one.get("itemTotal")
    )


def _of_jd(row: Row) -> str | None:
    """What JD itself took off."""
    given = [
        one.get("couponPrice")
        for one in parts(row.get("couponDetailList"))
        if (shops.text(one.get("couponType")) or "").partition("-")[0] in OF_JD
    ]
    return above_nought(shops.written(shops.total(given)))


def _ends(number: str, row: Row, state: str, who: Buyer) -> Iterator[Message]:
    """A parcel, that it came, or that the order was cancelled."""
    changed = moment(row.get("modified"))
    parcel = shops.number(row.get("waybill"))
    said = {"order_id": number, "shipment_id": parcel, "carrier": shops.text(row.get("logisticsId"))}
    if state in SENT:
        yield shops.track("Order Shipped", f"shipment-{number}-{parcel}", changed, who, said)
    if state == OVER:
        there = moment(row.get("orderEndTime"), row.get("modified"))
        yield shops.track("Order Delivered", f"shipment-{number}-{parcel}-there", there, who, said)
    if state == CANCELLED:
        yield shops.track("Order Cancelled", f"order-{number}-cancelled", changed, who, {"order_id": number})


# ---- what an admin sets -----------------------------------------------------------------------------


def check(connection: Connection) -> str:
    """Whether there is what requests are signed with."""
    pulled.needed(connection, "app_key", "app_secret", "access_token")
    return gettext("Requests can be signed. The next pull shows whether the platform takes them.")


JD = ConnectorKind(
    name="jd",
    label=_("JD 京东"),
    category="shop",
    direction=PULL,
    about=_("Orders with their goods, payments, parcels and cancellations of a POP shop on JD."),
    settings=Settings,
    secrets=(
        Secret("app_key", _("App key"), _("Of the app at JD's open platform 京东开放平台 (JOS).")),
        Secret("app_secret", _("App secret")),
        Secret("access_token", _("Access token"), _("Of the shop, from its authorization of the app.")),
    ),
    pace=lambda _settings: REQUESTS_A_SECOND,
    messages=messages,
    fetch=fetch,
    check=check,
    guide=Guide(
        steps=(
            _("At JD's open platform make an app that may read the orders of POP shops."),
            _("Authorize it by the shop's account, and set app key, app secret and access token here."),
            _("When the authorization ends, authorize anew and set the new access token."),
        ),
        untold=(
            _(
                "Refunds after the parcel left: JD tells them by other interfaces. An ERP or a bill may tell them."
            ),
            _(
                "Who bought is told by open_id_buyer, good within one app; pins, names and phones are encrypted."
            ),
            _(
                "When a parcel left: the first change after it is taken. What was paid by JD balance or gift card."
            ),
            _(
                "What a line costs after coupons: lines have JD's price, the order what was paid. What JD pays out."
            ),
            _("Orders that changed more than three months ago; orders of JD's own trade (VC)."),
        ),
        source="JD's own programs (com.jd.open.api.sdk: pop.order.search, routerjson, MD5) and public notes of "
        "jos.jd.com/commondoc?listId=33 and apilistnewdetail.html?apiId=15660 (2026-08)",
        read_on="2026-11-29",
    ),
)
