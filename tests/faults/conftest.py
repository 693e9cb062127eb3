"""Workspaces whose commits are real, for tests that kill processes.

`shops()` makes one more on each call; `undisturbed(requests)` is what the same requests come to when nothing happens.
Django is imported inside: this file is read before it is set up.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def shops(transactional_db: None) -> Iterator[Callable[[], Any]]:
    from tests.live import empty
    from tests.shop import Shop

    empty()
    yield Shop
    empty()


@pytest.fixture
def undisturbed(shops: Any) -> Callable[[list[Any]], dict[str, Any]]:
    from django.db import connection

    from tests.faults.state import comparable
    from tests.faults.story import put

    def run(requests: list[Any]) -> dict[str, Any]:
        shop = shops()
        put(shop, requests)
        shop.drains()
        return comparable(connection, shop.workspace.pk)

    return run
