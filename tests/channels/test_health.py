"""What a connector brought is counted with its batch; readiness tells what could lose an event."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from cdp.serve import readiness
from channels import setup
from channels.inbox import health
from kernel.event import Clean, Prepared, RejectedMessage

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def clean(connector: int, channel: int) -> Clean:
    return Clean(
        id=uuid.uuid4(),
        message_id="m",
        connector=connector,
        channel=channel,
        request=uuid.uuid4(),
        position=0,
        received_at=NOW - timedelta(seconds=2),
        occurred_at=NOW,
        type="track",
        name="Product Viewed",
        touchpoint="browse",
        identifiers=(),
        properties={},
        traits={},
        context={},
        observed={},
    )


def bad(connector: int) -> RejectedMessage:
    now = NOW - timedelta(seconds=2)
    return RejectedMessage(
        uuid.uuid4(), "b", connector, uuid.uuid4(), 0, now, "no_type", "no_type", "type", {}, "{}"
    )


def test_a_batch_is_counted_by_connector() -> None:
    added = setup.add_channel(setup.workspace(), "Shop", "web")
    workspace, connector = added.channel.workspace_id, added.connector.id
    cleans = [clean(connector, added.channel.id) for _ in range(10)]
    cleans[0].sighting = 1
    for _batch in range(2):
        prepared = Prepared(workspace, cleans, [], [bad(connector)])
        health.add(connection, workspace, prepared, (cleans[:8], []))
    [found] = health.connectors(connection, workspace, NOW - timedelta(hours=1), NOW)
    assert (found.received, found.stored, found.rejected, found.repeats, found.identified) == (
        22,
        16,
        2,
        4,
        2,
    )
    assert 1900 < found.lag_ms <= found.lag_ms_max < 3_600_000
    assert found.state == "failing"
    assert health.last_day(connection)[0][1:] == (
        "shop",
        {"received": 22, "stored": 16, "rejected": 2, "repeats": 4},
    )


def test_a_new_and_a_quiet_connector_are_told_apart() -> None:
    added = setup.add_channel(setup.workspace(), "Shop", "web")
    workspace = added.channel.workspace_id
    assert [one.state for one in health.connectors(connection, workspace, NOW, NOW)] == ["new"]
    one = [clean(added.connector.id, added.channel.id)]
    health.add(connection, workspace, Prepared(workspace, one, [], []), (one, []))
    later = NOW + timedelta(days=2)
    assert [one.state for one in health.connectors(connection, workspace, later, later)] == ["quiet"]


def test_a_database_that_may_lose_commits_is_not_ready(settings: Any) -> None:
    status, facts = readiness.look()
    assert (status, facts["database"]["fsync"]) == (200, "off")
    settings.FAST_AND_LOSSY = False
    status, facts = readiness.look()
    assert (status, facts["ready"]) == (503, False)
