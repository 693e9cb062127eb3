"""Wangdiantong 旺店通 (enterprise edition 企业版), an ERP: its signed requests. Orders, refunds, stock, goods.

Each request is a form with a signature over `LL-name:LLLL-value` of each parameter, by name, joined by `;`, the secret
behind it, hashed by MD5; lengths in bytes. Times are Beijing's, pages begin at 0.
Not here: which stretch and page (pulled.py), whose shop an order is of (erp.py), what rows say (wangdiantong_rows.py).
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from msgspec import field

from channels.connectors import erp, payloads, pulled, wangdiantong_rows
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

PRODUCTION: Final = "https://api.wangdian.cn/openapi2"
HOUR: Final = 3_600  # seconds: the longest stretch of orders
LARGEST_PAGE: Final = 100
REQUESTS_A_SECOND: Final = 1.0  # 60 a minute are allowed
BUSY: Final = ("频率", "超限", "限流", "频繁", "流控")
KEYS: Final = ("sign", "签名", "appkey", "sid", "授权", "权限")


class Interface(NamedTuple):
    """What is asked for a feed. `longest`: seconds of a stretch; `rows`: where they stand in the answer."""

    path: str
    rows: str
    longest: int


INTERFACES: Final = {
    "orders": Interface("trade_query.php", "trades", HOUR),
    "refunds": Interface("refund_query.php", "refunds", DAY),
    "stock": Interface("stock_query.php", "stocks", DAY),
    "goods": Interface("goods_query.php", "goods_list", 30 * DAY),
}


class Settings(Pulled, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is pulled, and whose the shops are."""

    shops: erp.Shops = field(default_factory=dict)
    orders: erp.Orders = True
    refunds: erp.Refunds = True
    stock: erp.Stock = True
    goods: erp.Goods = True
    days: erp.Back = 7
    address: erp.Address = PRODUCTION


# ---- asking -----------------------------------------------------------------------------------------


def fetch(connection: Connection, api: Api, cursor: Any) -> Page:
    """The next page of what is pulled."""
    own = connection.settings
    feeds = [Feed(topic, one.longest, _asks(one)) for topic, one in INTERFACES.items() if getattr(own, topic)]
    return pulled.fetch(connection, api, cursor, feeds, own.days * DAY)


def _asks(interface: Interface) -> Any:
    def ask(connection: Connection, api: Api, stretch: Stretch) -> Found:
        sid, key, secret = pulled.needed(connection, "sid", "appkey", "appsecret")
        form = {
            "sid": sid,
            "appkey": key,
            "timestamp": str(int(api.now)),
            "start_time": pulled.written(stretch.since),
            "end_time": pulled.written(stretch.until),
            "page_no": str(stretch.page - 1),
            "page_size": str(LARGEST_PAGE),
        }
        url = f"{str(connection.settings.address).rstrip('/')}/{interface.path}"
        answer = _checked(pulled.post(api, url, {**form, "sign": sign(form, secret)}))
        rows = pulled.rows_of(answer.get(interface.rows), interface.rows)
        pages = pulled.pages_of(answer.get("total_count"), LARGEST_PAGE)
        return Found(rows, pages, len(rows) >= LARGEST_PAGE)

    return ask


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    code, words = payloads.text_of(answer.get("code")), pulled.quoted(answer.get("message"))
    if code != "0":
        busy = any(word in words for word in BUSY)
        keys = any(word in words.lower() for word in KEYS)
        raise pulled.failed(code or "?", words, busy=busy, credentials=keys and not busy)
    return answer


def sign(form: dict[str, str], secret: str) -> str:
    """MD5, in lower hex; each name and value behind its length in bytes."""
    parts = (
        f"{len(name.encode()):02d}-{name}:{len(value.encode()):04d}-{value}"
        for name, value in sorted(form.items())
        if name != "sign"
    )
    return hashlib.md5((";".join(parts) + secret).encode(), usedforsecurity=False).hexdigest()


# ---- what it says -----------------------------------------------------------------------------------


def messages(
    connection: Connection, delivery: Delivery, received_at: datetime
) -> Iterable[Message | Unusable]:
    """Each row of a page by itself."""
    return wangdiantong_rows.messages(delivery.query, delivery.body, connection.settings.shops)


def check(connection: Connection) -> str:
    """Whether there is what requests are signed with."""
    pulled.needed(connection, "sid", "appkey", "appsecret")
    return gettext("Requests can be signed. The next pull shows whether the platform takes them.")


WANGDIANTONG = ConnectorKind(
    name="wangdiantong",
    label=_("Wangdiantong 旺店通"),
    category="erp",
    direction=PULL,
    about=_("Orders of all shops in the ERP, refunds, returns, stock, goods and what they cost."),
    settings=Settings,
    secrets=(
        Secret("sid", _("Seller account sid")),
        Secret("appkey", "appkey", _("Of the interface account at Wangdiantong's open platform.")),
        Secret("appsecret", "appsecret"),
    ),
    pace=lambda _settings: REQUESTS_A_SECOND,
    second_hand=True,
    messages=messages,
    fetch=fetch,
    check=check,
    guide=Guide(
        steps=(
            _(
                "At Wangdiantong's open platform (open.wangdian.cn, enterprise edition) ask for an interface account."
            ),
            _(
                "Give it the queries of trades, refunds, stock and goods, and set sid, appkey and appsecret here."
            ),
            _("Name the channel of each shop that has a connector of its own."),
        ),
        untold=(
            _("The flagship edition 旗舰版 speaks otherwise: this is the enterprise edition's openapi2."),
            _(
                "Orders of platforms that give them to programs in their own cloud alone: connect those shops."
            ),
            *erp.UNTOLD,
            _("Cancelled orders: the ERP cancels what it merges and splits too. A refund tells it."),
            _("What a platform pays out and which fees it takes: the shop's own connector or bill tells it."),
            _("A unit costs what the warehouse that changed last says."),
        ),
        source="public programs written by open.wangdian.cn/open/apidoc (trade_query, refund_query, stock_query, "
        "goods_query), their field lists and signatures",
        read_on="2026-11-29",
    ),
)
