"""Unmodified Python clients, only their host changed: every call type arrives once, the profile is there within 5 s."""

import importlib
import sys
from datetime import UTC, datetime

import pytest

AT = datetime(2026, 3, 4, 5, 6, 7, 123000, tzinfo=UTC)


def send_everything(client) -> None:
    client.identify(
        "user-1", {"name": "Lin Xiaowen", "email": "Lin@Hemu.cn"}, timestamp=AT, anonymous_id="anon-1"
    )
    client.track("user-1", "Product Viewed", {"sku": "A1", "price": 12.5}, timestamp=AT)
    client.page("user-1", "Shop", "Robe", {"path": "/robe"}, timestamp=AT)
    client.screen("user-1", "Shop", "Robe", {"view": "robe"}, timestamp=AT)
    client.group("user-1", "group-1", {"company": "Hemu"}, timestamp=AT)
    client.alias("anon-1", "user-1", timestamp=AT)
    client.flush()


def fresh(name: str):
    """Both packages install a module of nearly the same make: each test gets its own."""
    for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
        del sys.modules[module]
    return importlib.import_module(name)


def check(sdk) -> None:
    events = sdk.events(6)
    assert set(events) == {"identify", "track", "page", "screen", "group", "alias"}
    assert events["track"]["name"] == "Product Viewed"
    assert events["track"]["properties"] == {"sku": "A1", "price": 12.5}
    assert events["page"]["properties"] == {"path": "/robe"}
    for event in events.values():
        assert event["occurred_at"][:23] == "2026-03-04T05:06:07.123", event
    profile = sdk.profile("user_id:user-1")
    assert profile["traits"]["name"]["value"] == "Lin Xiaowen"
    kinds = {(one["kind"], one["value"]) for one in profile["identifiers"]}
    assert kinds == {("user_id", "user-1"), ("anonymous_id", "anon-1"), ("email", "lin@hemu.cn")}
    assert sdk.get("/api/rejects/")["results"] == []


def test_segment_analytics_python(sdk):
    module = fresh("segment.analytics.client")
    client = module.Client(sdk.key, host=sdk.address, sync_mode=False)
    send_everything(client)
    client.join()
    check(sdk)


@pytest.mark.parametrize("gzip", [True, False])
def test_rudder_sdk_python(sdk, gzip):
    module = fresh("rudderstack.analytics.client")
    client = module.Client(sdk.key, host=sdk.address, sync_mode=False, gzip=gzip)
    send_everything(client)
    client.join()
    check(sdk)
