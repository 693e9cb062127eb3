"""What benchmarks stand on is right: clones say what their rows say, and the peer does the work it is measured by."""

import json
from typing import Any

from django.db import connection

from benchmarks import ground
from benchmarks.clones import Clones, Crowd, step_seconds
from benchmarks.stream import Stream
from kernel.db import rows
from metrics import customer_spans

EVENTS, PEOPLE, CLONES = 600, 40, 3


def counted(table: str, what: str = "count(*)") -> Any:
    """A sum over a table."""
    return rows(connection, f"select {what} from {table}")[0][0]


def test_clones_say_what_their_rows_say(db: None) -> None:
    workspace, connectors, _key = ground.place()
    stream = Stream(PEOPLE, step=step_seconds(EVENTS))
    ground.fill(workspace.pk, connectors, stream.bodies(EVENTS))
    ground.drain()
    clones = Clones(workspace.pk)
    clones.grow(CLONES)
    total = EVENTS * (CLONES + 1)
    assert counted("profiles_event") == counted("profiles_event", "count(distinct id)") == total
    assert counted("profiles_summary", "sum(events)") == counted("profiles_activity", "sum(events)") == total
    assert counted("channels_seen s join profiles_event e on e.id = s.id") == total
    assert counted("metrics_rollup where measure = 'gmv'", "sum(amount)") == counted(
        "metrics_order", "sum(total)"
    )
    kept = "select measure, channel_id, first, last, n from metrics_span order by 1, 2, 3, 4"
    before = rows(connection, kept)
    customer_spans.rebuild(connection, workspace.pk)
    assert rows(connection, kept) == before


def test_clones_are_found_and_met(db: None) -> None:
    workspace, connectors, _key = ground.place()
    ground.fill(workspace.pk, connectors, Stream(PEOPLE, step=step_seconds(EVENTS)).bodies(EVENTS))
    ground.drain()
    clones = Clones(workspace.pk)
    clones.grow(CLONES)
    found = ground.reader(workspace).get("/api/profiles/?identifier=user_id:user-1-2").json()["results"]
    assert len(found) == 1
    users = [
        value for (value,) in rows(connection, "select value from profiles_identifier where kind = 'user_id'")
    ]
    people = counted("profiles_sighting")
    body = {
        "batch": [
            {"messageId": f"again-{user}", "type": "track", "event": "Seen", "userId": user} for user in users
        ]
    }
    ground.fill(workspace.pk, connectors, iter([(json.dumps(body), len(users))]))
    assert ground.drain()["events"] == len(users)
    assert counted("profiles_identifier where kind = 'user_id'") == len(users)
    assert counted("profiles_sighting") - people < len(users) / 2  # most were seen alone before
    message = rows(
        connection, "select message_id, connector_id from profiles_event where message_id like '%%-2' limit 1"
    )
    copy = {"batch": [{"messageId": message[0][0], "type": "track", "event": "Seen", "userId": "u"}]}
    ground.fill(workspace.pk, [message[0][1]], iter([(json.dumps(copy), 1)]))
    assert ground.drain()["repeats"] == 1
    ground.fill(workspace.pk, connectors, Crowd(PEOPLE, clones.made, seed=5).bodies(100))
    assert ground.drain()["events"] == 100


def test_the_peer_does_the_work_it_is_measured_by(db: None) -> None:
    from benchmarks.first_day import models
    from benchmarks.first_day.loop import Loop

    models.create()
    loop, stream = Loop(lean=False), Stream(20)
    messages = [stream.message() for _ in range(200)]
    for message in [*messages, messages[0]]:
        loop.take(message)
    events = models.Event.objects.count()
    assert events == 200
    assert sum(models.Person.objects.values_list("events", flat=True)) == events
    assert sum(models.Active.objects.values_list("events", flat=True)) == events
    daily = {row.metric: row.value for row in models.Daily.objects.filter(metric__in=["orders", "gmv"])}
    assert models.Order.objects.count() == sum(models.Person.objects.values_list("orders", flat=True)) > 0
    assert models.Line.objects.count() == models.Order.objects.count()
    assert daily["orders"] <= models.Order.objects.count()
    active = sum(models.Daily.objects.filter(metric="active").values_list("value", flat=True))
    assert active == models.Active.objects.count()
