"""WeChat shop 微信小店: pushes of its orders and after-sales, which name them, and its API, which tells them.

A push is signed, and encrypted, as all of WeChat's are. It says no more than a number: what it is about is looked up.
Not here: how a push is signed and opened (wechat_push.py), what an order says (wechat_orders.py), payments through a
mini program of one's own (wechat_pay.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from msgspec import Meta, Struct

from channels.connectors import looking, payloads, shops, wechat_orders, wechat_push
from channels.connectors.base import (
    HOOK,
    Api,
    Connection,
    ConnectorKind,
    Delivery,
    Forged,
    Guide,
    Message,
    Page,
    Secret,
    Wanted,
)
from channels.connectors.looking import Told
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection
from kernel.errors import BadRequest
from kernel.outside import CredentialsRefused

API: Final = "https://api.weixin.qq.com"
TOKENS: Final = "/cgi-bin/stable_token"
ORDER: Final = "/channels/ec/order/get"
AFTERSALE: Final = "/channels/ec/aftersale/getaftersaleorder"
CREDENTIALS: Final = frozenset(  # an access token before its time; the app, its secret, address or permission
    ("40001", "40014", "42001", "40013", "40125", "40164", "48001", "61004")
)
BUSY: Final = {"-1": 5.0, "45009": 600.0, "45011": 60.0}  # seconds after which to ask again
ORDERS: Final = frozenset(
    f"channels_ec_order_{name}"
    for name in ("new", "pay", "wait_shipping", "deliver", "confirm", "settle", "cancel", "ext_info_update")
)
AFTERSALES: Final = "channels_ec_aftersale_update"
# The shop's own affairs, and what is no order: nobody bought anything.
NOBODYS: Final = (
    *("product_", "channels_ec_coupon", "channels_ec_acct", "channels_ec_withdraw", "channels_ec_stock"),
    *(
        "channels_ec_brand",
        "channels_ec_complaint",
        "channels_ec_warehouse",
        "channels_ec_vip",
        "qrcode_status",
    ),
    *("channels_ec_guarantee", "channels_ec_freight"),
)


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which shop it is."""

    app_id: Annotated[
        str,
        Meta(
            max_length=100,
            title=gettext_noop("App id of the shop"),
            description=gettext_noop("wx…, of the shop itself 小店: its buyers' openids are its alone."),
        ),
    ] = ""


# ---- what it says -----------------------------------------------------------------------------------


def messages(connection: Connection, delivery: Delivery, received_at: datetime) -> Iterable[Message | Wanted]:
    """A push names what to look up; what was looked up tells it."""
    app = connection.settings.app_id or connection.app
    if delivery.query == ORDER:
        yield from wechat_orders.order(looking.part(delivery.body, "order", "order"), app)
    elif delivery.query == AFTERSALE:
        bought = looking.part(delivery.body, "order", "order")
        yield from wechat_orders.aftersale(
            looking.part(delivery.body, "aftersale", "after_sale_order"), bought, app
        )
        told = wechat_orders.order(bought, app)
        yield from (one for one in told if not isinstance(one, Wanted))
    else:
        found, _app = wechat_push.opened(connection, delivery.body)
        yield from _named(found)


def _named(found: dict[str, Any]) -> Iterator[Wanted]:
    event, at = payloads.text_of(found.get("Event")), payloads.text_of(found.get("CreateTime"))
    name = event.lower()
    if name in ORDERS:
        number = _number(found, "order_info", "order_id")
        yield Wanted(f"{name}:{number}:{at}", {"order_id": number})
    elif name == AFTERSALES:
        number = _number(found, "finder_shop_aftersale_status_update", "after_sale_order_id")
        state = payloads.text_of(payloads.inside(found, "finder_shop_aftersale_status_update", "status"))
        yield Wanted(f"{name}:{number}:{state[:60]}:{at}", {"after_sale_order_id": number})
    elif not name.startswith(NOBODYS):
        topic = event or payloads.text_of(found.get("MsgType"))
        raise Rejection(UNKNOWN_TOPIC, "Event", topic=topic[:60])


def _number(found: dict[str, Any], *path: str) -> str:
    number = shops.number(payloads.inside(found, *path))
    if number is None:
        raise Rejection(FIELD_OF_PLATFORM, ".".join(path))
    return number


# ---- what is asked ----------------------------------------------------------------------------------


def look_up(connection: Connection, api: Api, params: Mapping[str, Any]) -> Page:
    """An order; of an after-sale its order too, which says what the goods are called."""
    if params.get("after_sale_order_id"):
        number = looking.asked_for(params, "after_sale_order_id")
        aftersale = _ask(connection, api, AFTERSALE, {"after_sale_order_id": number})
        about = payloads.inside(aftersale.value, "after_sale_order", "order_id")
        order = _ask(connection, api, ORDER, {"order_id": looking.asked_for({"order_id": about}, "order_id")})
        return Page(looking.together(aftersale=aftersale, order=order), {}, topic=AFTERSALE)
    order = _ask(connection, api, ORDER, {"order_id": looking.asked_for(params, "order_id")})
    return Page(looking.together(order=order), {}, topic=ORDER)


def _ask(connection: Connection, api: Api, path: str, question: dict[str, str]) -> Told:
    token = api.remember("access_token", lambda: _token(connection, api))
    return _agreed(looking.post(api, f"{API}{path}", question, {"access_token": token}))


def _token(connection: Connection, api: Api) -> tuple[str, float]:
    """The shop's access token: the platform gives the same one to all who ask, until it ends."""
    app = connection.settings.app_id
    if not app:
        raise BadRequest(gettext("Nothing can be looked up: set the app id of the shop."))
    [secret] = looking.needed(connection, "app_secret")
    asked = {"grant_type": "client_credential", "appid": app, "secret": secret}
    told = looking.granted(lambda: _agreed(looking.post(api, f"{API}{TOKENS}", asked)))
    token = payloads.text_of(told.value.get("access_token"))
    if not token:
        raise CredentialsRefused("access_token")
    return token, looking.lasting(told.value.get("expires_in"))


def _agreed(told: Told) -> Told:
    code = payloads.text_of(told.value.get("errcode")) or "0"
    if code != "0":
        raise looking.no(code, told.value.get("errmsg"), BUSY, CREDENTIALS)
    return told


# ---- what an admin sets -----------------------------------------------------------------------------


def check(connection: Connection) -> str:
    """Whether pushes could be checked and opened, and what they name be asked for."""
    if not connection.settings.app_id:
        raise BadRequest(gettext("Set the app id of the shop: nothing can be looked up without it."))
    said = wechat_push.check(connection)
    if not connection.secrets.get("app_secret"):
        raise Forged("no_secret", gettext("The app secret is not set yet: nothing can be looked up."))
    return said


WECHAT_SHOP = ConnectorKind(
    name="wechat_shop",
    label=_("WeChat shop 微信小店"),
    category="shop",
    direction=HOOK,
    about=_("Orders with goods, buyers and discounts, payments, parcels and refunds of a WeChat shop."),
    settings=Settings,
    secrets=(
        *wechat_push.SECRETS,
        Secret("app_secret", _("App secret"), _("Of the shop: what pushes name is looked up with it.")),
    ),
    handshake=wechat_push.handshake,
    verify=wechat_push.verify,
    messages=messages,
    look_up=look_up,
    accepted=wechat_push.accepted,
    refused=wechat_push.refused,
    check=check,
    guide=Guide(
        steps=(
            _(
                "In the shop's back office open 服务市场 → 经营工具 → 自研, and copy app id and app secret here."
            ),
            _(
                "Allow this server's address there: the API answers only to addresses on the list (IP 白名单)."
            ),
            _("Under 消息推送 enter the hook's address and a token, and copy token and EncodingAESKey here."),
            _("Subscribe to all pushes of orders 订单 and to the after-sale update 售后单更新."),
            _("Pay a small order: it shows on this connector's page, with its goods."),
        ),
        untold=(
            _(
                "An order's total is what the buyer paid. What platform and creators add is its platform discount."
            ),
            _("Names, phones and addresses come masked: they are not read. Who bought is told by openid."),
            _("Of a present the giver is the customer."),
            _("When an order that is paid after use 先用后付 is paid is not told: it has no payment."),
            _("Fees stand with an order once it is settled; what is paid out for it is not told."),
            _("When the money of an after-sale went back is not told: its update is taken for it."),
            _("An order cancelled before it is paid never becomes one here: its payment failed."),
        ),
        source="微信小店: 消息推送, channels_ec_order_new/_pay/_deliver/…, channels_ec_aftersale_update, 获取订单详情, "
        "获取售后单, 获取稳定版接口调用凭据 (https://developers.weixin.qq.com/doc/store/shop/notify/order_callback/, "
        "https://developers.weixin.qq.com/doc/channels/api/locallife/purchasing/api_getorder.md), money fields by "
        "public programs written by them",
        read_on="2026-11-29",
    ),
)
