"""The merchandise system: goods and what they cost, behind an API with a key, page after page. It is asked once, here.

It answers as long as the demo is loaded; its connector is paused afterwards, as there is nobody left to ask.
"""

import json
import secrets
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from django.conf import settings as configured
from django.db import connection, transaction

from cdp.pipeline import pulls, wake
from channels.connect import pulled, setup
from channels.models import Connector
from channels.pulls import work
from demo import outlets
from demo.doubles import standing
from demo.doubles.standing import Wanted
from kernel.db import rows
from kernel.errors import Trouble
from kernel.models import Workspace

NAME: Final = "Merchandise system API"
KINDS: Final = ("product", "cost")
PAGE: Final = 50
TURNS: Final = 50
SETTINGS: Final = {
    "auth": "bearer",
    "items": "data.items",
    "id": "id",
    "paging": "page",
    "size_param": "size",
    "size": PAGE,
    "every": 1_440,
}
MAPPING: Final = """\
[[message]]
when = "kind == 'item'"
type = "'product'"
messageId = "id"
at = "time(modified)"
sku = "item_code"
name = "item_name"
category = "group"
brand = "maker"
tags = "labels"

[[message]]
when = "kind == 'purchase_price'"
type = "'cost'"
messageId = "id"
at = "time(modified)"
sku = "item_code"
unit_cost = "money(amount)"
currency = "amount_currency"
"""


class Erp:
    """Its records, its API and the connector that asks it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._items: dict[str, dict[str, Any]] = {}
        self._server: ThreadingHTTPServer | None = None

    def has(self, connector: str, record: dict[str, Any]) -> bool:
        """Whether a record is the ERP's."""
        return connector == "erp" and record["type"] in KINDS

    def learn(self, record: dict[str, Any]) -> None:
        """One more item."""
        self._items[record["messageId"]] = _item(record)

    def pulled(self) -> None:
        """Opens, is asked until there is nothing left, and closes."""
        key = secrets.token_hex(16)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _api(list(self._items.values()), key))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{self._server.server_port}"
        connector = self._held(f"http://{host}/api/items", key)
        allowed, configured.ALLOW_ADDRESSES = configured.ALLOW_ADDRESSES, [*configured.ALLOW_ADDRESSES, host]
        try:
            self._ask(connector)
        finally:
            configured.ALLOW_ADDRESSES = allowed
            setup.switch(connector, on=False)
            rows(connection, f"select pg_advisory_unlock({pulls.PULLS.lock}, {connector.pk})")
            self.close()

    def _held(self, url: str, key: str) -> Connector:
        """The connector, which no worker asks by: only this process knows the address, and may go there."""
        with transaction.atomic():
            wanted = Wanted(outlets.STORES, "rest_pull", NAME, SETTINGS, MAPPING)
            found = standing.connector(self._workspace, wanted, secret=key)
            rows(connection, f"select pg_advisory_lock({pulls.PULLS.lock}, {found.pk})")
            setup.change(found, settings={"url": url}, secrets={"secret": key})
            setup.switch(found, on=True)
        return Connector.objects.select_related("channel").get(pk=found.pk)

    def _ask(self, connector: Connector) -> None:
        work.at_once(connection, connector)
        for _turn in range(TURNS):
            work.turn(connection, connector, wake.notify)
            stands = pulled.of_one(connection, connector).pull
            if stands is not None and stands.ended_at is not None:
                break
        if stands is None or stands.tries or stands.ended_at is None:
            why = stands.failure.sentence if stands and stands.failure else "it does not end"
            raise Trouble(f"The demo's merchandise system could not be asked: {why}")

    def close(self) -> None:
        """Nobody can ask any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def _item(record: dict[str, Any]) -> dict[str, Any]:
    """A record as the ERP has it."""
    item = {"id": record["messageId"], "modified": record["at"], "item_code": record["sku"]}
    if record["type"] == "product":
        named = {"item_name": record["name"], "group": record["category"], "maker": record["brand"]}
        return item | {"kind": "item"} | named | {"labels": record["tags"]}
    amount = {"amount": record["unit_cost"], "amount_currency": record["currency"]}
    return item | {"kind": "purchase_price"} | amount


def _api(items: list[dict[str, Any]], key: str) -> type[BaseHTTPRequestHandler]:
    """`GET /api/items?page=1&size=50` with the key: a page of the items, and how many there are."""

    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
            if self.headers.get("Authorization") != f"Bearer {key}":
                self._say(401, {"message": "no such key"})
                return
            size = int(asked.get("size", PAGE))
            first = (int(asked.get("page", 1)) - 1) * size
            self._say(200, {"data": {"items": items[first : first + size], "total": len(items)}})

        def _say(self, status: int, content: dict[str, Any]) -> None:
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    return Api
