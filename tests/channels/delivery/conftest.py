"""A shop and its receiver."""

from typing import Any

import pytest


@pytest.fixture
def shop(db: None) -> Any:
    """Django is imported inside: this file is read before it is set up."""
    from tests.shop import Shop

    return Shop()
