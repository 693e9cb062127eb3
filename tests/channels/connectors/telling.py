"""For tests of kinds: sample deliveries, what a delivery becomes, and deliveries with anything in place of a field."""

import copy
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from cdp.pipeline import rebuild
from channels import hooks, snapshot
from channels.mapping import deliveries
from channels.models import Connector
from channels.reasons import Rejection
from channels.sender import Hooked
from kernel.db import rows
from tests.shop import Shop

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
ODD: tuple[Any, ...] = (None, "", "x", 7, -1, "1.5", True, [], ["a"], {}, {"a": {"b": [None]}}, 10**30)


def sample(kind: str, name: str) -> bytes:
    """A delivery out of the platform's documents."""
    return (SAMPLES / kind / name).read_bytes()


def read(kind: str, name: str) -> Any:
    """The same as JSON."""
    return json.loads(sample(kind, name))


def told(
    one: Connector, body: bytes, headers: Mapping[str, str] = {}, query: str = ""
) -> list[dict[str, Any]] | Rejection:
    """What the pipeline reads out of a delivery: messages of ours, or why none."""
    settings = snapshot.of(connection, one.workspace_id).connectors[one.pk]
    text, encoded = hooks.as_text(body)
    try:
        found = deliveries.opened(settings, text, Hooked(dict(headers), query, encoded), datetime.now(UTC))
    except Rejection as why:
        return why
    return [json.loads(item) for item in found.items]


def odd_ones(found: Any, deepest: int = 4) -> Iterator[Any]:
    """Copies of a JSON value, each with one field (or entry of a list) odd, or gone."""
    for path in _paths(found, (), deepest):
        for value in ODD:
            made = copy.deepcopy(found)
            _within(made, path[:-1])[path[-1]] = copy.deepcopy(value)
            yield made
        made = copy.deepcopy(found)
        del _within(made, path[:-1])[path[-1]]
        yield made


def _paths(found: Any, before: tuple[Any, ...], deepest: int) -> Iterator[tuple[Any, ...]]:
    if len(before) == deepest:
        return
    names = list(found) if isinstance(found, dict) else range(len(found)) if isinstance(found, list) else ()
    for name in names:
        yield (*before, name)
        yield from _paths(found[name], (*before, name), deepest)


def _within(found: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        found = found[name]
    return found


def is_read_or_refused(one: Connector, body: bytes, headers: Mapping[str, str] = {}, query: str = "") -> None:
    """Nothing is lost: messages or a reject, and no fault of ours behind it."""
    found = told(one, body, headers, query)
    if isinstance(found, Rejection):
        assert found.code.name != "not_understood", body
    else:
        assert found, body
        assert all(isinstance(message.get("messageId", ""), str) for message in found), body


def not_understood() -> int:
    """How many rejects there are that are a fault of ours."""
    asked = "select count(*) from channels_reject where code in ('not_understood', 'stops_worker')"
    [(found,)] = rows(connection, asked)
    return int(found)


def events(shop: Shop) -> list[tuple[Any, ...]]:
    """What is stored: name, messageId, time."""
    return rows(
        connection,
        "select name, message_id, occurred_at from profiles_event where workspace_id = %(id)s order by 1, 2",
        id=shop.workspace.pk,
    )


def same_after_a_rebuild(shop: Shop, *numbers: str) -> None:
    """A rebuild gives the same events and numbers."""
    before = (events(shop), [shop.value(name) for name in numbers])
    rebuild.everything()
    assert (events(shop), [shop.value(name) for name in numbers]) == before
