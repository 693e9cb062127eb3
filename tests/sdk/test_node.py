"""Unmodified clients for Node.js, only their host changed: every call type arrives once, field by field as sent."""

import json
import subprocess

import pytest

from tests.sdk.calls import EVERYTHING, TYPES
from tests.sdk.conftest import BUSY, Node, Sdk

CLIENT_SECONDS = 60


@pytest.mark.parametrize("trouble", ["", BUSY, "lost"])
@pytest.mark.parametrize(
    "name", ["@segment/analytics-node", "analytics-node", "@rudderstack/rudder-sdk-node"]
)
def test_a_client_for_node(sdk: Sdk, node: Node, name: str, trouble: str) -> None:
    sdk.recorder.trouble = [trouble] if trouble else []
    command = [node.binary, "send.cjs", name, sdk.recorder.address, sdk.key, json.dumps(EVERYTHING)]
    done = subprocess.run(
        command, cwd=node.folder, capture_output=True, text=True, timeout=CLIENT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr or done.stdout
    sdk.check(TYPES, again=bool(trouble))
