"""What tiles of journeys have in common: their finding, and how new it is. Not here: any one kind (<kind>_tile.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from console.journey import base
from metrics.journeys.base import Asked

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The finding, what it is of, and the newest event in it."""

    finding: str
    note: str
    as_of: datetime | None
    own_days: bool = False  # `note` says the days: they are not those of the board


def answered(here: base.Here, find: base.Find[T]) -> tuple[T, datetime | None]:
    """What a question finds and how new it is. Raises Trouble where there is no answer."""

    def both(asked: Asked, given: Mapping[str, str]) -> tuple[T, datetime | None]:
        return find(asked, given), asked.mirror.as_of

    return base.ask(here, both)
