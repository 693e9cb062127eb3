"""What a connector brought is counted with its batch; readiness tells what could lose an event."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from cdp.serve import readiness
from channels import health as flow_health
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
    [found] = flow_health.of_connectors(workspace, NOW).values()
    assert found.counts == (22, 16, 2, 4, 2)
    assert found.lag_ms is not None
    assert 1900 < found.lag_ms < 3_600_000
    assert found.state == "rejecting"
    assert health.last_day(connection)[0][1:] == (
        "shop",
        {"received": 22, "stored": 16, "rejected": 2, "repeats": 4},
    )


def test_a_database_that_may_lose_commits_is_not_ready(settings: Any) -> None:
    status, facts = readiness.look()
    assert (status, facts["database"]["fsync"]) == (200, "off")
    settings.FAST_AND_LOSSY = False
    status, facts = readiness.look()
    assert (status, facts["ready"]) == (503, False)
