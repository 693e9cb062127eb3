"""The first copy of a message wins; bad ones are kept whole, can be mended and go in again, once."""

import json
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from channels import protocol
from channels.inbox import live, log, rejects, seen
from channels.inbox.rejects import Act
from channels.mapping import apply
from channels.models import Channel, Connector
from kernel.db import rows, run
from kernel.errors import BadRequest, NotFound
from kernel.models import Workspace

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
VIEW = {"type": "track", "event": "Product Viewed", "userId": "u-1"}


class Door:
    """One connector; what is sent lies in the inbox and is worked as the pipeline does, without its other parts."""

    def __init__(self, slug="web"):
        self.workspace, _ = Workspace.objects.get_or_create(slug="rejects", defaults={"name": "Rejects"})
        channel = Channel.objects.create(
            workspace=self.workspace, slug=slug, name=slug, currency="CNY", timezone="Asia/Shanghai"
        )
        self.connector = Connector.objects.create(workspace=self.workspace, channel=channel, name=slug)
        self.at = NOW

    def sends(self, *items, door="batch", **around):
        """One request; the messages that were new."""
        self.at += timedelta(seconds=1)
        field = "records" if door == "records" else "batch"
        body = items[0] if not protocol.door(door).items else {field: list(items), **around}
        entry = log.Entry(
            self.workspace.pk, self.at, uuid4(), self.connector.pk, door, len(items), json.dumps(body)
        )
        log.append(connection, [entry])
        return self.works()

    def works(self):
        """What lies open in the inbox."""
        fresh = []
        found = rows(
            connection,
            "select i.request, i.received_at, i.connector_id, i.door, i.n, i.body, 1 from channels_inbox i "
            "join channels_inbox_open o using (workspace_id, received_at, request) "
            "where i.workspace_id = %(w)s order by i.received_at, i.request",
            w=self.workspace.pk,
        )
        prepared = apply.prepare(
            [log.Received(*row) for row in found], apply.snapshot(connection, self.workspace.pk)
        )
        fresh += seen.first(connection, self.workspace.pk, prepared.cleans)
        fresh += seen.first_records(connection, self.workspace.pk, prepared.records)
        rejects.add(connection, self.workspace.pk, prepared.bads)
        run(connection, "delete from channels_inbox_open where workspace_id = %(w)s", w=self.workspace.pk)
        return fresh

    def rejects(self, **narrowed):
        return rejects.page(connection, self.workspace.pk, masked=False, **narrowed).items

    def mends(self, key, raw):
        return rejects.mend(connection, self.workspace.pk, key, raw, "lin")

    def replay(self, **narrowed):
        return rejects.replay(connection, self.workspace.pk, Act("lin"), **narrowed)


@pytest.fixture
def door():
    return Door()


def states(door):
    return [one["state"] for one in door.rejects()]


# ---- the first copy ---------------------------------------------------------------------------


def test_a_message_again_is_a_repeat_however_it_comes(door):
    (first,) = door.sends(VIEW | {"messageId": "m"}, VIEW | {"messageId": " m ", "event": "Other"})
    assert (first.name, first.position) == ("Product Viewed", 0)
    assert door.sends(VIEW | {"messageId": "m"}) == []
    assert len(Door("store").sends(VIEW | {"messageId": "m"})) == 1


def test_the_first_received_wins_whatever_the_order_of_the_batch(door):
    door.at += timedelta(hours=1)
    late = log.Received(
        uuid4(), door.at, door.connector.pk, "batch", 1, json.dumps({"batch": [VIEW | {"messageId": "m"}]}), 1
    )
    early = late._replace(request=uuid4(), received_at=door.at - timedelta(minutes=1))
    prepared = apply.prepare([late, early], apply.snapshot(connection, door.workspace.pk))
    (won,) = seen.first(connection, door.workspace.pk, prepared.cleans)
    assert won.request == early.request


def test_records_take_their_message_ids_too(door):
    price = {"type": "price", "sku": "s", "price": 1}
    assert len(door.sends(price | {"messageId": "m"}, price | {"messageId": "m"}, price, door="records")) == 2
    assert door.sends(price | {"messageId": "m", "price": 2}, door="records") == []


def test_while_everything_is_made_anew_only_the_copy_that_won_stays(door):
    run(connection, "create table channels_winner (workspace_id bigint, id uuid, request uuid, position int)")
    made = {
        name: apply.prepare(
            [
                log.Received(
                    uuid4(),
                    NOW,
                    door.connector.pk,
                    "batch",
                    1,
                    json.dumps({"batch": [VIEW | {"messageId": name}]}),
                    1,
                )
            ]
            * 2,
            apply.snapshot(connection, door.workspace.pk),
        )
        for name in ("a", "b")
    }
    one = made["a"].cleans[0]
    run(
        connection,
        "insert into channels_winner values (%(w)s, %(i)s::uuid, %(r)s::uuid, 5)",
        w=door.workspace.pk, i=str(one.id), r=str(one.request),
    )  # fmt: skip
    for prepared in made.values():
        seen.only_winners(connection, prepared)
    assert [len(made[name].cleans) for name in ("a", "b")] == [0, 2]


# ---- bad copies -------------------------------------------------------------------------------


def test_a_reject_keeps_the_whole_original(door):
    item = {"type": "track", "userId": "u", "messageId": "m", "unknown": [1, {"a": "ü"}]}
    door.sends(VIEW, item)
    (found,) = door.rejects()
    assert json.loads(found["raw"]) == item
    assert (found["reason"], found["field"], found["message_id"], found["state"]) == (
        "no_event_name",
        "event",
        "m",
        "open",
    )
    assert found["connector"] == str(door.connector.uuid)
    assert found["received_at"] == "2026-11-24T12:00:01Z"
    assert found == rejects.one(connection, door.workspace.pk, found["id"], masked=False)


def test_a_later_bad_copy_is_a_repeat_and_a_later_good_one_closes_it(door):
    bad = {"type": "track", "userId": "u", "messageId": "m"}
    door.sends(bad, bad)
    door.sends(bad)
    (found,) = door.rejects()
    assert found["copies"] == 3
    assert len(door.sends(VIEW | {"messageId": "m"})) == 1
    door.sends(bad)
    assert states(door) == ["closed"]


def test_a_bad_copy_of_a_stored_message_is_no_reject(door):
    door.sends(VIEW | {"messageId": "m"})
    door.sends({"messageId": "m"})
    assert door.rejects() == []


def test_a_reject_whose_message_was_stored_meanwhile_counts_as_closed(door):
    door.sends({"messageId": "m"})
    run(
        connection,
        "insert into channels_seen select workspace_id, id, request, 1, now() from channels_reject "
        "where workspace_id = %(w)s",
        w=door.workspace.pk,
    )
    assert states(door) == ["closed"]
    assert door.rejects(state="open") == []
    assert door.replay() == {"replayed": 0, "still_bad": 0}


def test_lists_are_narrowed_and_paged_newest_first(door):
    for number in range(5):
        door.sends(
            {"type": "track", "userId": "u", "messageId": f"m{number}"},
            {"type": "x", "messageId": f"t{number}"},
        )
    first = rejects.page(connection, door.workspace.pk, masked=False, reason="no_event_name", limit=3)
    rest = rejects.page(
        connection, door.workspace.pk, masked=False, reason="no_event_name", limit=3, at=first.next
    )
    assert [one["message_id"] for one in (*first.items, *rest.items)] == ["m4", "m3", "m2", "m1", "m0"]
    assert len(door.rejects(connector=door.connector.pk, state="open")) == 10
    assert door.rejects(connector=0) == door.rejects(state="closed") == []
    with pytest.raises(BadRequest):
        door.rejects(state="lost")
    with pytest.raises(BadRequest):
        door.rejects(reason="lost")


def test_a_viewer_sees_no_contact_data(door):
    door.sends(
        {
            "type": "identify",
            "messageId": "m",
            "traits": {"phone": "138x", "email": "lin@hemu.cn"},
            "userId": "0",
        }
    )
    door.sends({"type": "x", "messageId": "n", "note": "call 13800000001"})
    shown = json.dumps(rejects.page(connection, door.workspace.pk, masked=True).items)
    assert "hemu" not in shown.replace("m•••", "")
    assert "13800000001" not in shown


# ---- once more --------------------------------------------------------------------------------


def test_replaying_twice_changes_nothing(door):
    order = {"type": "track", "event": "Order Completed", "messageId": "m"}
    door.sends(
        order | {"properties": {"order_id": "o", "total": 5, "order_channel": "store"}},
        sentAt="2026-11-24T11:00:00Z",
    )
    assert door.replay() == {"replayed": 0, "still_bad": 1}
    Door("store")
    assert door.replay() == {"replayed": 1, "still_bad": 0}
    assert door.replay() == {"replayed": 0, "still_bad": 0}
    assert states(door) == ["replayed"]
    (stored,) = door.works()
    assert stored.message_id == "m"
    assert stored.meaning.order_channel
    assert stored.occurred_at == NOW + timedelta(seconds=1), "its own receipt, not that of the replay"
    assert door.works() == []
    assert door.replay(ids=[str(stored.id)]) == {"replayed": 0, "still_bad": 0}


def test_a_replay_keeps_what_the_request_said_for_all_and_the_time_its_clock_gave(door):
    item = {"type": "track", "userId": "u", "timestamp": "2026-11-24T10:00:00Z", "properties": {"n": 1.10}}
    door.sends(item, context={"ip": "203.0.113.1"}, sentAt="2026-11-24T11:00:01Z")
    (found,) = door.rejects()
    mended = item | {"event": "Seen"}
    assert door.mends(found["id"], json.dumps(mended)) == {
        "replayed": 1,
        "still_bad": 0,
    }
    (stored,) = door.works()
    assert stored.message_id == found["message_id"]
    assert str(stored.id) == found["id"]
    assert stored.context == {"ip": "203.0.113.1"}
    assert stored.occurred_at == datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    assert stored.properties == {"n": 1.1}


def test_a_door_of_one_type_says_the_type_in_a_replay_too(door):
    door.sends({"event": "Seen", "messageId": "m"}, door="track")
    (found,) = door.rejects()
    door.mends(found["id"], json.dumps({"event": "Seen", "anonymousId": "a"}))
    (stored,) = door.works()
    assert (stored.type, stored.message_id) == ("track", "m")


def test_a_webhooks_message_goes_in_alone_and_is_read_in_its_channels_zone(door):
    shipped = {"type": "track", "event": "Order Shipped", "properties": {"promised_at": "2026-11-25 08:00"}}
    door.sends(shipped | {"messageId": "a", "timestamp": "2026-11-24 18:00"}, door="webhook")
    (found,) = door.rejects()
    shipped["properties"]["order_id"] = "o"
    assert door.mends(found["id"], json.dumps(shipped))["replayed"] == 1
    (stored,) = door.works()
    assert stored.meaning.fields["promised_at"] == datetime(2026, 11, 25, tzinfo=UTC)
    assert stored.message_id == "a"


def test_a_record_is_replayed_with_its_time(door):
    door.sends({"type": "price", "sku": "s"}, door="records")
    (found,) = door.rejects()
    door.mends(found["id"], json.dumps({"type": "price", "sku": "s", "price": 3}))
    (stored,) = door.works()
    assert (stored.type, stored.at) == ("price", NOW + timedelta(seconds=1))


def test_what_is_still_bad_says_why_now(door):
    door.sends({"type": "track", "userId": "u", "messageId": "m"}, 5)
    found = next(one for one in door.rejects() if one["message_id"] == "m")
    mended = json.dumps({"type": "track", "event": "Seen", "userId": "null"})
    assert door.mends(found["id"], mended) == {"replayed": 0, "still_bad": 1}
    again = rejects.one(connection, door.workspace.pk, found["id"], masked=False)
    assert (again["reason"], again["state"], again["fixed"]) == ("no_identity", "open", mended)
    assert again["raw"] == found["raw"], "as received stays as received"
    assert again["hint"].startswith("Send a userId")
    assert again["hint"].endswith("Received: “null”.")
    assert door.replay() == {"replayed": 0, "still_bad": 2}
    assert door.replay(reason="not_an_object") == {"replayed": 0, "still_bad": 1}
    assert door.replay(connector=0) == {"replayed": 0, "still_bad": 0}


def test_a_replayed_one_that_is_bad_again_is_open_again(door):
    door.sends(VIEW | {"messageId": "m", "userId": "0"})
    (found,) = door.rejects()
    door.mends(found["id"], json.dumps(VIEW))
    run(
        connection,
        "update channels_inbox set body = replace(body, 'u-1', '0') where workspace_id = %(w)s",
        w=door.workspace.pk,
    )
    assert door.works() == []
    assert states(door) == ["open"]


@pytest.mark.parametrize("raw", ["{", "[]", "5", "[" * 100_000])
def test_a_mended_message_is_an_object(door, raw):
    with pytest.raises(BadRequest):
        door.mends(uuid4(), raw)
    with pytest.raises(NotFound):
        door.mends(uuid4(), "{}")


def test_hundreds_are_replayed_in_steps(door, monkeypatch):
    monkeypatch.setattr(rejects, "STEP", 70)
    door.sends(
        *(
            {"type": "track", "event": "Store Visited", "userId": "0", "messageId": f"m{n}"}
            for n in range(250)
        )
    )
    run(connection, "update channels_reject set raw = replace(raw, '\"0\"', '\"u\"')")
    assert door.replay(reason="no_identity") == {"replayed": 250, "still_bad": 0}
    assert len(door.works()) == 250


@pytest.mark.django_db(transaction=True)
def test_two_people_who_replay_at_once_send_it_once():
    door = Door()
    with transaction.atomic():
        door.sends(
            *({"type": "track", "event": "Seen", "userId": "0", "messageId": f"m{n}"} for n in range(40))
        )
        run(connection, "update channels_reject set raw = replace(raw, '\"0\"', '\"u\"')")
    done = []

    def press():
        done.append(door.replay()["replayed"])
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 40
    with transaction.atomic():
        assert len(door.works()) == 40


# ---- live -------------------------------------------------------------------------------------


def test_live_shows_what_came_and_what_became_of_it(door):
    door.at = datetime.now(UTC)
    door.sends(VIEW | {"messageId": "a"}, {"type": "x", "messageId": "b"})
    door.sends(VIEW | {"messageId": "a"})
    body = json.dumps({"batch": [VIEW | {"messageId": "c"}]})
    later = door.at + timedelta(seconds=1)
    log.append(
        connection, [log.Entry(door.workspace.pk, later, uuid4(), door.connector.pk, "batch", 1, body)]
    )
    found = live.recent(connection, door.workspace.pk)
    assert [(one.message_id, one.state) for one in found] == [
        ("c", "waiting"), ("a", "repeat"), ("b", "rejected"), ("a", "stored"),
    ]  # fmt: skip
    assert found[2].why.reason == "unknown_type"
    assert found[3].identifiers[0].value == "u-1"
    assert live.recent(connection, door.workspace.pk, connector=0) == []
    assert len(live.recent(connection, door.workspace.pk, limit=2)) == 2
