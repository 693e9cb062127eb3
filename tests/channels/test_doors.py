"""One table says how what came through a door is read: the line, the life of an event and Live open the same."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection

from channels import protocol, queries
from channels.inbox import log, raw
from channels.mapping import decode
from tests.shop import Shop

BODY = {
    "type": "track",
    "event": "Seen",
    "userId": "u",
    "batch": [{"type": "page"}],
    "records": [{"type": "price"}],
}


@pytest.mark.parametrize("door", [*protocol.DOORS, "of-another-version"])
def test_a_body_opens_as_its_door_says(db: None, door: str) -> None:
    text, shop = json.dumps(BODY), Shop()
    now, request, connector = datetime.now(UTC), uuid.uuid4(), shop.connectors["web-shop"].pk
    log.append(connection, [log.Entry(shop.workspace.pk, now, request, connector, door, 1, text)])
    field = protocol.door(door).items
    wanted = BODY[field][0] if field else BODY
    (item,) = decode.opened(door, text).items
    shown = queries.received(shop.workspace.pk, now, request, 0)
    assert json.loads(item) == json.loads(shown) == wanted
    assert raw.item(connection, shop.workspace.pk, now, request, 1) is None


def test_every_door_that_a_path_leads_to_has_its_row() -> None:
    doors = {route.door for route in protocol.EXACT.values() if route.does in ("message", "pixel", "webhook")}
    assert doors <= set(protocol.DOORS)
