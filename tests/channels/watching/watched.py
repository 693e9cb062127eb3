"""For tests of watched places: connectors that watch, looks of the worker, and what the page would say."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import connection

from cdp.pipeline import batches, watching
from channels.connect import setup as connecting
from channels.models import Channel, Connector
from channels.watching import store
from channels.watching.store import Standing
from kernel.db import run
from tests.channels.imports.dropping import text
from tests.shop import Shop

ORDERS = ["order_id", "ordered_at", "total", "phone"]


def watcher(shop: Shop, watch: str = "till", secrets: Mapping[str, str] = {}, **own: Any) -> Connector:
    """A connector of files that watches a place; its files settle at once, unless told otherwise."""
    channel = Channel.objects.get(workspace=shop.workspace, slug="store")
    said = {"watch": watch, "settle": 1, **own}
    return connecting.make(channel, "file", "Watched", said, secrets).connector


def settled(one: Connector) -> None:
    """Time goes by: what was seen has lain there long enough, and the next look is due."""
    run(
        connection,
        "update channels_watched set since = since - interval '1 day' where connector_id = %(c)s",
        c=one.pk,
    )
    run(connection, "update channels_watch set next_look = '-infinity' where connector_id = %(c)s", c=one.pk)
    run(connection, "update channels_connector set created_at = '2020-01-01' where id = %(c)s", c=one.pk)


def look(one: Connector, times: int = 1) -> Standing:
    """Looks of the worker, a day apart; how the place stands then."""
    for _ in range(times):
        settled(one)
        watching.run(batches.drain)
    return store.standing(connection, one, 50)


def orders(*rows: Sequence[Any]) -> str:
    """A file of orders."""
    return text(ORDERS, *rows)


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """A file, whole."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def states(found: Standing) -> dict[str, str]:
    """What became of each file."""
    return {
        one.path: one.import_state or one.state if one.state == "taken" else one.state for one in found.found
    }
