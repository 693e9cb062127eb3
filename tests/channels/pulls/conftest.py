"""A kind of the tests' own beside the product's."""

from types import MappingProxyType
from typing import Any

import pytest


@pytest.fixture
def thin(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The kind `thin` is on the list."""
    from channels import connectors
    from tests.channels.pulls.thin import THIN

    monkeypatch.setattr(connectors, "KINDS", MappingProxyType({**connectors.KINDS, "thin": THIN}))
    return THIN
