"""A shop whose views read a mirror filled by hand: real customers, channels and rates, for tests over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from profiles import queries
from tests.metrics.mirror_tables import serve
from tests.reference.journeys import Happened, mirror
from tests.shop import Shop, identify, later

USERS = ("u1", "u2", "u3", "u4")


class Served:
    """The shop, its customers' serial ids by user and its channels' by slug."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.shop.sends(*(identify(user, at=later(), name=f"Buyer {user}") for user in USERS))
        self.shop.records({"type": "rate", "currency": "USD", "rate": "7", "at": "2026-01-01T00:00:00Z"})
        self.ids = {user: self._serial(user) for user in USERS}
        slugs = queries.channel_slugs(connection, self.shop.workspace.pk)
        self.channels = {slug: channel for channel, slug in slugs.items()}

    def _serial(self, user: str) -> int:
        found = self.shop.profile(f"user_id:{user}")
        return queries.resolve(connection, self.shop.workspace.pk, found["id"])[0]

    def shows(self, patch: pytest.MonkeyPatch, happened: Callable[["Served"], Happened], **more: Any) -> None:
        """Every view reads this from now on."""
        serve(patch, mirror(happened(self), **more))

    def names(self, path: str, **asked: Any) -> list[str]:
        """The customers that an address lists."""
        return sorted(one["name"] for one in self.shop.get(path, **asked)["results"])

    def refuses(self, path: str, asked: dict[str, Any]) -> str:
        """The code of a 400 that says why in a sentence."""
        answer = self.shop.api().get(path, {name: one for name, one in asked.items() if one is not None})
        assert answer.status_code == 400, answer.content
        assert len(answer.json()["message"]) > 20
        return answer.json()["code"]


def at(month: int, day: int, hour: int = 4) -> datetime:
    """In 2026."""
    return datetime(2026, month, day, hour, tzinfo=UTC)
