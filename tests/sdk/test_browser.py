"""Unmodified browser clients in a page of another site, only their host changed: each call is stored once, as sent."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.calls import EVERYTHING, TYPES
from tests.sdk.conftest import BUSY, Sdk

HOURS = 3_600_000  # ms; a queue that waits so long is emptied by leaving the page or not at all


class Quiet(SimpleHTTPRequestHandler):
    """Serves the shop's page."""

    def log_message(self, *_args: Any) -> None:
        """Nothing."""


@pytest.fixture
def page(browser: Any, page_script: Path) -> Iterator[Any]:
    """The shop's page, on a host that is not the collector's; `page.trouble` holds what its console complains of."""
    page_script.with_name("index.html").write_text(
        '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Robe</title>'
        '<script src="page.js"></script>'
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(page_script.parent)))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    context = browser.new_context()
    page = context.new_page()
    page.trouble = []
    page.on("console", lambda said: page.trouble.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.goto(f"http://localhost:{server.server_address[1]}/index.html?utm_source=mail&utm_campaign=spring")
    yield page
    context.close()
    server.shutdown()
    server.server_close()


def say(page: Any, sdk: Sdk, client: str, options: dict[str, Any]) -> None:
    """The page loads its client and says everything."""
    given = {"client": client, "key": sdk.key, "address": sdk.recorder.address, "options": options}
    page.evaluate(
        """async ([given, everything]) => {
            window.client = await window[given.client](given);
            await window[given.client + "Says"](window.client, everything);
        }""",
        [given, EVERYTHING],
    )


@pytest.mark.parametrize("door", ["single", "batch"])
def test_segment_analytics_next(sdk: Sdk, page: Any, door: str) -> None:
    batching = {"strategy": "batching", "config": {"size": 4, "timeout": HOURS}}
    options = {"integrations": {"Segment.io": {"deliveryStrategy": batching}}} if door == "batch" else {}
    say(page, sdk, "segment", options)
    if door == "batch":
        page.goto("about:blank")  # the last two go with the leaving
    sdk.check(TYPES, at=None)
    doors = {sent.path for sent in sdk.recorder.sent if sent.method == "POST"}
    assert doors == ({"/v1/b"} if door == "batch" else {f"/v1/{kind[0]}" for kind in TYPES})
    assert page.trouble == []


@pytest.mark.parametrize("door", ["single", "batch", "beacon"])
def test_rudder_analytics_js(sdk: Sdk, page: Any, door: str) -> None:
    options: dict[str, Any] = {
        "single": {},
        "batch": {"queueOptions": {"batch": {"enabled": True, "maxItems": 5, "flushInterval": HOURS}}},
        "beacon": {"useBeacon": True, "beaconQueueOptions": {"maxItems": 10, "flushQueueInterval": HOURS}},
    }[door]
    say(page, sdk, "rudder", options)
    if door == "beacon":
        page.goto("about:blank")
    types = TYPES - {"screen"}
    sdk.check(types, at=None)
    doors = {sent.path.partition("?")[0] for sent in sdk.recorder.sent if sent.method == "POST"}
    wanted = {"batch": {"/v1/batch"}, "beacon": {"/beacon/v1/batch"}}
    assert doors == wanted.get(door, {f"/v1/{kind}" for kind in types})
    assert page.trouble == []


@pytest.mark.parametrize("client", ["segment", "rudder"])
@pytest.mark.parametrize("trouble", [BUSY, "lost"])
def test_a_browser_client_that_sends_again(sdk: Sdk, page: Any, client: str, trouble: str) -> None:
    sdk.recorder.trouble = [trouble] * 2
    say(page, sdk, client, {})
    sdk.check(TYPES if client == "segment" else TYPES - {"screen"}, at=None, again=True)
