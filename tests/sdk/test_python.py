"""Unmodified Python clients, only their host changed: every call type arrives once, field by field as it was sent."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.calls import TYPES, say_everything
from tests.sdk.conftest import BUSY, Sdk

CLIENT_SECONDS = 60


def fresh(name: str) -> Any:
    """Both packages install a module of nearly the same make: each test gets its own."""
    for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
        del sys.modules[module]
    return importlib.import_module(name)


@pytest.mark.parametrize("gzip", [True, False])
def test_segment_analytics_python(sdk: Sdk, gzip: bool) -> None:
    say_everything(fresh("segment.analytics.client").Client(sdk.key, host=sdk.recorder.address, gzip=gzip))
    sdk.check(TYPES)


@pytest.mark.parametrize("gzip", [True, False])
def test_rudder_sdk_python(sdk: Sdk, gzip: bool) -> None:
    say_everything(
        fresh("rudderstack.analytics.client").Client(sdk.key, host=sdk.recorder.address, gzip=gzip)
    )
    sdk.check(TYPES)


@pytest.mark.parametrize("trouble", [BUSY, "lost"])
@pytest.mark.parametrize("name", ["segment", "rudderstack"])
def test_a_python_client_that_sends_again(sdk: Sdk, name: str, trouble: str) -> None:
    sdk.recorder.trouble = [trouble]
    say_everything(fresh(f"{name}.analytics.client").Client(sdk.key, host=sdk.recorder.address))
    sdk.check(TYPES, again=True)


def test_analytics_python(sdk: Sdk, old_packages: Path) -> None:
    command = [sys.executable, "-m", "tests.sdk.old_client", sdk.recorder.address, sdk.key]
    paths = {"PYTHONPATH": str(old_packages), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        command, env=paths, capture_output=True, text=True, timeout=CLIENT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    sdk.check(TYPES)
