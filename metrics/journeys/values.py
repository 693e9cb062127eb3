"""The values of a dimension as a question groups by them: an order's or a touch's, in DuckDB's words, and as shown.

What has none is null, what is beyond the most frequent is `other`. A channel is counted by its id, shown by its slug.
Not here: which question knows which dimension.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from metrics.journeys.base import OTHER, Asked

PLACE = re.compile(r"\$(\w+)")
NONE: Final = "null"  # how none is written in an address, and as a key in JSON
NOTHING = "null::varchar"


def of_order(dimension: str) -> str:
    """The expression of an order's value; a city is said of people, not of orders."""
    return _expression(dimension, "store")


def of_touch(dimension: str) -> str:
    """The expression of a touch's value: its store stands in its properties."""
    return _expression(dimension, "json_extract_string(properties, '$.store')")


def _expression(dimension: str, store: str) -> str:
    if dimension in ("", "city"):
        return NOTHING
    if dimension == "channel":
        return "channel::varchar"
    return known(store if dimension == "store" else dimension)


def known(expression: str) -> str:
    """A text that says something, else null."""
    return f"nullif(nullif({expression}, ''), '{NONE}')"


def shown(
    asked: Asked, dimension: str, sizes: Mapping[str | None, int]
) -> list[tuple[str | None, str | None]]:
    """Each value as it was counted and as it is shown: the largest first, then the other ones, then none."""
    last = {OTHER: 1, None: 2}
    order = sorted(sizes, key=lambda value: (last.get(value, 0), -sizes[value], value or ""))
    slugs = {str(channel): slug for channel, slug in asked.settings.channels.items()}
    return [
        (value, slugs.get(value, value) if value and dimension == "channel" else value) for value in order
    ]


def counted(asked: Asked, dimension: str, name: str) -> str | None:
    """A value as it is counted, by how it is shown: the reverse. `null` or nothing: none."""
    ids = {slug: str(channel) for channel, slug in asked.settings.channels.items()}
    if dimension == "channel" and name in ids:
        return ids[name]
    return None if name in ("", NONE) else name


def bound(statement: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Of the values those that a statement has a place for: DuckDB refuses any other."""
    return {name: given[name] for name in set(PLACE.findall(statement)) & given.keys()}
