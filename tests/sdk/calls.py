"""What every client is made to say, whatever its language: one call of each type, one customer, one moment."""

from copy import deepcopy
from datetime import datetime
from typing import Any

AT = "2026-03-04T05:06:07.123Z"
TRAITS = {"name": "Lin Xiaowen", "email": "Lin@Hemu.cn", "age": 31, "vip": True, "address": {"city": "杭州"}}
PROPERTIES = {
    "sku": "A1",
    "price": 12.5,
    "tags": ["robe", "丝绸 🧵"],
    "nested": {"deep": [1, None, {"a": "b"}]},
}
CONTEXT = {"ip": "203.0.113.9", "campaign": {"name": "spring", "source": "wechat"}, "locale": "zh-CN"}
GROUP = {"company": "Hemu", "size": 12}
TYPES = {"identify", "track", "page", "screen", "group", "alias"}
PAGE = {"path": "/robe", "title": "Robe"}
SCREEN = {"view": "robe"}

EVERYTHING: dict[str, Any] = {
    "at": AT, "traits": TRAITS, "properties": PROPERTIES, "context": CONTEXT, "group": GROUP, "page": PAGE,
    "screen": SCREEN,
}  # fmt: skip


def say_everything(client: Any) -> None:
    """All of it by a Python client; their methods take the same arguments."""
    at, context = datetime.fromisoformat(AT), deepcopy(CONTEXT)  # some write into what they are given
    client.identify("user-1", TRAITS, context, timestamp=at, anonymous_id="anon-1")
    client.track("user-1", "Product Viewed", PROPERTIES, context, timestamp=at)
    client.page("user-1", "Shop", "Robe", PAGE, context, timestamp=at)
    client.screen("user-1", "Shop", "Robe", SCREEN, context, timestamp=at)
    client.group("user-1", "group-1", GROUP, context, timestamp=at)
    client.alias("anon-1", "user-1", context, timestamp=at)
    client.flush()
    client.join()
