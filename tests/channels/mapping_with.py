"""For tests of mappings: connectors with one, payloads of a platform, and what came of them."""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from channels.inbox import cleaned
from channels.models import Connector
from channels.studio import versions
from kernel.db import rows, run
from tests.channels.hooking import connector, deliver, signed
from tests.shop import Shop

SECRET = "s3cret"
PAID = """
[[message]]
when = "topic == 'paid'"
type = "'track'"
event = "'Order Completed'"
messageId = "concat('paid-', id)"
timestamp = "time(at)"
"identifiers.phone" = "buyer.mobile"
"identifiers.openid" = "buyer.openid"
"properties.order_id" = "text(id)"
"properties.total" = "yuan(amount)"

[message."properties.products"]
each = "items"
sku = "sku"
price = "yuan(price)"
quantity = "num"

[[message]]
when = "topic == 'paid'"
type = "'identify'"
messageId = "concat('buyer-', id)"
timestamp = "time(at)"
"identifiers.openid" = "buyer.openid"
"traits.phone" = "buyer.mobile"
"traits.city" = "lookup('cities', buyer.city, buyer.city)"

[[message]]
when = "topic == 'stock'"
each = "rows"
type = "'stock'"
messageId = "concat('stock-', root().id, '-', index())"
sku = "sku"
quantity = "n"

[[message]]
when = "topic == 'ping'"
skip = true

[lookup.cities]
021 = "Shanghai"
"""


def paid(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "topic": "paid",
        "id": number,
        "at": "2026-03-02 10:00:00",
        "amount": 1250,
        "buyer": {"mobile": "138 0013 8001", "openid": "ox-1", "city": "021"},
        "items": [{"sku": "A", "price": 625, "num": 2}],
        **more,
    }


def hooked(shop: Shop, text: str = PAID, **settings: Any) -> Connector:
    """A webhook with a mapping."""
    one = connector(shop, "webhook", settings, {"secret": SECRET})
    if text:
        save(one, text)
    return one


def save(one: Connector, text: str, valid_from: datetime | None = None) -> None:
    assert versions.save(connection, one, text, "tests")
    if valid_from is not None:
        run(
            connection,
            "update channels_mapping set valid_from = %(at)s where connector_id = %(id)s and version ="
            " (select max(version) from channels_mapping where connector_id = %(id)s)",
            at=valid_from,
            id=one.pk,
        )


def post(one: Connector, *payloads: Any) -> None:
    for payload in payloads:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        assert deliver(one, body, {"X-Signature": signed(body, SECRET)}).reply.status == 200


def own(shop: Shop, slug: str = "web-shop") -> Connector:
    return shop.connectors[slug]


def stored() -> list[tuple[str, str]]:
    return rows(connection, "select message_id, name from profiles_event order by message_id")


def refused(shop: Shop) -> list[tuple[str, str, str]]:
    found = shop.get("/api/rejects/", state="open", limit=500)["results"]
    return sorted((one["reason"], one["field"], one["hint"]) for one in found)


def replay(shop: Shop) -> dict[str, int]:
    answer = shop.api().post("/api/rejects/replay/", {"all": True}, format="json")
    assert answer.status_code == 200, answer.content
    shop.drains()
    return answer.json()


def counts(one: Connector) -> list[cleaned.Count]:
    days = datetime(2020, 1, 1, tzinfo=UTC).date(), datetime(2099, 1, 1, tzinfo=UTC).date()
    return cleaned.of(connection, one.workspace_id, one.pk, *days)
