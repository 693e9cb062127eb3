"""What an address asks of service: channels, cells, costs, days. Not here: periods, lengths (journeys/asking.py)."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from kernel.errors import BadRequest

NULL: Final = "null"  # in an address: none
MOST_COST: Final = Decimal(1_000_000)  # of one ticket


def channel(channels: Mapping[int, str], slug: str) -> int:
    """A channel by its slug; a BadRequest for one that there is not."""
    for number, known in channels.items():
        if known == slug:
            return number
    raise BadRequest(f"There is no channel “{slug[:200]}” in this workspace.", "unknown_channel")


def cell(channels: Mapping[int, str], given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Of each name whether any channel will do (`any_NAME`), and which one will; None: none at all."""
    found: dict[str, Any] = {}
    for name in names:
        slug = given.get(name, "")
        found[f"any_{name}"] = not slug
        found[name] = None if slug in ("", NULL) else channel(channels, slug)
    return found


def costs(channels: Mapping[int, str], given: Iterable[str]) -> dict[str, Decimal]:
    """What a ticket costs by the slug of its channel, of texts CHANNEL:AMOUNT; a BadRequest for what is none."""
    found = {}
    for one in given:
        slug, colon, amount = one.rpartition(":")
        try:
            value = Decimal(amount.strip())
        except InvalidOperation:
            value = Decimal(-1)
        if not colon or not value.is_finite() or not 0 <= value <= MOST_COST:
            raise BadRequest(
                "`cost` is CHANNEL:AMOUNT in the workspace's currency, for example call-centre:12.50.",
                "bad_cost",
            )
        channel(channels, slug)
        found[slug] = value
    return found


def day(name: str, text: str) -> date:
    """A day; a BadRequest for what is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or len(text) != len("2026-11-01") or not 1900 <= found.year <= 2999:
        raise BadRequest(f"`{name}` is a day like 2026-11-01.", f"bad_{name}")
    return found
