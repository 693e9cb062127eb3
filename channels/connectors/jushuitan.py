"""Jushuitan 聚水潭, an ERP: its open platform's signed requests. Orders, refunds and returns, stock, goods with costs.

Each request is a form: the parameters sorted by name, each name before its value, behind the app secret, hashed by
MD5. What is asked stands in `biz`, as JSON. Times are Beijing's.
Not here: which stretch and page (pulled.py), whose shop an order is of (erp.py), what the rows say (jushuitan_rows.py).
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from msgspec import field, json

from channels.connectors import erp, jushuitan_rows, payloads, pulled
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
from channels.connectors.pulled import DAY, Feed, Found, Stretch
from kernel.outside import CredentialsRefused

PRODUCTION: Final = "https://openapi.jushuitan.com"
LONGEST: Final = 7 * DAY  # seconds of one request
REQUESTS_A_SECOND: Final = 1.5  # 100 a minute are allowed
LARGEST_PAGE: Final = 50  # of orders and refunds; others take 100
TOKEN_PATH: Final = "/openWeb/auth/getInitToken"  # noqa: S105 (an address)
TOKEN_MARGIN: Final = DAY  # seconds before its end from which on a token is asked for again
SHORTEST_TOKEN: Final = 600  # seconds
DIGITS: Final = 6  # of the random code that a first token is asked for with
TOO_OFTEN: Final = frozenset(("199", "200"))  # calls per second, per minute
KEYS: Final = ("token", "签名", "sign", "授权", "app_key")
BUSY: Final = ("频率", "超限", "限流", "频繁")

PATHS: Final = {
    "orders": ("/open/orders/single/query", "orders"),
    "refunds": ("/open/refund/single/query", "datas"),
    "stock": ("/open/inventory/query", "inventorys"),
    "goods": ("/open/sku/query", "datas"),
}


class Settings(Pulled, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is pulled, and whose the shops are."""

    shops: erp.Shops = field(default_factory=dict)
    orders: erp.Orders = True
    refunds: erp.Refunds = True
    stock: erp.Stock = True
    goods: erp.Goods = True
    days: erp.Back = 30
    address: erp.Address = PRODUCTION


# ---- asking -----------------------------------------------------------------------------------------


def fetch(connection: Connection, api: Api, cursor: Any) -> Page:
    """The next page of what is pulled."""
    own = connection.settings
    feeds = [Feed(topic, LONGEST, _asks(topic)) for topic in PATHS if getattr(own, topic)]
    return pulled.fetch(connection, api, cursor, feeds, own.days * DAY)


def _asks(topic: str) -> Any:
    path, where = PATHS[topic]

    def ask(connection: Connection, api: Api, stretch: Stretch) -> Found:
        asked = {
            "modified_begin": pulled.written(stretch.since),
            "modified_end": pulled.written(stretch.until),
            "page_index": stretch.page,
            "page_size": LARGEST_PAGE,
        }
        data = _called(connection, api, path, asked)
        rows = pulled.rows_of(data.get(where), f"data.{where}")
        pages = payloads.text_of(data.get("page_count"))
        counted = int(pages) if pages.isascii() and pages.isdigit() and len(pages) < 10 else 0
        return Found(rows, counted or None, data.get("has_next") is True)

    return ask


def _called(connection: Connection, api: Api, path: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What stands in an answer's `data`."""
    key, secret = pulled.needed(connection, "app_key", "app_secret")
    token = connection.secrets.get("access_token") or api.remember(
        "access_token", lambda: _token(connection, api)
    )
    form = {
        "app_key": key,
        "access_token": token,
        "timestamp": str(int(api.now)),
        "charset": "utf-8",
        "version": "2",
        "biz": json.encode(asked).decode(),
    }
    return _data(pulled.post(api, _at(connection, path), {**form, "sign": sign(form, secret)}))


def _token(connection: Connection, api: Api) -> tuple[str, float]:
    """A first token, which an app of the merchant's own gets for a code of any six letters."""
    key, secret = pulled.needed(connection, "app_key", "app_secret")
    form = {
        "app_key": key,
        "timestamp": str(int(api.now)),
        "grant_type": "authorization_code",
        "charset": "utf-8",
        "code": secrets.token_hex(DIGITS // 2),
    }
    data = _data(pulled.post(api, _at(connection, TOKEN_PATH), {**form, "sign": sign(form, secret)}))
    token, lasts = payloads.text_of(data.get("access_token")), payloads.text_of(data.get("expires_in"))
    if not token:
        raise CredentialsRefused(gettext("No access token was given: is the app one of the merchant's own?"))
    seconds = float(lasts) if lasts.isascii() and lasts.isdigit() and len(lasts) < 12 else SHORTEST_TOKEN
    return token, max(seconds - TOKEN_MARGIN, SHORTEST_TOKEN)


def _at(connection: Connection, path: str) -> str:
    return str(connection.settings.address).rstrip("/") + path


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    code, words = payloads.text_of(answer.get("code")), pulled.quoted(answer.get("msg"))
    if code != "0":
        busy = code in TOO_OFTEN or any(word in words for word in BUSY)
        raise pulled.failed(
            code or "?", words, busy=busy, credentials=any(word in words.lower() for word in KEYS)
        )
    return pulled.object_at(answer, "data")


def sign(form: dict[str, str], secret: str) -> str:
    """MD5, in lower hex, of the app secret and the parameters that say something, sorted."""
    plain = "".join(f"{name}{value}" for name, value in sorted(form.items()) if name != "sign" and value)
    return hashlib.md5(f"{secret}{plain}".encode(), usedforsecurity=False).hexdigest()


# ---- what it says -----------------------------------------------------------------------------------


def messages(
    connection: Connection, delivery: Delivery, received_at: datetime
) -> Iterable[Message | Unusable]:
    """Each row of a page by itself."""
    return jushuitan_rows.messages(delivery.query, delivery.body, connection.settings.shops)


def check(connection: Connection) -> str:
    """Whether there is what requests are signed with."""
    pulled.needed(connection, "app_key", "app_secret")
    return gettext("Requests can be signed. The next pull shows whether the platform takes them.")


JUSHUITAN = ConnectorKind(
    name="jushuitan",
    label=_("Jushuitan 聚水潭"),
    category="erp",
    direction=PULL,
    about=_("Orders of all shops in the ERP, refunds, returns, stock, goods and what they cost."),
    settings=Settings,
    secrets=(
        Secret("app_key", _("App key"), _("Of the app at the open platform 聚水潭开放平台.")),
        Secret("app_secret", _("App secret")),
        Secret(
            "access_token",
            _("Access token"),
            _("Empty: the app is the merchant's own, and fetches its token itself."),
            needed=False,
        ),
    ),
    pace=lambda _settings: REQUESTS_A_SECOND,
    second_hand=True,
    messages=messages,
    fetch=fetch,
    check=check,
    guide=Guide(
        steps=(
            _("At the open platform make an app of your own, and let your company authorize it."),
            _("Give it the interfaces: query of orders, after-sales, stock, ordinary goods by SKU."),
            _("Set its key and secret here, and allow this server's address in the app's white list."),
            _("Name the channel of each shop that has a connector of its own."),
        ),
        untold=(
            _(
                "Orders of Taobao, Tmall, Pinduoduo, Douyin and others that only programs in the platform's own cloud "
                "may see: connect those shops themselves."
            ),
            *erp.UNTOLD,
            _(
                "Of shops on this connector's own channel the buyer is told by open_id, where the platform gives one."
            ),
            _("What a platform pays out and which fees it takes: the shop's own connector or bill tells it."),
            _(
                "Stock is that of the main warehouse; a unit costs what the goods' record says since it was changed."
            ),
            _(
                "A merged order is told as the orders it was merged of; the freight stands with the one that names it."
            ),
        ),
        source="public programs written by openweb.jushuitan.com/dev-doc (orders/single/query, refund/single/query, "
        "inventory/query, sku/query, getInitToken), their field lists and signatures",
        read_on="2026-11-29",
    ),
)
