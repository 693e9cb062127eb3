"""The pages of identity, of an event's life and of data quality: what would move is what moves; every state is said."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from cdp.pipeline import replays
from channels.inbox import rejects
from channels.inbox.rejects import Act
from kernel.models import Audit, Job
from tests.pages.test_numbers import PHONE, customer, person, text
from tests.shop import Shop, identify, order, track


@pytest.fixture
def two(db):
    """One person, joined by a phone out of two accounts, each with an order."""
    shop, now = Shop(), timezone.now()
    shop.sends(
        identify("u1", now - timedelta(days=9), name="Lin Xiaowen", phone=PHONE),
        order("A-1", "100.00", "u1", at=now - timedelta(days=8)),
        track(
            "Product Viewed", at=now - timedelta(days=7), anonymous="browser-1", name="冬被 · Quilt, winter"
        ),
        track("Product Viewed", "u1", at=now - timedelta(days=6), anonymous="browser-1", message_id="joiner"),
    )
    return shop


def undo(client, said="Becomes a customer of its own"):
    """The address of an undo on the customer's page: as a rule the one that parts the browser from the rest."""
    page = client.get(customer(client)).content.decode()
    found = [
        href.replace("&amp;", "&") for href in re.findall(r'href="(/customers/[^"]+/split/[^"]+)"', page)
    ]
    assert len(found) == 2
    return next(href for href in found if said in client.get(href).content.decode())


def test_a_phone_without_an_event_of_its_own_is_parted_and_is_no_customer(two):
    client = person(two)
    address = undo(client, "No customer")
    assert "an identifier without a customer" in text(client.get(address))
    pair = dict(part.split("=") for part in address.partition("?")[2].split("&"))
    done = client.post(address.partition("?")[0], pair | {"reason": "a shared phone"})
    assert done.status_code == 302
    assert len(two.get("/api/profiles/")["results"]) == 1
    assert "Undone" in text(client.get(done["Location"]))
    known = two.profile("user_id:u1")["identifiers"]
    assert {one["kind"] for one in known} == {"user_id", "anonymous_id"}


def test_what_would_move_is_shown_and_nothing_moves(two):
    client = person(two)
    address = undo(client)
    before = two.get("/api/profiles/")["results"]
    said = text(client.get(address))
    assert "One customer becomes 2" in said
    assert "Stays here" in said
    assert two.get("/api/profiles/")["results"] == before
    assert not Audit.objects.filter(action="profile.split").exists()


def test_a_join_is_undone_with_its_reason(two):
    client = person(two)
    address = undo(client)
    pair = dict(part.split("=") for part in address.partition("?")[2].split("&"))
    without = client.post(address.partition("?")[0], pair)
    assert without.status_code == 422
    assert "Give a reason" in without.content.decode()
    done = client.post(address.partition("?")[0], pair | {"reason": "a shared phone"})
    assert done.status_code == 302
    assert len(two.get("/api/profiles/")["results"]) == 2
    assert "a shared phone" in str(Audit.objects.get(action="profile.split").detail)
    page = text(client.get(done["Location"]))
    assert "Undone" in page
    assert "was not joined" in page
    assert "a person said that these are two customers" in page
    assert client.get(address).status_code == 404


def test_two_are_found_previewed_and_merged(two):
    client = person(two)
    address = undo(client)
    pair = dict(part.split("=") for part in address.partition("?")[2].split("&"))
    client.post(address.partition("?")[0], pair | {"reason": "x"})
    ours = two.profile("user_id:u1")["id"]
    other = next(one["id"] for one in two.get("/api/profiles/")["results"] if one["id"] != ours)
    merge = f"/customers/{other}/merge/"
    found = client.get(merge, {"q": "Lin Xiaowen"}).content.decode()
    assert f"?other={ours}" in found
    said = text(client.get(merge, {"other": ours}))
    assert "Together" in said
    assert "¥100.00" in said
    assert len(two.get("/api/profiles/")["results"]) == 2
    done = client.post(merge, {"other": ours, "reason": "the same after all"})
    assert done.status_code == 302
    assert len(two.get("/api/profiles/")["results"]) == 1
    assert client.get(merge, {"other": ours}).status_code in (200, 302)


def test_a_viewer_neither_splits_nor_merges(two):
    client = person(two, "viewer")
    page = client.get(customer(client)).content.decode()
    assert "/split/" not in page
    assert "/merge/" not in page
    assert client.get(customer(client) + "merge/").status_code == 403


def test_the_drawing_flows_into_the_leader(two):
    from django.db import connection

    from console.customer import evidence
    from profiles import queries

    serial, _key = queries.resolve(connection, two.workspace.pk, two.profile("user_id:u1")["id"])
    held = evidence.held(two.workspace, serial, False, {})
    drawn = evidence.drawing(held, evidence.joins(two.workspace, serial, False, {}), [])
    assert [one["n"] for one in drawn["streams"] if "n" in one] != []
    assert sum("into" in one for one in drawn["streams"]) == len(held) - 1
    assert "into" not in drawn["streams"][0]


def test_orders_open_with_their_lines_in_one_language(two):
    two.sends(
        order("A-2", "30", "u1", products=[{"sku": "S", "name": "雪松蜡烛 · Cedar candle", "price": "30"}])
    )
    client = person(two)
    where = f"/customers/{two.profile('user_id:u1')['id']}/"
    said = text(client.get(where))
    assert "Cedar candle ×1" in said
    assert "雪松" not in said
    client.cookies["language"] = "zh-hans"
    assert "雪松蜡烛 ×1" in text(client.get(where))


# ---- an event's life -----------------------------------------------------------------------------


def test_the_life_of_a_stored_event(two):
    client = person(two)
    said = text(client.get("/events/joiner/"))
    for part in ("As received", "As mapped", "Customer", "account", "joined", "browser-1"):
        assert part in said


def test_an_unknown_id_says_so(two):
    answer = person(two).get("/events/", {"message": "no such/id"})
    assert answer.status_code == 404
    assert "No message has this messageId" in answer.content.decode()
    assert person(two, "analyst").get("/events/").status_code == 200


def test_two_connectors_with_one_id_are_both_offered(two):
    two.sends(track("Store Visited", "u1", message_id="joiner"), to="store")
    client = person(two)
    page = client.get("/events/joiner/").content.decode()
    found = re.findall(r'href="(/events/joiner/\?connector=[0-9a-f-]{36})"', page)
    assert len(found) == 2
    assert all(client.get(one).status_code == 200 for one in found)
    assert client.get("/events/joiner/?connector=nonsense").status_code == 400


def test_a_rejected_event_leads_to_its_repair(two):
    two.sends(track("Order Completed", "u1", message_id="broken", order_id="B-1"))
    said = person(two).get("/events/broken/").content.decode()
    assert "rejected" in said
    assert "/rejects/?connector=" in said


def test_a_viewer_sees_no_phone_in_a_life(two):
    two.sends(identify("u1", phone=PHONE) | {"messageId": "known"})
    client = person(two, "viewer")
    assert "13812345021" not in client.get("/events/known/").content.decode()


# ---- data quality ----------------------------------------------------------------------------------


def test_quality_of_an_empty_workspace(db):
    shop = Shop()
    client = person(shop)
    said = text(client.get("/quality/"))
    assert "Nothing is rejected" in said
    assert "No conflicts" in said
    assert "No customers yet" in text(client.get("/quality/completeness/"))


def test_quality_counts(two):
    two.sends(track("Order Completed", "u1", message_id="broken", order_id="B-1"))
    client = person(two)
    said = text(client.get("/quality/"))
    assert "1 message needs fixing" in said
    known = text(client.get("/quality/completeness/"))
    assert "1 of 1" in client.get("/quality/completeness/").content.decode()
    assert "Full name" in known


EVIL = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_markup_in_data_does_nothing(two, language):
    two.sends(
        identify("u1", name=EVIL) | {"messageId": EVIL},
        order(EVIL, "1", "u1", products=[{"sku": EVIL, "name": EVIL, "price": "1"}], coupon=EVIL),
        track("Order Completed", "u1", message_id=EVIL + "2", order_id=EVIL),
        track(EVIL, "u1", anonymous=EVIL, message_id="joins"),
    )
    client = person(two)
    client.cookies["language"] = language
    where = f"/customers/{two.profile('user_id:u1')['id']}/"
    page = client.get(where).content.decode()
    links = [
        href.replace("&amp;", "&") for href in re.findall(r'href="([^"]+(?:/split/|/events/)[^"]*)"', page)
    ]
    assert any("/split/" in link for link in links)
    pages = [
        where,
        where + "?orders=all",
        where + "merge/?q=u1",
        "/quality/",
        "/quality/completeness/",
        *links,
    ]
    answers = [client.get(one) for one in pages]
    answers += [client.get("/events/", {"message": EVIL + tail}) for tail in ("", "2", "nobody")]
    for answer in answers:
        raw = answer.content.decode()
        assert answer.status_code in (200, 404)
        assert "<script>alert" not in raw
        assert "<img" not in raw


# ---- replays ---------------------------------------------------------------------------------------


def test_many_rejects_are_replayed_as_a_job(two, monkeypatch):
    monkeypatch.setattr(replays, "MANY", 2)
    monkeypatch.setattr(rejects, "STEP", 2)
    two.sends(*(track("Order Completed", "u1", message_id=f"b{n}", order_id=f"B-{n}") for n in range(5)))
    client = person(two)
    assert client.post("/rejects/replay/", {"reason": "missing_field"}).status_code == 302
    job = Job.objects.get(kind=replays.KIND)
    assert job.total == 5
    assert "are being replayed" in text(client.get("/rejects/"))
    replays.run(two.drains)
    job.refresh_from_db()
    assert (job.state, job.done, job.detail["still_bad"]) == ("done", 5, 5)
    replays.run(two.drains)


def test_a_cancelled_replay_stops(two, monkeypatch):
    two.sends(track("Order Completed", "u1", message_id="b1", order_id="B-1"))
    client = person(two)
    job = replays.start(two.workspace, Act("lin"), replays.Group(), 1)
    assert client.post(f"/frame/job/{job.pk}/cancel/").status_code == 200
    replays.run(two.drains)
    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 0)


def test_whoever_mends_or_replays_wakes_the_worker(two, monkeypatch):
    rung = []
    monkeypatch.setattr("cdp.pipeline.wake.notify", lambda: rung.append(1))
    two.sends(track("Order Completed", "u1", message_id="b1", order_id="B-1"))
    client = person(two)
    where = re.search(r'hx-get="(/rejects/[0-9a-f-]{36}/)"', client.get("/rejects/").content.decode())[1]
    mended = json.dumps(order("B-1", 5, "u1"))
    assert "1 message replayed" in text(client.post(where + "mend/", {"raw": mended}))
    client.post("/rejects/replay/", {"reason": "missing_field"})
    answer = two.api().post("/api/rejects/replay/", {"all": True}, format="json")
    assert answer.status_code == 200
    assert len(rung) == 3
    two.drains()
    assert "stored" in text(client.get("/events/b1/"))


def test_a_replay_that_fails_stops_alone(two, monkeypatch):
    def broken(*_args, **_kwargs):
        raise ValueError("no")

    monkeypatch.setattr(rejects, "steps", broken)
    job = replays.start(two.workspace, Act("lin"), replays.Group(), 1)
    replays.run(two.drains)
    job.refresh_from_db()
    assert job.state == "failed"


def test_the_stream_is_filtered_by_name(two):
    client = person(two)
    assert "shown: 1 of" in text(client.get("/live/stream/", {"text": "JOINER"}))
    assert "shown: 0 of" in text(client.get("/live/stream/", {"text": "no such name"}))
