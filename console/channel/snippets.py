"""The first event with each client, as code to copy: only the address and the key are set, as the tests of the real
clients set them (tests/sdk). Not here: the page that shows it (channel.py).
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ADDRESS, KEY = "{ADDRESS}", "{KEY}"


class Client(NamedTuple):
    """A client: its name in the address of the page and on it, how it is got, what is written."""

    code: str
    name: str | Promise
    install: str
    text: str
    remark: str | Promise = ""


CLIENTS = (
    Client(
        "curl",
        "curl",
        "",
        """curl -sS {ADDRESS}/v1/track \\
  -u '{KEY}:' \\
  -H 'Content-Type: application/json' \\
  -d '{"userId": "M-204417", "event": "Product Viewed", "properties": {"sku": "SKU-1", "name": "Cedar candle"}}'""",
    ),
    Client(
        "browser",
        _("Browser, Segment"),
        "npm install @segment/analytics-next",
        """import { AnalyticsBrowser } from "@segment/analytics-next";

const analytics = AnalyticsBrowser.load({ writeKey: "{KEY}", cdnURL: "{ADDRESS}" });

analytics.page();
analytics.identify("M-204417", { name: "Lin Xiaowen" });
analytics.track("Product Viewed", { sku: "SKU-1", name: "Cedar candle", price: 129 });""",
        _("The address is all it needs: the client learns from there where to send."),
    ),
    Client(
        "browser-rudder",
        _("Browser, RudderStack"),
        "npm install @rudderstack/analytics-js",
        """import { RudderAnalytics } from "@rudderstack/analytics-js/bundled";

const analytics = new RudderAnalytics();
analytics.load("{KEY}", "{ADDRESS}", { configUrl: "{ADDRESS}" });

analytics.page();
analytics.identify("M-204417", { name: "Lin Xiaowen" });
analytics.track("Product Viewed", { sku: "SKU-1", name: "Cedar candle", price: 129 });""",
    ),
    Client(
        "mini-program",
        _("Mini program"),
        "",
        """// app.js
const send = (type, message) =>
  wx.request({
    url: `{ADDRESS}/v1/${type}`,
    method: "POST",
    header: { "content-type": "application/json" },
    data: { writeKey: "{KEY}", timestamp: new Date().toISOString(), ...message },
  });

const openid = wx.getStorageSync("openid");
send("track", {
  identifiers: [{ kind: "openid", value: openid }],
  messageId: `${openid}-${Date.now()}`,
  event: "Product Viewed",
  properties: { sku: "SKU-1", name: "Cedar candle", price: 129 },
});""",
        _("Add the address to the mini program's request domains; it must be https there."),
    ),
    Client(
        "node",
        _("Node.js, Segment"),
        "npm install @segment/analytics-node",
        """import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "{KEY}", host: "{ADDRESS}" });

analytics.track({
  userId: "M-204417",
  event: "Order Completed",
  properties: { order_id: "SO-1001", total: 258, products: [{ sku: "SKU-1", price: 129, quantity: 2 }] },
});
await analytics.closeAndFlush();""",
    ),
    Client(
        "node-rudder",
        _("Node.js, RudderStack"),
        "npm install @rudderstack/rudder-sdk-node",
        """const Analytics = require("@rudderstack/rudder-sdk-node");

const analytics = new Analytics("{KEY}", { dataPlaneUrl: "{ADDRESS}" });

analytics.track({
  userId: "M-204417",
  event: "Order Completed",
  properties: { order_id: "SO-1001", total: 258, products: [{ sku: "SKU-1", price: 129, quantity: 2 }] },
});
analytics.flush();""",
    ),
    Client(
        "python",
        _("Python, Segment"),
        "pip install segment-analytics-python",
        """from segment.analytics.client import Client

analytics = Client("{KEY}", host="{ADDRESS}")

analytics.track(
    "M-204417",
    "Order Completed",
    {"order_id": "SO-1001", "total": 258, "products": [{"sku": "SKU-1", "price": 129, "quantity": 2}]},
)
analytics.flush()""",
    ),
    Client(
        "python-rudder",
        _("Python, RudderStack"),
        "pip install rudder-sdk-python",
        """from rudderstack.analytics.client import Client

analytics = Client("{KEY}", host="{ADDRESS}")

analytics.track(
    "M-204417",
    "Order Completed",
    {"order_id": "SO-1001", "total": 258, "products": [{"sku": "SKU-1", "price": 129, "quantity": 2}]},
)
analytics.flush()""",
    ),
    Client(
        "records",
        _("Stock, prices, costs"),
        "",
        """curl -sS {ADDRESS}/v1/records \\
  -u '{KEY}:' \\
  -H 'Content-Type: application/json' \\
  -d '{"records": [
    {"type": "product", "sku": "SKU-1", "name": "Cedar candle", "category": "Home scents"},
    {"type": "price", "sku": "SKU-1", "price": 129},
    {"type": "stock", "sku": "SKU-1", "quantity": 84},
    {"type": "cost", "sku": "SKU-1", "unit_cost": "41.50"}
  ]}'""",
        _("Data about no person: goods, prices, stock, costs, spend, targets, rates."),
    ),
)


def chosen(code: str) -> Client:
    """The client of an address; the first for an unknown one."""
    return next((client for client in CLIENTS if client.code == code), CLIENTS[0])


def written(client: Client, address: str, key: str) -> str:
    """Its code with the real address and key."""
    return client.text.replace(ADDRESS, address).replace(KEY, key)
