"""For tests of what goes out: destinations made over the API, turns of the senders, the log as the API shows it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from cdp.pipeline import activation
from channels.delivery.outgoing import Change
from kernel.db import run
from tests.shop import Shop

EVENT = "Product Viewed"


def make(shop: Shop, url: str = "", kind: str = "webhook", **body: Any) -> dict[str, Any]:
    """A destination; without more said, a webhook for one event."""
    whole = {"name": "CRM", "kind": kind, "events": {"names": [EVENT]}} | body
    if kind == "webhook":
        whole["settings"] = {"url": url} | whole.get("settings", {})
    answer = shop.api().post("/api/destinations/", whole, format="json")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def change(shop: Shop, one: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = shop.api().patch(f"/api/destinations/{one['id']}/", body, format="json")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def sends() -> int:
    """All that is due."""
    return activation.run()


def log(shop: Shop, **query: Any) -> list[dict[str, Any]]:
    """The newest first."""
    return list(shop.get("/api/deliveries/", **query)["results"])


def only(shop: Shop, **query: Any) -> dict[str, Any]:
    found = log(shop, **query)
    assert len(found) == 1, found
    return found[0]


def states(shop: Shop) -> list[tuple[str, str]]:
    """State and reason, in the order in which they were noted."""
    return [(one["state"], one["reason"]) for one in reversed(log(shop, limit=500))]


def again() -> None:
    """What waits is due: deliveries and the servers that were left alone."""
    run(connection, "update channels_delivery set next_try = now() - interval '1 second'")
    run(connection, "update channels_destination set held_until = null")


class Segments:
    """Changes of segments as another part keeps them; its own is not asked here."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def add(self, segment: str, profile: str, *, entered: bool = True, at: datetime | None = None) -> None:
        at = at or datetime.now(UTC) + timedelta(seconds=1)
        self.changes.append(Change(len(self.changes) + 1, segment, UUID(profile), entered, at))

    def after(self, _db: Any, _workspace: int, number: int) -> list[Change]:
        return [one for one in self.changes if one.number > number][:3]

    def found(self) -> int:
        return activation.find(connection, self.after)
