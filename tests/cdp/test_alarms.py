"""Alarms: each by its name, while its cause is there; time is handed in. Real processes: test_stopped.py."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from prometheus_client import CollectorRegistry, generate_latest

from cdp.pipeline import alerts
from cdp.serve import readiness
from channels import alerts as incoming
from channels.inbox import log
from kernel.db import run
from kernel.models import Member
from kernel.process import heartbeat
from tests.shop import Shop, track

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def names(at: datetime = NOW) -> set[str]:
    """The alarms of a moment."""
    return {alarm.name for alarm in alerts.of_all(connection, at)}


def waiting(shop: Any, since: datetime) -> None:
    """A request that lies open."""
    connector = shop.connectors["web-shop"]
    body = '{"event":"Looked","userId":"u1"}'
    entry = log.Entry(connector.workspace_id, since, uuid.uuid4(), connector.pk, "track", 1, body)
    log.append(connection, [entry])


def minute(shop: Any, at: datetime, received: int, rejected: int) -> None:
    """What a connector brought."""
    run(
        connection,
        "insert into channels_minute (workspace_id, connector_id, minute, received, rejected)"
        " values (%(w)s, %(c)s, %(at)s, %(n)s, %(bad)s)",
        w=shop.workspace.pk,
        c=shop.connectors["web-shop"].pk,
        at=at,
        n=received,
        bad=rejected,
    )


def test_all_is_well_at_first(shop: Any) -> None:
    assert names() == set()


@pytest.mark.parametrize(
    ("sign", "name"), [(heartbeat.WORKER, "worker_stopped"), (heartbeat.CLOCK, "beat_stopped")]
)
def test_a_process_that_falls_silent_has_stopped_until_it_is_heard_again(
    shop: Any, sign: str, name: str
) -> None:
    heartbeat.beat(connection, sign, NOW)
    assert names(later(25)) == set()
    assert names(later(40)) == {name}
    heartbeat.beat(connection, sign, later(41))
    assert names(later(42)) == set()


def test_a_worker_that_lives_and_looks_at_nothing_has_stopped(shop: Any) -> None:
    heartbeat.beat(connection, heartbeat.INBOX, NOW)
    waiting(shop, later(5))
    heartbeat.beat(connection, heartbeat.WORKER, later(45))
    assert "worker_stopped" in names(later(46))
    incoming.note(connection, later(47), worked=True)
    assert "worker_stopped" not in names(later(48))


def test_an_older_sign_never_hides_a_newer_one(shop: Any) -> None:
    heartbeat.beat(connection, heartbeat.INBOX, later(10))
    heartbeat.beat(connection, heartbeat.INBOX, NOW)
    assert heartbeat.signs(connection)[heartbeat.INBOX].at == later(10)


def test_a_lag_that_grows_is_told_and_one_that_shrinks_is_not(shop: Any) -> None:
    waiting(shop, NOW)
    incoming.note(connection, later(20), worked=True)
    assert "inbox_lag_growing" not in names(later(25))
    assert "inbox_lag_growing" in names(later(50))
    incoming.note(connection, later(55), worked=True)
    run(connection, "delete from channels_inbox_open")
    waiting(shop, later(40))
    incoming.note(connection, later(71), worked=True)
    assert "inbox_lag_growing" not in names(later(72))


def test_the_samples_of_the_lag_stay_few(shop: Any) -> None:
    for turn in range(100):
        incoming.note(connection, later(turn * 5), worked=True)
    assert len(heartbeat.signs(connection)[heartbeat.INBOX].detail["lags"]) <= 25


def test_a_look_at_the_inbox_is_noted_by_whoever_drains(shop: Any) -> None:
    incoming._Memory.told = -incoming.TELL_SECONDS
    shop.sends(track("Looked", "u1"))
    sign = heartbeat.signs(connection)[heartbeat.INBOX]
    assert datetime.now(UTC) - sign.at < timedelta(seconds=60)
    assert sign.detail["lags"]


def test_a_broker_that_does_not_answer(shop: Any, settings: Any, redis: Any) -> None:
    assert alerts.broker_answers()
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert names() == {"broker_down"}


def test_a_connector_whose_messages_cannot_be_used(shop: Any) -> None:
    minute(shop, later(-120), received=100, rejected=9)
    assert names() == set()
    minute(shop, later(-60), received=100, rejected=30)
    assert names() == {"connector_rejecting"}
    assert names(later(600)) == set()


def test_a_connector_that_has_gone_silent(shop: Any) -> None:
    minute(shop, NOW, received=5, rejected=0)
    assert names(later(3600)) == set()
    assert names(later(25 * 3600)) == {"connector_silent"}
    minute(shop, later(25 * 3600), received=1, rejected=0)
    assert names(later(25 * 3600 + 60)) == set()


def test_a_disk_that_is_nearly_full(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUILIU_MIN_FREE_MB", str(10**9))
    assert names() == {"disk_low"}
    monkeypatch.setenv("HUILIU_MIN_FREE_MB", "0")
    assert names() == set()


def test_a_transaction_that_has_been_open_for_long(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        alerts, "oldest_snapshot", lambda _db: (alerts.OLD_SNAPSHOT.total_seconds() + 1, 42, "pg_dump")
    )
    (alarm,) = alerts.shown(connection, shop.workspace.pk, NOW)
    assert alarm.name == "old_snapshot"
    assert "pg_dump" in alarm.remedy


def test_another_workspace_s_connectors_are_nobody_else_s_business(shop: Any) -> None:

    minute(shop, later(-60), received=100, rejected=100)
    other = Shop("Other")
    assert [alarm.name for alarm in alerts.shown(connection, shop.workspace.pk, NOW)] == [
        "connector_rejecting"
    ]
    assert alerts.shown(connection, other.workspace.pk, NOW) == []


def test_an_alarm_is_on_every_page_in_the_probes_and_in_the_metrics(shop: Any) -> None:
    user = User.objects.create_user("wu")
    Member.objects.create(workspace=shop.workspace, user=user, role="viewer")
    client = Client()
    client.force_login(user)
    heartbeat.beat(connection, heartbeat.CLOCK, datetime.now(UTC))
    assert "has stopped" not in client.get("/customers/").content.decode()
    heartbeat.beat(connection, heartbeat.CLOCK, datetime.now(UTC) + timedelta(microseconds=1))
    run(connection, "update kernel_heartbeat set at = at - interval '40 seconds'")
    for page in ("/", "/customers/", "/channels/", "/live/", "/rejects/", "/frame/freshness/"):
        assert "The clock process (beat) has stopped" in client.get(page).content.decode()
    status, facts = readiness.look()
    assert (status, facts["alarms"]) == (200, ["beat_stopped"])
    text = _metrics()
    assert 'huiliu_alarm{name="beat_stopped"} 1.0' in text
    assert all(f'huiliu_alarm{{name="{name}"}}' in text for name in alerts.NAMES)


def _metrics() -> str:
    """The text of /metrics."""
    registry = CollectorRegistry()
    readiness._fill(registry)
    return generate_latest(registry).decode()


def test_how_far_the_numbers_are_behind_is_on_every_page(shop: Any) -> None:
    user = User.objects.create_user("wu")
    Member.objects.create(workspace=shop.workspace, user=user, role="viewer")
    client = Client()
    client.force_login(user)
    incoming.note(connection, datetime.now(UTC) - timedelta(seconds=30), worked=True)
    waiting(shop, datetime.now(UTC) - timedelta(seconds=90))
    assert "behind" in client.get("/customers/").content.decode()
