"""The money and goods of a small demo, through inbox and read API, against a count by hand of what it sends."""

import json
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection

from cdp.pipeline import batches
from channels.inbox import log
from channels.models import Connector
from demo import load, outlets
from tests.demo.reading import END, simulated
from tests.metrics.comparing import compare_metric, reader
from tests.reference.outside import Outside, Sent
from tests.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = (
    *("gmv", "refunds", "net_revenue", "orders", "aov", "refund_rate"),
    *("inventory_turnover", "cross_channel_return_rate", "price_parity"),
)
MONTH = (date(END.year, END.month - 1, 10), date(END.year, END.month, 9))


def test_the_demo_s_money_is_what_it_sends() -> None:
    shop = Shop()
    shop.workspace = load.place()
    load.connectors(shop.workspace)
    sent = send(shop)
    get = reader(shop)
    refused: set[str] = set()
    path = "/api/rejects/?limit=500"
    while path:
        page = get(path)
        refused |= {one["message_id"] for one in page["results"]}
        path = (page["next"] or "").removeprefix("http://testserver")
    good = [one for one in sent if one.body.get("messageId") not in refused]
    outside = Outside(good, dict.fromkeys((outlet.slug for outlet in outlets.OUTLETS), "CNY"))
    assert outside.items["gmv"]
    assert outside.items["refunds"]
    for name in NAMES:
        compare_metric(get, outside, name, MONTH, "week")
    assert {one["message_id"] for one in get("/api/orders/waiting/", limit=500)["results"]} == outside.waiting


def send(shop: Shop) -> list[Sent]:
    """All requests of a simulation into the inbox, worked through; what they hold but the records to be refused."""
    names = {code: name for outlet in outlets.OUTLETS for code, name in outlet.connectors}
    ids = dict(Connector.objects.filter(workspace=shop.workspace).values_list("name", "pk"))
    sent, entries, now = [], [], datetime.now(UTC)
    for request in simulated(customers=250, days=90)[0]:
        door = request.path.rpartition("/")[2]
        (items,) = request.body.values()
        body = json.dumps(request.body, ensure_ascii=False)
        connector = ids[names[request.connector]]
        entries.append(log.Entry(shop.workspace.pk, now, uuid4(), connector, door, len(items), body))
        channel = outlets.CHANNEL_OF[request.connector]
        sent += [Sent(channel, item, len(entries)) for item in items if item.get("price") != "free"]
    log.append(connection, entries)
    batches.drain()
    return [one for one in sent if one.body.get("type") != "price" or "sku" in one.body]
