"""Ingest as others see it: HTTP to the real web server, the worker's own work, the read API.

`out` (fixture in conftest.py) is a fresh shop behind the real front door. Not here: the tests (test_contract_*.py).
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.channels.conftest import Reply, Server
from tests.shop import Shop


class Outside:
    """A channel's system, and somebody with a token."""

    def __init__(self, web: Server, shop: Shop) -> None:
        self.web, self.shop, self.key = web, shop, shop.key

    def sends(self, path: str, value: Any, key: str = "", **headers: str) -> Reply:
        """A request, and the work it makes."""
        reply = self.web.post(path, value, key or self.key, **headers)
        self.shop.drains()
        return reply

    def batch(self, *items: Any, key: str = "", **top: Any) -> Reply:
        """A batch that is taken."""
        reply = self.sends("/v1/batch", {"batch": list(items)} | top, key)
        assert (reply.status, reply.json["success"]) == (200, True)
        return reply

    def events(self, **query: Any) -> list[dict[str, Any]]:
        """What is stored, newest first."""
        found: list[dict[str, Any]] = self.shop.get("/api/events/", limit=500, **query)["results"]
        return found

    def event(self, **query: Any) -> dict[str, Any]:
        """The one event."""
        found = self.events(**query)
        assert len(found) == 1, found
        return found[0]

    def rejects(self, **query: Any) -> list[dict[str, Any]]:
        """What is not."""
        found: list[dict[str, Any]] = self.shop.get("/api/rejects/", limit=500, **query)["results"]
        return found

    def value(self, metric: str) -> Decimal:
        """A metric's total of March 2026."""
        return Decimal(self.shop.value(metric) or "NaN")

    def identifiers(self, **query: Any) -> set[tuple[str, str]]:
        """Of the one event."""
        return {(one["kind"], one["value"]) for one in self.event(**query)["identifiers"]}


def seen(**rest: Any) -> dict[str, Any]:
    """An ordinary message."""
    return {"type": "track", "event": "Product Viewed", "userId": "u1"} | rest


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
