"""Everything can be made again from the inbox, and neither order nor batches change an answer."""

# ruff: noqa: E501

import json
import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from tests.dump import differences, dump
from tests.shop import Shop, identify, later, order, track

CHANNELS = ("web-shop", "store")


def message(rng: random.Random, user: str, at: datetime) -> dict:
    """Any of the things that happen in a shop."""
    phone, number, cookie = (
        f"1381234{1000 + rng.randrange(6)}",
        f"O{rng.randrange(15)}",
        f"a{rng.randrange(12)}",
    )
    lines = [{"sku": "A", "price": 10, "quantity": rng.randrange(1, 4)}]
    return rng.choice(
        [
            track("Product Viewed", None, at, anonymous=cookie, sku="A"),
            identify(user, at, phone=phone, city=rng.choice(["北京", "杭州"]), name=f"客{user}"),
            identify(user, at, email=f"{user}@hemu.cn") | {"anonymousId": cookie},
            order(number, rng.randrange(1, 900), user, at, products=lines),
            track("Order Refunded", user, at, order_id=number, total=rng.randrange(1, 300)),
            track("Order Cancelled", user, at, order_id=number),
            track("Return Received", user, at, order_id=number, order_channel="web-shop"),
            track("Feedback Given", rng.choice([user, None]), at, score=rng.randrange(1, 6)),
            track("Order Completed", user, at, order_id="bad"),
        ]
    )


def record(rng: random.Random, at: str) -> dict:
    """Any of the records a shop sends."""
    return rng.choice(
        [
            {"type": "stock", "sku": "A", "quantity": rng.randrange(50), "at": at},
            {"type": "cost", "sku": "A", "unit_cost": "4.155", "at": at},
            {"type": "price", "sku": "A", "price": rng.randrange(8, 12), "at": at},
            {"type": "spend", "amount": rng.randrange(100), "date": at[:10]},
            {"type": "rate", "currency": "USD", "rate": "7.1", "at": at},
        ]
    )


def story(seed: int) -> list[tuple[str, str, list[dict]]]:
    """A few weeks of a small shop: (channel, door, messages) as requests."""
    rng = random.Random(seed)
    made: list[tuple[str, str, list[dict]]] = []
    for n in range(60):
        user, at = f"u{rng.randrange(8)}", later(hours=rng.randrange(700), minutes=n)
        messages = [message(rng, user, at) for _ in range(rng.randrange(1, 6))]
        for place, one in enumerate(messages):
            one["messageId"] = f"s{seed}-{n}-{place}"
        made.append((rng.choice(CHANNELS), "batch", messages))
    for n in range(12):  # each key once: of two records of one key the later received wins
        one = record(rng, later(days=2 * n).isoformat())
        made.append(("web-shop", "records", [one | {"id": f"s{seed}-r{n}"}]))
    return made


def send(shop, requests, drain_every: int) -> None:
    """Received one after the other, in this order."""
    for place, (channel, door, messages) in enumerate(requests):
        name = "records" if door == "records" else "batch"
        shop.sends_raw(
            json.dumps({name: messages}, default=str),
            len(messages),
            channel,
            door,
            place % drain_every == 0,
            datetime.now(UTC) + timedelta(milliseconds=place),
        )
    shop.drains()


@pytest.mark.parametrize("seed", range(3))
def test_a_rebuild_gives_the_same_answers(shop, seed):
    from cdp.pipeline import rebuild

    send(shop, story(seed), 7)
    before = dump(shop.workspace.pk)
    assert before["events"]
    assert before["rejects"]
    rebuild.everything()
    assert differences(before, dump(shop.workspace.pk)) == {}


@pytest.mark.parametrize("seed", range(3))
def test_order_and_batches_change_nothing(shop, seed):
    from tests.shop import Shop

    whole = story(seed)
    send(shop, whole, 1000)
    before = comparable(shop)
    rng = random.Random(seed)
    for every in (1, 5):
        other = Shop()
        again = [request for request in whole for _ in range(rng.choice([1, 1, 2]))]
        rng.shuffle(again)
        send(other, again, every)
        assert differences(before, comparable(other)) == {}


def comparable(shop) -> dict:
    """What two workspaces can be compared by: their ids and keys are their own."""
    from django.db import connection

    people = (
        "select l.kind || ':' || l.namespace || ':' || l.value, array_agg(n.text order by n.text) from profiles_identifier i"
        " cross join lateral (select concat_ws(':', i.kind, i.namespace, case when i.kind in ('phone', 'email') then ''"
        " else i.value end, i.shared) as text) n"
        " join profiles_identifier l on l.workspace_id = i.workspace_id and l.id = i.profile_id"
        " where i.workspace_id = %s and l.kind not in ('phone', 'email') group by 1"
    )
    texts = {
        "people": people,
        "events": "select message_id, type, name, occurred_at, marks, data from profiles_event where workspace_id = %s",
        "summaries": "select name, events, orders, revenue, first_seen, last_seen from profiles_summary where workspace_id = %s",
        "rollups": "select c.slug, r.measure, r.day, r.rate_day, r.currency, trim_scale(r.amount) from metrics_rollup r"
        " left join channels_channel c on c.id = r.channel_id where r.workspace_id = %s",
        "spans": "select c.slug, r.measure, r.first, r.last, r.n from metrics_span r"
        " left join channels_channel c on c.id = r.channel_id where r.workspace_id = %s",
        "rejects": "select reason, message_id, raw from channels_reject where workspace_id = %s",
        "orders": "select order_id, occurred_at, currency, total, refunded, state from metrics_order where workspace_id = %s",
    }  # fmt: skip
    with connection.cursor() as cursor:
        found = {}
        for name, text in texts.items():
            cursor.execute(text, [shop.workspace.pk])
            found[name] = sorted(cursor.fetchall(), key=repr)
    return found


def test_of_two_copies_the_one_that_won_is_kept(shop):
    from cdp.pipeline import rebuild

    first = track("First", "u1", later(), message_id="same")
    second = track("Second", "u1", later(), message_id="same")
    shop.sends(second, received_at=datetime.now(UTC))
    shop.sends(first, received_at=datetime.now(UTC) - timedelta(hours=1))  # received earlier, drained later
    names = [event["name"] for event in shop.get("/api/events/")["results"]]
    rebuild.everything()
    assert [event["name"] for event in shop.get("/api/events/")["results"]] == names == ["Second"]


def test_messages_without_an_id_keep_theirs_through_a_rebuild(shop):
    from cdp.pipeline import rebuild

    shop.sends_raw(json.dumps({"batch": [{"type": "track", "event": "A", "userId": "u1"}] * 2}), 2)
    before = dump(shop.workspace.pk)
    assert len(before["events"]) == 2
    rebuild.everything()
    assert differences(before, dump(shop.workspace.pk)) == {}
    assert uuid.UUID(str(before["events"][0][0]))
    with connection.cursor() as cursor:
        own = "select count(*) from channels_inbox_open where workspace_id = %s"
        cursor.execute(own, [shop.workspace.pk])
        assert cursor.fetchone()[0] == 0


def test_what_people_keep_outlives_a_rebuild(db: None) -> None:
    shop = Shop()
    board = shop.api().post("/api/boards/", {"name": "Week", "slug": "week"}, format="json")
    kept = {"name": "Sales", "kind": "metric", "params": {"name": "gmv"}, "board": "week"}
    assert (board.status_code, shop.api().post("/api/analyses/", kept, format="json").status_code) == (
        201,
        201,
    )
    rebuild.everything()
    assert len(shop.get("/api/boards/week/")["tiles"]) == 1
