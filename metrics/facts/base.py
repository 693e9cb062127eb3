"""What every fact needs: the workspace and its channels as values, exact sums, keys. Not here: any one fact."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context
from types import MappingProxyType
from typing import NamedTuple

from kernel import periods

# Sums are exact: amounts may have any number of decimals, and differences must cancel whatever the batches were.
EXACT = Context(prec=5_000, rounding=ROUND_HALF_UP)
LONGEST_KEY = 255  # characters; an index entry has room for two of them
WORKSPACE = 0  # the channel of what holds for the whole workspace


class ChannelSettings(NamedTuple):
    """A channel as far as facts ask."""

    currency: str
    zone: str
    slug: str


class WorkspaceSettings(NamedTuple):
    """A workspace as far as facts ask. Zone and currency are its reporting ones."""

    workspace: int
    zone: str
    currency: str
    channels: Mapping[int, ChannelSettings] = MappingProxyType({})

    def day(self, at: datetime) -> date:
        """The day of a moment in the reporting zone."""
        try:
            return periods.day(at, periods.zone(self.zone))
        except OverflowError:  # the calendar's last day has no day after it
            return at.date()

    def currency_of(self, channel: int) -> str:
        """What amounts of a channel are in when nothing is said."""
        there = self.channels.get(channel)
        return there.currency if there else self.currency


def short(key: str) -> str:
    """A fact's key as it is kept: a longer one (a messageId may have any length) by its digest."""
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
