"""A shop and its receiver."""

from typing import Any

import pytest


@pytest.fixture
def shop(db: None) -> Any:
    """Django is imported inside: this file is read before it is set up."""
    from tests.shop import Shop

    return Shop()


@pytest.fixture
def consent(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Who has consented to what: {(purpose, channel): {profile id, …}}. Asked each time something is sent."""
    from uuid import UUID

    from cdp.pipeline import activation

    given: dict[tuple[str, str], set[str]] = {}

    def consented(_db: Any, _workspace: int, purpose: str, channel: str, profiles: Any) -> set[UUID]:
        return {UUID(one) for one in given.get((purpose, channel), set())} & set(profiles)

    monkeypatch.setattr(activation, "PORTS", activation.PORTS._replace(consented=consented))
    return given
