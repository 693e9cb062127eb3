"""For tests of hooks: connectors of a kind, deliveries to the running server's door, and what came of them."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import connection

from channels import hooks
from channels.connect import setup as connecting
from channels.connectors.base import Delivery
from channels.hooks import Hook, Judged
from channels.inbox import log
from channels.models import Channel, Connector
from kernel.db import rows
from tests.shop import Shop


def connector(
    shop: Shop,
    kind: str,
    settings: Mapping[str, Any] = {},
    secrets: Mapping[str, Any] = {},
    to: str = "web-shop",
) -> Connector:
    """A connector of a kind on a channel of the shop."""
    channel = Channel.objects.get(workspace=shop.workspace, slug=to)
    return connecting.make(channel, kind, kind, settings, secrets).connector


def hook_of(one: Connector) -> Hook:
    """What the front door knows of it."""
    found = hooks.find(connection, str(one.uuid))
    assert found is not None
    return found


def deliver(
    one: Connector,
    body: bytes | str | dict[str, Any] | list[Any],
    headers: Mapping[str, str] = {},
    *,
    query: str = "",
    method: str = "POST",
    now: float = 0.0,
) -> Judged:
    """A delivery as the front door judges and keeps it; nothing is worked yet."""
    raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    hook = hook_of(one)
    named = {name.lower(): value for name, value in headers.items()}
    judged = hooks.judge(hook, Delivery(method, named, query, raw, f"/hooks/{one.uuid}/"), now)
    if judged.text is not None:
        log.append(
            connection,
            [
                log.Entry(
                    workspace=hook.workspace,
                    received_at=rows(connection, "select clock_timestamp()")[0][0],
                    request=uuid.uuid4(),
                    connector=hook.connector,
                    door=hooks.DOOR,
                    n=1,
                    body=judged.text,
                    sender=judged.sender,
                )
            ],
        )
    return judged


def signed(body: bytes, secret: str, digest: str = "sha256") -> str:
    """An HMAC in hex, by the standard library."""
    return hmac.new(secret.encode(), body, getattr(hashlib, digest)).hexdigest()
