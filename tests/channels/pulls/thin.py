"""A kind whose notices only name an order, which its platform's API tells: for tests of look-ups.

A notice is {"order": id}, perhaps with {"says": name}, a message of its own beside it; {"bad": true} cannot be read.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from channels.connectors.base import (
    HOOK,
    Api,
    Connection,
    ConnectorKind,
    Delivery,
    Guide,
    Message,
    Page,
    Pulled,
    Secret,
    Wanted,
)
from channels.reasons import UNREADABLE_BODY, Rejection

TOPIC = "order"


class Settings(Pulled, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where its API is."""

    url: str = ""


def verify(connection: Connection, delivery: Delivery, now: float) -> None:
    """Everything is good."""


def track(name: str, order: str, **rest: Any) -> Message:
    return {"type": "track", "event": name, "userId": "u1", "messageId": f"{name}-{order}", **rest}


def messages(connection: Connection, delivery: Delivery, received_at: datetime) -> Iterable[Any]:
    found = json.loads(delivery.body)
    if delivery.query == TOPIC:
        yield track(
            "Found", found["id"], timestamp="2026-03-01T02:00:00Z", properties={"total": found["total"]}
        )
        return
    if found.get("bad"):
        raise Rejection(UNREADABLE_BODY, format="JSON")
    if "says" in found:
        yield track(found["says"], found["order"])
    yield Wanted(f"order-{found['order']}", {"id": found["order"]})


def look_up(connection: Connection, api: Api, params: Mapping[str, Any]) -> Page:
    token = api.remember(
        "token", lambda: (api.call("POST", f"{connection.settings.url}/token").body.decode(), 3600)
    )
    answer = api.call("GET", f"{connection.settings.url}/orders/{params['id']}", headers={"x-token": token})
    return Page(answer.body, {}, topic=TOPIC)


THIN = ConnectorKind(
    name="thin",
    label="Thin",
    category="shop",
    direction=HOOK,
    about="A test's.",
    guide=Guide(steps=("None.",)),
    settings=Settings,
    secrets=(Secret("secret", "Secret"),),
    verify=verify,
    messages=messages,
    look_up=look_up,
)
