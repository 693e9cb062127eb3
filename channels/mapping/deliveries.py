"""A platform's delivery out of the inbox -> messages of ours, by its connector's kind. Not here: the door (hooks.py),
what a platform's fields mean (connectors/).

Read anew on every rebuild, by today's code and settings. What a kind does not understand is a reject with the body as
it came; it never stops the batch.
"""

import logging
from datetime import datetime
from typing import Any

import msgspec

from channels import connectors, hooks
from channels.connect import connections
from channels.connectors.base import Delivery, Unusable
from channels.mapping.decode import Opened
from channels.protocol import TYPES
from channels.reasons import NOT_TAKEN_HERE, NOT_UNDERSTOOD, Rejection
from channels.sender import Hooked
from channels.snapshot import ConnectorSettings
from kernel.vocabulary import RECORDS

logger = logging.getLogger("huiliu.deliveries")

POST = "POST"
ENCODER = msgspec.json.Encoder(decimal_format="string")


def opened(connector: ConnectorSettings, body: str, said: Hooked, received_at: datetime) -> Opened:
    """The messages of a delivery; raises Rejection for one that cannot be read."""
    kind = connectors.KINDS.get(connector.kind)
    if kind is None or kind.messages is None:
        raise Rejection(NOT_TAKEN_HERE, kind=connector.kind)
    try:
        delivery = Delivery(POST, said.headers, said.query, hooks.plain(body, said))
        given = list(kind.messages(connections.opened(connector.kept), delivery, received_at))
        found = [one.message if isinstance(one, Unusable) else one for one in given]
        items = [ENCODER.encode(one) for one in found]
    except Rejection:
        raise
    except Exception as why:
        logger.exception("a delivery of %s was not understood", connector.uuid)
        raise Rejection(NOT_UNDERSTOOD, kind=str(kind.name)) from why
    whys = {place: one.why for place, one in enumerate(given) if isinstance(one, Unusable)}
    return Opened(items, mixed=[is_record(one) for one in found], whys=whys)


def is_record(message: dict[str, Any]) -> bool:
    """Whether a message speaks of goods and money rather than of a person's doing."""
    kind = message.get("type")
    return isinstance(kind, str) and kind in RECORDS and kind not in TYPES


def shown(body: str, said: Hooked) -> str:
    """A delivery's body for people: as text, whatever it was kept as."""
    return hooks.plain(body, said).decode("utf-8", "replace").replace("\x00", "") if said.encoded else body
