"""The shop: a retailer for tests of the whole line."""

from typing import Any

import pytest


@pytest.fixture
def shop(db: None) -> Any:
    """One workspace with a web shop and a store."""
    from tests.shop import Shop

    return Shop()
