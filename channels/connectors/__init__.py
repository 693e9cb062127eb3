"""Every kind of connector, in the order in which they are offered. To add one: its file beside this one, its line here,
a delivery of its in tests/samples/ (CONTRIBUTING.md says how).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from channels.connectors.base import ConnectorKind
from channels.connectors.douyin_shop import DOUYIN_SHOP
from channels.connectors.file import FILE_KIND
from channels.connectors.rest_pull import REST_PULL
from channels.connectors.segment import SEGMENT
from channels.connectors.shopify import SHOPIFY
from channels.connectors.webhook import WEBHOOK
from channels.connectors.wechat_message import WECHAT_MESSAGE
from channels.connectors.wechat_pay import WECHAT_PAY
from channels.connectors.woocommerce import WOOCOMMERCE
from channels.connectors.youzan import YOUZAN
from kernel.errors import BadRequest

ALL: Final = (
    SEGMENT,
    WEBHOOK,
    FILE_KIND,
    REST_PULL,
    SHOPIFY,
    WOOCOMMERCE,
    WECHAT_PAY,
    WECHAT_MESSAGE,
    DOUYIN_SHOP,
    YOUZAN,
)
KINDS: Final[Mapping[str, ConnectorKind]] = MappingProxyType({kind.name: kind for kind in ALL})


def kind(name: str) -> ConnectorKind:
    """The kind of a name; BadRequest with all there are."""
    if name not in KINDS:
        raise BadRequest(f"There is no connector kind {name!r}: {', '.join(KINDS)}.", "unknown_kind")
    return KINDS[name]
