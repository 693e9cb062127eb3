"""The shop: a retailer for tests of the whole line."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def shop(db: None) -> Any:
    """One workspace with a web shop and a store."""
    from tests.shop import Shop

    return Shop()


@pytest.fixture
def lasting(transactional_db: None) -> Iterator[Any]:
    """The same where commits are real: for batches and attempts that are transactions of their own."""
    from tests.live import empty
    from tests.shop import Shop

    empty()
    yield Shop()
    empty()
