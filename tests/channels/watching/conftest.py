"""A folder that may be watched, and a bucket of an S3-compatible store in this process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.metrics.mirror.store import Store


@pytest.fixture
def shop(db: None) -> Any:
    """Django is imported inside: this file is read before it is set up."""
    from tests.shop import Shop

    return Shop()


@pytest.fixture
def drop(shop: Any, settings: Any, tmp_path: Path) -> Path:
    """The workspace's folder; `till` lies in it."""
    settings.WATCH_DIR = str(tmp_path / "drop")
    folder = tmp_path / "drop" / shop.workspace.slug / "till"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="session")
def s3() -> Iterator[Store]:
    """One store for the run."""
    made = Store()
    yield made
    made.close()
