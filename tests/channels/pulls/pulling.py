"""For tests of pulls: connectors that ask a platform's double, turns of the worker, and what came of them."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from cdp.pipeline import pulls
from channels.models import Connector
from kernel.db import rows, run
from tests.channels.hooking import connector
from tests.platform_double import Platform
from tests.shop import Shop


def rest(shop: Shop, api: Platform, secret: str = "", **settings: Any) -> Connector:
    """A connector that asks for our own messages."""
    own = {"url": f"{api.url}/things", "items": "items"} | settings
    return connector(shop, "rest_pull", own, {"secret": secret} if secret else {})


def turn(n: int = 1) -> int:
    """So many turns of everything that is due; how many connectors had one."""
    return sum(pulls.run(each, kept=int) for _ in range(n) for each in (pulls.PULLS, pulls.LOOKUPS))


def due(one: Connector) -> None:
    """Its time has come, as it does by itself."""
    run(connection, "update channels_pull set next_run = now() where connector_id = %(c)s", c=one.pk)


def again(one: Connector) -> None:
    """Its time has come, and it has its turn."""
    due(one)
    turn()


def track(name: str, **rest: Any) -> dict[str, Any]:
    """An item that is a message of ours."""
    return {"type": "track", "event": name, "userId": "u1", "timestamp": "2026-03-01T02:00:00Z"} | rest


def listed(shop: Shop, one: Connector) -> dict[str, Any]:
    """What the API's list says of it."""
    [found] = [c for c in shop.get("/api/connectors/")["results"] if c["connector"] == str(one.uuid)]
    return dict(found)


def seconds(one: Connector) -> float:
    """From the end of its last run to its next one."""
    rest = "extract(epoch from next_run - coalesce(ended_at, now()))"
    return float(
        rows(connection, f"select {rest} from channels_pull where connector_id = %(c)s", c=one.pk)[0][0]
    )


def kept(one: Connector) -> int:
    """Deliveries in the inbox."""
    return int(
        rows(connection, "select count(*) from channels_inbox where connector_id = %(c)s", c=one.pk)[0][0]
    )


def names(shop: Shop) -> list[str]:
    """Of all events that are stored, sorted."""
    shop.drains()
    query = "select name from profiles_event where workspace_id = %(w)s order by name"
    return [name for (name,) in rows(connection, query, w=shop.workspace.pk)]


def cursor(one: Connector) -> Mapping[str, Any]:
    one.refresh_from_db()
    return one.cursor
