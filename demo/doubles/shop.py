"""The web shop's platform: it pushes each change of a price to a hook, signed, one delivery a change."""

import hashlib
import hmac
import http.client
import secrets
import time
import urllib.parse
from decimal import Decimal
from typing import Any, Final

import msgspec

from channels.connect import setup
from demo import outlets
from demo.doubles import standing
from demo.doubles.standing import Wanted
from kernel.errors import Trouble
from kernel.models import Workspace

NAME: Final = "Shop platform"
SIGNATURE, DELIVERY = "X-Shop-Signature", "X-Shop-Delivery"
TRIES: Final = 8  # as such platforms do
PAUSE_SECONDS: Final = 0.3
TIMEOUT_SECONDS: Final = 30
MAPPING: Final = """\
[[message]]
when = "topic == 'product.price_changed'"
type = "'price'"
messageId = "id"
at = "time(changed_at)"
sku = "product.code"
price = "yuan(product.price)"
list_price = "yuan(product.list_price)"
currency = "product.currency"
promotion = "product.campaign"

[[message]]
when = "topic == 'shop.ping'"
skip = true
"""


class ShopPlatform:
    """Prices in cents, as platforms write them; the mapping makes yuan of them."""

    def __init__(self, workspace: Workspace, address: str) -> None:
        wanted = Wanted(outlets.WEB, "webhook", NAME, {"header": SIGNATURE, "id": DELIVERY}, MAPPING)
        found = standing.connector(workspace, wanted, secret=secrets.token_hex(24))
        self._secret = setup.opened(found).secrets["secret"].encode()
        where = urllib.parse.urlsplit(address)
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(where.hostname or "127.0.0.1", where.port, timeout=TIMEOUT_SECONDS)
        self._path = f"{where.path.rstrip('/')}/hooks/{found.uuid}/"

    def has(self, connector: str, record: dict[str, Any]) -> bool:
        """Whether a record is the platform's to tell."""
        priced = record["type"] == "price" and isinstance(record.get("price"), float)
        return priced and connector == outlets.CONNECTOR_OF[outlets.WEB]

    def push(self, record: dict[str, Any]) -> None:
        """One delivery, again until it was taken."""
        body = msgspec.json.encode(_delivery(record))
        signed = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", SIGNATURE: signed, DELIVERY: record["messageId"]}
        said = ""
        for turn in range(TRIES):
            try:
                self._connection.request("POST", self._path, body, headers)
                answer = self._connection.getresponse()
                said = f"{answer.status} {answer.read(500).decode('utf-8', 'replace')}"
                if answer.status == 200:
                    return
            except (OSError, http.client.HTTPException) as trouble:
                self._connection.close()
                said = str(trouble)
            time.sleep(PAUSE_SECONDS * (turn + 1))
        raise Trouble(f"The hook of the demo's shop platform does not take a delivery: {said}")


def _delivery(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": record["messageId"],
        "topic": "product.price_changed",
        "changed_at": record["at"],
        "product": {
            "code": record["sku"],
            "price": _cents(record["price"]),
            "list_price": _cents(record["list_price"]),
            "currency": record["currency"],
            "campaign": record.get("promotion"),
        },
    }


def _cents(amount: Any) -> int:
    return int(Decimal(str(amount)) * 100)
