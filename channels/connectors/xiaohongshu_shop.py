"""Xiaohongshu shop 小红书: its message push, which names orders and after-sales, and its API, which tells them.

A push is signed by MD5 over the path it goes to, app key and time, not over what it says: so nothing that it says is
believed but the numbers, and those are looked up.
Not here: what an order says (xiaohongshu_orders.py), the platform's mini programs, which push otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from channels.connectors import looking, payloads, shops, signatures, xiaohongshu_orders
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
    Reply,
    Secret,
    Unusable,
    Wanted,
)
from channels.connectors.looking import Told
from channels.reasons import FIELD_OF_PLATFORM, NOT_AN_OBJECT, UNKNOWN_TOPIC, UNREADABLE_BODY, Rejection
from kernel.errors import Refused
from kernel.outside import CredentialsRefused, Said

API: Final = "https://ark.xiaohongshu.com/ark/open_api/v3/common_controller"
VERSION: Final = "2.0"
ORDER: Final = "order.getOrderDetail"
AFTERSALE: Final = "afterSale.getAfterSaleInfo"
REFRESH: Final = "oauth.refreshToken"
ORDERS: Final = "msg_fulfillment_status_change"
AFTERSALES: Final = "msg_after_sale_"
# Addresses, remarks, delivery times, goods: no order, and no order's money.
NOBODYS: Final = ("msg_fulfillment_", "msg_item_", "msg_sku_", "msg_spu_", "msg_logistic_", "msg_supply_")
SUCCESS: Final = b'{"success":true,"error_code":0,"error_msg":""}'
# The platform exchanges both tokens for others once the access token has less than 30 minutes left; before that it
# hands back the same.
ENDING: Final = 1_200  # seconds
HELD: Final = 400 * 86_400.0  # seconds for which a refresh token that was used up leads on to the next
MOST_LINKS: Final = 80  # refresh tokens one after another: over a year of them


# ---- whose it is ------------------------------------------------------------------------------------


def handshake(connection: Connection, delivery: Delivery) -> Reply | None:
    """A test of the platform's says nothing: it is answered, once the secret is set."""
    if b'"test"' not in delivery.body:
        return None
    try:
        found = payloads.json_of(delivery.body)
    except Rejection:
        return None
    if not isinstance(found, dict) or found.get("test") is not True:
        return None
    _secrets(connection)
    return Reply(body=SUCCESS)


def verify(connection: Connection, delivery: Delivery, now: float) -> None:
    """MD5 over the path, the sorted parameters (app key and time among them) and the app secret."""
    key, secret = _secrets(connection)
    headers = delivery.headers
    given, time = headers.get("sign", "").strip().lower(), headers.get("timestamp", "").strip()
    if not (given and time):
        raise signatures.missing("sign and timestamp")
    signatures.same(headers.get("app-key", "").strip(), key)
    try:
        named = dict(payloads.form_of(delivery.query)) | {"app-key": key, "timestamp": time}
    except Rejection:
        raise signatures.wrong() from None
    several = "&".join(f"{name}={value}" for name, value in sorted(named.items()))
    signatures.same(given, signatures.digest_of(f"{delivery.path}?{several}{secret}", "md5"))
    signatures.within(time, now)


def _secrets(connection: Connection) -> tuple[str, str]:
    key, secret = connection.secrets.get("app_key", ""), connection.secrets.get("app_secret", "")
    if not (key and secret):
        raise signatures.no_secret("app key and app secret")
    return key, secret


def accepted(connection: Connection) -> Reply:
    """What ends the repeats."""
    return Reply(body=SUCCESS)


def refused(trouble: Refused) -> Reply:
    """No, in the platform's form."""
    said = {"success": False, "error_code": trouble.status, "error_msg": str(trouble)}
    return Reply(trouble.status, msgspec.json.encode(said))


# ---- what it says -----------------------------------------------------------------------------------


def messages(
    connection: Connection, delivery: Delivery, received_at: datetime
) -> Iterable[Message | Unusable | Wanted]:
    """Each message of a push names what to look up; what was looked up tells it."""
    if delivery.query == ORDER:
        return xiaohongshu_orders.order(looking.part(delivery.body, "order", "data"))
    if delivery.query == AFTERSALE:
        return xiaohongshu_orders.aftersale(_aftersale(delivery.body))
    return _push(delivery.body)


def _aftersale(body: bytes) -> dict[str, Any]:
    """The platform's documents have it in one envelope, or in two."""
    data = looking.part(body, "aftersale", "data")
    inner = data.get("data")
    found = (inner if isinstance(inner, dict) else data).get("afterSaleInfo")
    if not isinstance(found, dict):
        raise Rejection(FIELD_OF_PLATFORM, "data.afterSaleInfo")
    return found


def _push(body: bytes) -> Iterator[Unusable | Wanted]:
    found = payloads.json_of(body)
    if not isinstance(found, list | dict):
        raise Rejection(UNREADABLE_BODY, format="JSON")
    for one in (found if isinstance(found, list) else [found])[: shops.MOST]:
        try:
            yield from _named(one)
        except Rejection as why:
            kept = one if isinstance(one, dict) else {"value": one}
            mark = signatures.digest_of(msgspec.json.encode(kept, order="deterministic"))
            tag = payloads.text_of(kept.get("msgTag"))
            yield Unusable({"type": tag, "messageId": f"unread:{mark}", "properties": kept}, why)


def _named(one: Any) -> Iterator[Wanted]:
    if not isinstance(one, dict):
        raise Rejection(NOT_AN_OBJECT)
    tag, data = payloads.text_of(one.get("msgTag")), one.get("data")
    said = payloads.object_of(data) if isinstance(data, str) else data
    if not isinstance(said, dict):
        raise Rejection(FIELD_OF_PLATFORM, "data")
    at = payloads.text_of(said.get("updateTime"))
    if tag == ORDERS:
        number = _number(said, "orderId", "packageId")
        state = payloads.text_of(said.get("orderStatus"))
        yield Wanted(f"{tag}:{number}:{state}:{at}", {"order_id": number})
    elif tag.startswith(AFTERSALES):
        number = _number(said, "returnsId")
        yield Wanted(f"{tag}:{number}:{at}", {"returns_id": number})
    elif not tag.startswith(NOBODYS):
        raise Rejection(UNKNOWN_TOPIC, "msgTag", topic=tag[:60])


def _number(said: dict[str, Any], *names: str) -> str:
    number = next((found for name in names if (found := shops.number(said.get(name)))), None)
    if number is None:
        raise Rejection(FIELD_OF_PLATFORM, f"data.{names[0]}")
    return number


# ---- what is asked ----------------------------------------------------------------------------------


def look_up(connection: Connection, api: Api, params: Mapping[str, Any]) -> Page:
    """An order, or an after-sale."""
    token = _token(connection, api)
    if params.get("returns_id"):
        number = looking.asked_for(params, "returns_id")
        told = _ask(connection, api, AFTERSALE, {"returnsId": number, "accessToken": token})
        return Page(looking.together(aftersale=told), {}, topic=AFTERSALE)
    number = looking.asked_for(params, "order_id")
    told = _ask(connection, api, ORDER, {"orderId": number, "accessToken": token})
    return Page(looking.together(order=told), {}, topic=ORDER)


def _ask(connection: Connection, api: Api, method: str, question: dict[str, str]) -> Told:
    """A question of theirs; only what is the same for all of them is signed."""
    key, secret = looking.needed(connection, "app_key", "app_secret")
    time = str(int(api.now))
    signed = f"{method}?appId={key}&timestamp={time}&version={VERSION}{secret}"
    common = {
        "appId": key,
        "timestamp": time,
        "version": VERSION,
        "method": method,
        "sign": signatures.digest_of(signed, "md5"),
    }
    try:
        told = looking.post(api, API, question | common)
    except CredentialsRefused as why:  # were it to rise, the tokens were forgotten: the only way to the next
        raise Refused(_unauthorized(why.words)) from why
    inner = told.value.get("data")
    for said in (told.value, inner if isinstance(inner, dict) and "success" in inner else told.value):
        code = payloads.text_of(said.get("error_code", said.get("code"))) or "0"
        if said.get("success") is not True or code != "0":
            raise looking.no(code, said.get("error_msg") or said.get("msg"))
    return told


class _Tokens(msgspec.Struct):
    """What a refresh token was exchanged for. `until`: epoch seconds of the access token's end."""

    access: str
    until: float
    refresh: str


def _token(connection: Connection, api: Api) -> str:
    """An access token. A refresh token is good once: what it was exchanged for is kept under its mark, and leads on to
    the next one."""
    [refresh] = looking.needed(connection, "refresh_token")
    for _link in range(MOST_LINKS):
        mark = signatures.digest_of(refresh, "sha256")[:24]
        kept = api.remember(f"tokens-{mark}", _exchange(connection, api, refresh))
        found = msgspec.json.decode(kept, type=_Tokens)
        if found.until - api.now > ENDING or found.refresh == refresh:
            return found.access
        refresh = found.refresh
    raise Refused(_unauthorized("–"))


def _unauthorized(words: str) -> str:
    text = gettext(
        "The shop's authorization is not taken (%(words)s): authorize it again, set the refresh token."
    )
    return text % {"words": words or "–"}


def _exchange(connection: Connection, api: Api, refresh: str) -> Any:
    def exchanged() -> tuple[str, float]:
        try:
            told = _ask(connection, api, REFRESH, {"refreshToken": refresh})
        except Said as why:
            raise Refused(_unauthorized(why.words)) from why
        data = shops.part(told.value, "data")
        access, following = (
            payloads.text_of(data.get("accessToken")),
            payloads.text_of(data.get("refreshToken")),
        )
        until = (shops.epoch(data.get("accessTokenExpiresAt")) or 0) / 1000
        if not (access and following):
            raise Refused(_unauthorized("accessToken, refreshToken"))
        kept = msgspec.json.encode(_Tokens(access, until, following)).decode()
        # Where the platform left both as they were it is asked again once they end; a new one has to be found for good.
        lasts = max(until - api.now - ENDING, looking.SHORTEST) if following == refresh else HELD
        return kept, lasts

    return exchanged


# ---- what an admin sets -----------------------------------------------------------------------------


def check(connection: Connection) -> str:
    """Whether messages could be checked, and what they name be asked for."""
    if not (connection.secrets.get("app_key") and connection.secrets.get("app_secret")):
        raise Forged("no_secret", gettext("The app key and app secret are not set yet."))
    if not connection.secrets.get("refresh_token"):
        raise Forged("no_secret", gettext("The refresh token is not set yet: nothing can be looked up."))
    return gettext("Messages can be checked. What they name is looked up with the shop's authorization.")


XIAOHONGSHU_SHOP = ConnectorKind(
    name="xiaohongshu_shop",
    label=_("Xiaohongshu shop 小红书"),
    category="shop",
    direction=HOOK,
    about=_(
        "Orders with goods, buyers and discounts, payments, parcels and refunds of a shop on Xiaohongshu."
    ),
    secrets=(
        Secret(
            "app_key", _("App key"), _("appId, of the app at the Xiaohongshu open platform 小红书开放平台.")
        ),
        Secret("app_secret", _("App secret")),
        Secret(
            "refresh_token",
            _("Refresh token"),
            _(
                "Of the shop's authorization. It is renewed by itself while orders come at least every 14 days; "
                "whenever something is changed here, set a new one too."
            ),
            needed=False,
        ),
    ),
    handshake=handshake,
    verify=verify,
    messages=messages,
    look_up=look_up,
    accepted=accepted,
    refused=refused,
    check=check,
    guide=Guide(
        steps=(
            _("Set the app key and app secret of your app here."),
            _(
                "Authorize your shop for the app, exchange the code (oauth.getAccessToken) and set the refresh token."
            ),
            _(
                "In the app's message push 消息推送 enter the hook's address exactly as it stands here: it is signed."
            ),
            _("Subscribe to the order's status 订单状态变更 and to all after-sale messages 售后消息."),
            _("Pay a small order: it shows on this connector's page, with its goods."),
        ),
        untold=(
            _("An order's total is what the buyer paid; what the platform added is its platform discount."),
            _("Names, phones and addresses are not read: they come masked, or encrypted."),
            _(
                "Whether the platform's number of a buyer is the same in two shops is not told: it is taken to be."
            ),
            _("What the platform keeps and pays out is not told by an order."),
            _("What is sent again for nothing 补发 is no order."),
            _("An order cancelled before it is paid never becomes one here: its payment failed."),
            _(
                "A push signs neither what it says nor its order of coming: only the numbers in it are believed."
            ),
        ),
        source="小红书开放平台: msg_fulfillment_status_change, msg_after_sale_* "
        "(https://open.xiaohongshu.com/document/developer/file/115, 119 to 131), 签名算法, 系统参数说明 (39, 40), "
        "order.getOrderDetail, afterSale.getAfterSaleInfo; the push's signature by public programs that check it",
        read_on="2026-11-29",
    ),
)
