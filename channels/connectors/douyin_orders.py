"""Orders of a Douyin shop 抖店 as its API tells them: asking for one, and its goods, buyer and discounts.

A notice says what was paid, and no more; what the API adds is told as the same order, at the time of its last change.
Amounts come in cents. Of what was taken off, the merchant bears a part and others (platform, creators 达人) the rest:
that is the platform's discount, and not in what the buyer paid.
Not here: the notices (douyin_shop.py), payments, parcels and refunds, which notices tell.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from channels.connectors import looking, payloads, shops, signatures
from channels.connectors.base import Api, Connection, Message, Page
from channels.connectors.looking import Told
from channels.connectors.shops import Buyer, part, parts
from kernel.outside import CredentialsRefused

API: Final = "https://openapi-fxg.jinritemai.com"
ORDER: Final = "order.orderDetail"
TOKENS: Final = "token.create"
GOOD: Final = "10000"
BUSY: Final = {"20000": 5.0, "20001": 5.0, "60000": 60.0, "90000": 60.0}  # seconds after which to ask again
CREDENTIALS: Final = {  # an access token before its time; the app's permission, the shop's authorization, our address
    *("isv.access-token-expired", "isv.access-token-no-existed", "isv.access-token-invalid"),
    *("30001", "30002"),
}
VERSION: Final = "2"
CURRENCY: Final = "CNY"
UNPAID: Final = frozenset(("1", "103"))
LATER: Final = frozenset(("0", "12"))  # pay_type of what is paid on delivery, or after use
CANCELLED: Final = "4"
# What comes encrypted or masked, and what of the buyer that is.
HIDDEN: Final = {
    "name": ("encrypt_post_receiver", "mask_post_receiver"),
    "phone": ("encrypt_post_tel", "mask_post_tel"),
    "address": ("mask_post_addr",),
}


# ---- what is asked ----------------------------------------------------------------------------------


def look_up(connection: Connection, api: Api, params: Mapping[str, Any]) -> Page:
    """One order."""
    number = looking.asked_for(params, "shop_order_id")
    token = api.remember("access_token", lambda: _token(connection, api))
    told = _ask(connection, api, ORDER, {"shop_order_id": number}, token)
    return Page(looking.together(order=told), {}, topic=ORDER)


def _token(connection: Connection, api: Api) -> tuple[str, float]:
    """The access token of an app of the shop's own; the platform gives the one there is until it ends."""
    shop = {"code": "", "grant_type": "authorization_self", "shop_id": connection.settings.shop_id}
    told = looking.granted(lambda: _ask(connection, api, TOKENS, shop))
    data = part(told.value, "data")
    token = payloads.text_of(data.get("access_token"))
    if not token:
        raise CredentialsRefused("access_token")
    return token, looking.lasting(data.get("expires_in"))


def _ask(connection: Connection, api: Api, method: str, question: dict[str, str], token: str = "") -> Told:
    """Signed by HMAC-SHA256, keyed by the secret, over the parameters between the secret and the secret."""
    key, secret = looking.needed(connection, "app_key", "app_secret")
    body = msgspec.json.encode(question, order="deterministic")
    time = str(int(api.now))
    signed = f"{secret}app_key{key}method{method}param_json{body.decode()}timestamp{time}v{VERSION}{secret}".encode()
    query = {
        "method": method,
        "app_key": key,
        "timestamp": time,
        "v": VERSION,
        "sign_method": "hmac-sha256",
        "sign": signatures.hmac_of(signed, secret),
    }
    if token:
        query["access_token"] = token
    told = looking.post(api, f"{API}/{method.replace('.', '/')}", body, query)
    code, reason = (payloads.text_of(told.value.get(name)) for name in ("code", "sub_code"))
    if code != GOOD:
        words = " ".join(payloads.text_of(told.value.get(name)) for name in ("msg", "sub_code", "sub_msg"))
        raise looking.no(reason if reason in CREDENTIALS else code, words, BUSY, CREDENTIALS)
    return told


# ---- what it says -----------------------------------------------------------------------------------


def messages(body: bytes, app: str) -> Iterator[Message]:
    """An order that was kept. `app`: whose open ids of buyers they are."""
    return order(looking.part(body, "order", "data", "shop_order_detail"), app)


def order(found: dict[str, Any], app: str) -> Iterator[Message]:
    """The order with its goods and its buyer; nothing of one that is not paid, as its notices have it."""
    order_id, status = shops.needed(found, "order_id"), payloads.text_of(found.get("order_status"))
    placed = shops.epoch(found.get("pay_time"))
    if (
        placed is None
        and payloads.text_of(found.get("pay_type")) in LATER
        and status not in (*UNPAID, CANCELLED)
    ):
        placed = shops.epoch(found.get("create_time"))
    if placed is None:
        return
    who = _buyer(found, app)
    changed = shops.epoch(found.get("update_time")) or placed
    total = shops.needed_cents(found, "pay_amount", "shop_order_detail.pay_amount", CURRENCY)
    properties = {
        "order_id": order_id,
        "total": total,
        "currency": CURRENCY,
        "shipping": payloads.minor_units(found.get("post_amount"), CURRENCY),
        "products": [_line(one) for one in parts(found.get("sku_order_list"))],
        "paid": total,
        "merchant_discount": _cost(found, "shop_cost_amount", "promotion_shop_amount"),
        "platform_discount": _platforms(found),
        "not_available": _hidden(found),
    }
    yield shops.once("Order Completed", f"{ORDER}-{order_id}", placed, who, properties)
    yield shops.track("Order Updated", f"{ORDER}-{order_id}-updated", changed, who, properties)


def _buyer(found: dict[str, Any], app: str) -> Buyer:
    number = shops.number(found.get("doudian_open_id"))
    return Buyer(account=number, namespace=app) if number and "*" not in number else shops.NOBODY


def _cost(found: dict[str, Any], *names: str) -> str | None:
    """The first of several amounts that is there."""
    several = (payloads.minor_units(found.get(name), CURRENCY) for name in names)
    return next((one for one in several if one is not None), None)


def _platforms(found: dict[str, Any]) -> str | None:
    """What platform and creators bear of what was taken off: in one sum, in older answers as two."""
    whole = shops.cents(found.get("platform_cost_amount"), CURRENCY)
    if whole is None:
        names = ("promotion_platform_amount", "promotion_talent_amount")
        given = [one for name in names if (one := shops.cents(found.get(name), CURRENCY)) is not None]
        whole = sum(given, Decimal(0)) if given else None
    return shops.written(whole)


def _line(found: dict[str, Any]) -> dict[str, Any]:
    """A line at its price before discounts; its number is the merchant's own where there is one."""
    names = ("code", "out_sku_id", "sku_id", "product_id_str", "product_id")
    return shops.said(
        sku=next((said for name in names if (said := shops.number(found.get(name)))), None),
        name=shops.text(found.get("product_name")),
        price=payloads.minor_units(found.get("origin_amount"), CURRENCY),
        quantity=found.get("item_num"),
        discount=_off(found),
    )


def _off(found: dict[str, Any]) -> str | None:
    off = shops.cents(found.get("promotion_amount"), CURRENCY)
    return shops.written(off) if off else None


def _hidden(found: dict[str, Any]) -> list[str]:
    """What of the buyer there is, encrypted or masked: it is named and not read."""
    hidden = [name for name, fields in HIDDEN.items() if any(found.get(field) for field in fields)]
    sealed = part(found, "post_addr").get("encrypt_detail")
    return [*hidden, "address"] if sealed and "address" not in hidden else hidden
