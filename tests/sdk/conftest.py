"""The whole line as processes, for clients that speak HTTP: web, worker, a workspace with a key and a token."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class Sdk:
    """Where to send, and where to look."""

    def __init__(self, line: Any, shop: Any) -> None:
        from django.contrib.auth.models import User

        from cdp.kernel import access
        from tests.live import eventually

        self.line, self.shop, self.eventually = line, shop, eventually
        self.address, self.key = line.address, shop.key
        user = User.objects.create(username="reader")
        self.token = access.make_token(shop.workspace, user, "admin")

    def get(self, path: str) -> Any:
        """The JSON of a read-API path."""
        status, body = self.line.get(path, self.token)
        assert status == 200, (status, body)
        return body

    def events(self, count: int, seconds: float = 5) -> dict[str, dict[str, Any]]:
        """The stored events by type, once there are so many."""

        def all_there() -> Any:
            found = self.get("/api/events/?limit=200")["results"]
            return found if len(found) >= count else None

        found = self.eventually(all_there, seconds)
        assert len(found) == count, [(event["type"], event["message_id"]) for event in found]
        return {event["type"]: event for event in found}

    def profile(self, identifier: str, seconds: float = 5) -> Any:
        """The profile with an identifier, once it is there."""
        found = self.eventually(
            lambda: self.get(f"/api/profiles/?identifier={identifier}")["results"], seconds
        )
        return self.get(f"/api/profiles/{found[0]['id']}/")


@pytest.fixture
def sdk(transactional_db: None, servers: Any, redis: Any, tmp_path: Path) -> Iterator[Sdk]:
    """A running line with an empty workspace."""
    from tests.live import Line, empty
    from tests.shop import Shop

    empty()
    shop = Shop()
    line = Line(servers.environment(), tmp_path)
    yield Sdk(line, shop)
    line.stop()
    empty()
