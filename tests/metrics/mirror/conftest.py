"""Where the mirror lies in a test: `bucket` gives an S3-compatible store and puts it there, `either` both in turns."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def _store() -> Iterator[Any]:
    from tests.metrics.mirror.store import Store

    found = Store()
    yield found
    found.close()


@pytest.fixture
def bucket(_store: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The store, with a mirror of this test's own in it; this machine's folder is empty."""
    from metrics.mirror import reading

    for name, value in _store.settings().items():
        setattr(settings, name, value)
    settings.MIRROR = str(tmp_path / "here")
    monkeypatch.setattr(reading, "_PROCESSES", {})
    _store.asked.clear()
    yield _store
    _store.proxy.set("pass")
    _store.free()
    _ended(reading)


@pytest.fixture(params=["folder", "bucket"])
def either(request: pytest.FixtureRequest) -> str:
    """The mirror in a folder, then in a bucket."""
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    return str(request.param)


@pytest.fixture
def machine(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`machine(name)`: from here on we are another machine, with a folder and a reading process of its own."""
    from metrics.mirror import reading

    def become(name: str) -> Path:
        _ended(reading)
        settings.MIRROR = str(tmp_path / name)
        monkeypatch.setattr(reading, "_PROCESSES", {})
        return tmp_path / name

    return become


def _ended(reading: Any) -> None:
    """The reading processes of this test."""
    for beside in reading._PROCESSES.values():
        if beside._process is not None:
            beside._process.kill()
            beside._process.wait()
