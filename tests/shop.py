"""A retailer for tests: sends through the inbox as the front door would keep it, drains, and looks at what came.

`shop` (fixture in conftest.py) has one workspace, a web shop and a store; more by `shop.channel(...)`.
"""

import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from rest_framework.test import APIClient

from cdp.pipeline import batches
from channels import setup
from channels.inbox import log
from kernel.models import Member, Role, Workspace
from kernel.web import access

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


def identify(user: str, at: datetime | str | None = None, **traits: Any) -> dict[str, Any]:
    """An identify call."""
    return {"type": "identify", "userId": user, "traits": traits} | _at(at)


def track(
    event: str, user: str | None = None, at: datetime | str | None = None, **rest: Any
) -> dict[str, Any]:
    """A track call; `anonymous`, `message_id`, `context`, `identifiers` go to their places, the rest are properties."""
    message: dict[str, Any] = {"type": "track", "event": event}
    for name, place in (
        ("anonymous", "anonymousId"),
        ("message_id", "messageId"),
        ("context", "context"),
        ("identifiers", "identifiers"),
    ):
        if name in rest:
            message[place] = rest.pop(name)
    if user:
        message["userId"] = user
    return message | {"properties": rest} | _at(at)


def order(
    order_id: str, total: str | float, user: str | None = None, at: datetime | str | None = None, **rest: Any
) -> dict[str, Any]:
    """An Order Completed."""
    return track("Order Completed", user, at, order_id=order_id, total=total, **rest)


def _at(at: datetime | str | None) -> dict[str, Any]:
    if at is None:
        return {}
    return {"timestamp": at if isinstance(at, str) else at.isoformat()}


class Shop:
    """One workspace and what is sent to it."""

    def __init__(self, name: str = "Hemu", currency: str = "CNY", zone: str = "Asia/Shanghai") -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from kernel_heartbeat"
            )  # of other tests: they would raise alarms in this one
        self.workspace: Workspace = setup.add_workspace(
            f"{name} {uuid.uuid4().hex[:6]}", currency=currency, timezone=zone
        )
        self.ids = itertools.count(1)
        self.connectors: dict[str, Any] = {}
        self.key = ""
        self.channel("Web shop", "web")
        self.channel("Store", "store")

    def channel(self, name: str, kind: str, **rest: Any) -> Any:
        """Adds a channel with one HTTP connector, known by the channel's slug."""
        made = setup.add_channel(self.workspace, name, kind, **rest)
        self.connectors[made.channel.slug] = made.connector
        self.key = self.key or made.key  # of the first channel, the web shop
        return made

    def sends(
        self,
        *messages: dict[str, Any],
        to: str = "web-shop",
        door: str = "batch",
        drain: bool = True,
        received_at: datetime | None = None,
        **top: Any,
    ) -> uuid.UUID:
        """One request into the inbox, as received; then drained unless told not to."""
        for message in messages:
            if isinstance(message, dict) and door == "batch":
                message.setdefault("messageId", f"m{next(self.ids)}")
        name = "records" if door == "records" else "batch"
        body = json.dumps({name: list(messages)} | top, default=str)
        return self.sends_raw(body, len(messages), to, door, drain, received_at)

    def sends_raw(
        self,
        body: str,
        n: int,
        to: str = "web-shop",
        door: str = "batch",
        drain: bool = True,
        received_at: datetime | None = None,
    ) -> uuid.UUID:
        """A body as it is."""
        request = uuid.uuid4()
        at = received_at or datetime.now(UTC)
        log.append(
            connection, [log.Entry(self.workspace.pk, at, request, self.connectors[to].pk, door, n, body)]
        )
        if drain:
            self.drains()
        return request

    def records(self, *records: dict[str, Any], to: str = "web-shop", drain: bool = True) -> None:
        """A /v1/records request."""
        self.sends(*records, to=to, door="records", drain=drain)

    def drains(self) -> dict[str, Any]:
        """Works the inbox until it is empty."""
        return batches.drain()

    def api(self, role: str = Role.ADMIN) -> APIClient:
        """A client with a token of this role."""
        from django.contrib.auth.models import User

        user, _new = User.objects.get_or_create(username=f"{role}-{self.workspace.slug}")
        Member.objects.get_or_create(workspace=self.workspace, user=user, defaults={"role": role})
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {access.make_token(self.workspace, user, role)}")
        return client

    def get(self, path: str, role: str = Role.ADMIN, **query: Any) -> Any:
        """The JSON of a read-API path; fails on anything but 200."""
        answer = self.api(role).get(path, query)
        assert answer.status_code == 200, (answer.status_code, answer.content[:500])
        return answer.json()

    def profile(self, identifier: str) -> dict[str, Any]:
        """The one profile with this `kind:value`."""
        found = self.get("/api/profiles/", identifier=identifier)["results"]
        assert len(found) == 1, (identifier, found)
        return self.get(f"/api/profiles/{found[0]['id']}/")

    def metric(self, name: str, **query: Any) -> Any:
        """A metric's answer."""
        given = {"from": "2026-03-01", "to": "2026-03-31"} | {k.rstrip("_"): v for k, v in query.items()}
        return self.get(f"/api/metrics/{name}/", **given)

    def value(self, name: str, **query: Any) -> str | None:
        """A metric's total."""
        return self.metric(name, **query)["total"]["value"]


def later(**delta: float) -> datetime:
    """A time after the beginning of the tests' March."""
    return START + timedelta(**delta)
