"""A suggestion that waits for a decision, as if a run had found it."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection

from profiles import queries
from profiles.suggestions import kept, model
from profiles.suggestions.wire import Pair
from tests.shop import Shop


def put(shop: Shop, one: str, other: str) -> dict[str, Any]:
    """Of the two customers with these identifiers (`kind:value`), in the place of all others that wait."""
    assert between(shop.workspace.pk, *(shop.profile(identifier)["id"] for identifier in (one, other)))
    found: dict[str, Any] = shop.get("/api/suggestions/")["results"][0]
    return found


def between(workspace: int, *both: str) -> bool:
    """The same of two customers by their ids; whether they may be one."""
    a, b = (queries.resolve(connection, workspace, key)[0] for key in both)
    pair = Pair(a, b, 0.97, 5.0, [0] * len(model.COMPARISONS), [0.5] * len(model.COMPARISONS))
    return kept.replace(connection, workspace, [pair], datetime.now(UTC)) == 1
