"""What people agree to, from the messages to the answer: through the inbox, joins, splits and a rebuild."""

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from channels import sender
from channels.inbox import log
from kernel.db import rows
from profiles import queries
from tests.dump import differences, dump
from tests.shop import Shop, identify, later, track


@pytest.fixture
def shop(db):
    return Shop()


def consent(shop, identifier):
    return shop.get(f"/api/profiles/{shop.profile(identifier)['id']}/consent/")


def now(shop, identifier):
    return {(one["purpose"], one["channel"]): one["given"] for one in consent(shop, identifier)["now"]}


def given(user, at, purpose="marketing", **rest):
    return track("Consent Given", user, later(hours=at), purpose=purpose, **rest)


def withdrawn(user, at, purpose="marketing", **rest):
    return track("consent_withdrawn", user, later(hours=at), purpose=purpose, **rest)


def banner(user, at, **categories):
    context = {"consent": {"categoryPreferences": categories}}
    return track("Product Viewed", user, later(hours=at), context=context)


def test_the_latest_word_holds_whatever_the_order_of_arrival(shop):
    shop.sends(withdrawn("ann", 3, channel="sms", message_id="w"))
    shop.sends(
        given("ann", 1, channel="SMS", proof="form 7", text_version="2026-01", message_id="g"),
        given("ann", 2, channel="email", proof={"ip": "10.0.0.1"}),
    )
    said = consent(shop, "user_id:ann")
    assert now(shop, "user_id:ann") == {("marketing", "email"): True, ("marketing", "sms"): False}
    sms = next(one for one in said["now"] if one["channel"] == "sms")
    assert (sms["event"]["message_id"], sms["event"]["name"], sms["event"]["channel"]) == (
        "w",
        "Consent Withdrawn",
        "web-shop",
    )
    assert sms["since"] == sms["event"]["occurred_at"] == "2026-03-01T05:00:00Z"
    assert [(one["channel"], one["given"], one["event"]["message_id"]) for one in said["history"]][::2] == [
        ("sms", False, "w"),
        ("sms", True, "g"),
    ]
    first = said["history"][-1]
    assert (first["proof"], first["text_version"], first["source"]) == ("form 7", "2026-01", "event")
    email = next(one for one in said["now"] if one["channel"] == "email")
    assert email["proof"] == '{"ip": "10.0.0.1"}'


def test_since_is_the_beginning_of_the_answer_that_holds(shop):
    shop.sends(given("ann", 1, text_version="1"), withdrawn("ann", 2), given("ann", 3, text_version="2"))
    shop.sends(given("ann", 5, text_version="3"))
    (one,) = consent(shop, "user_id:ann")["now"]
    assert (one["since"], one["last_said"]) == ("2026-03-01T05:00:00Z", "2026-03-01T07:00:00Z")
    assert one["text_version"] == "3"


def test_a_withdrawal_wins_a_tie(shop):
    shop.sends(given("ann", 1), withdrawn("ann", 1), withdrawn("bob", 1), given("bob", 1))
    assert now(shop, "user_id:ann") == now(shop, "user_id:bob") == {("marketing", None): False}


def test_joined_people_have_the_latest_word_and_split_ones_their_own(shop):
    shop.sends(
        given("ann", 1), withdrawn("bob", 2), given("bob", 4, "profiling"), withdrawn("ann", 3, "profiling")
    )
    ann, bob = (shop.profile(f"user_id:{name}")["id"] for name in ("ann", "bob"))
    api = shop.api()
    answer = api.post(f"/api/profiles/{ann}/merge/", {"other": bob, "reason": "same"}, format="json")
    assert answer.status_code == 200
    assert now(shop, "user_id:ann") == {("marketing", None): False, ("profiling", None): True}
    a, b = ({"kind": "user_id", "value": name} for name in ("ann", "bob"))
    answer = api.post(f"/api/profiles/{ann}/split/", {"a": a, "b": b, "reason": "no"}, format="json")
    assert answer.status_code == 200
    assert now(shop, "user_id:ann") == {("marketing", None): True, ("profiling", None): False}
    assert now(shop, "user_id:bob") == {("marketing", None): False, ("profiling", None): True}


def test_a_banner_costs_a_row_for_each_answer_not_for_each_event(shop):
    for at in range(6):
        shop.sends(
            banner("ann", at, Advertising=at in (2, 3), Analytics=True),
            banner("ann", at + 0.5, Analytics=True),
        )
    with connection.cursor() as cursor:
        cursor.execute("select name, given from profiles_consent_signal where workspace_id = %s order by 1, 2",
                       [shop.workspace.pk])  # fmt: skip
        assert cursor.fetchall() == [("Advertising", False), ("Advertising", True), ("Analytics", True)]
    said = {one["purpose"]: one for one in consent(shop, "user_id:ann")["now"]}
    assert (said["Advertising"]["given"], said["Analytics"]["given"]) == (False, True)
    assert said["Advertising"]["since"] == "2026-03-01T06:00:00Z", "back to no with the fifth hour"
    assert said["Analytics"]["since"] == "2026-03-01T02:00:00Z"
    assert said["Analytics"]["last_said"] == "2026-03-01T07:30:00Z"
    turns = [one for one in consent(shop, "user_id:ann")["history"] if one["purpose"] == "Advertising"]
    assert [(one["at"][11:13], one["given"]) for one in reversed(turns)] == [
        ("02", False), ("03", False), ("04", True), ("05", True), ("06", False), ("07", False)]  # fmt: skip


def test_what_cannot_be_used_of_a_context_is_marked_and_the_event_is_kept(shop):
    odd = {"consent": {"categoryPreferences": {"A": "yes", "B": True, " ": False}}}
    shop.sends(track("Product Viewed", "ann", later(hours=1), context=odd))
    assert now(shop, "user_id:ann") == {("B", None): True}
    (event,) = shop.get("/api/events/")["results"]
    assert event["marks"] == ["left_out:consent.categoryPreferences"]


@pytest.mark.parametrize(
    ("properties", "code"),
    [({}, "purpose"), ({"purpose": ["a"]}, "purpose"), ({"purpose": "m", "channel": "null"}, "channel")],
)
def test_an_event_that_cannot_be_read_is_a_reject(shop, properties, code):
    shop.sends(track("Consent Given", "ann", later(hours=1)) | {"properties": properties})
    (reject,) = shop.get("/api/rejects/")["results"]
    assert reject["field"] == f"properties.{code}"
    assert reject["hint"]


def test_global_privacy_control_withdraws_sale_and_sharing(shop):
    shop.sends(given("ann", 1, "sale"), given("ann", 1, "analytics"))
    shop.sends(track("Product Viewed", "ann", later(hours=2), context={"gpc": True}))
    shop.sends(track("Product Viewed", "bob", later(hours=2), context={"gpc": False}))
    assert now(shop, "user_id:ann") == {
        ("sale", None): False,
        ("sharing", None): False,
        ("analytics", None): True,
    }
    assert now(shop, "user_id:bob") == {}
    shop.sends(given("ann", 3, "sale"))
    assert now(shop, "user_id:ann")["sale", None] is True
    shop.sends(track("Product Viewed", "ann", later(hours=4), context={"gpc": True}))
    assert now(shop, "user_id:ann")["sale", None] is False


def test_the_header_of_a_request_says_it_of_all_its_messages(shop):
    request = shop.sends(track("Product Viewed", "ann", later(hours=2)), drain=False)
    said = sender.told({"sec-gpc": "1", "user-agent": "Mozilla/5.0"})
    assert sender.told({"sec-gpc": "0"}) is None
    with connection.cursor() as cursor:
        cursor.execute("update channels_inbox set sender = %s where request = %s", [said, request])
    shop.drains()
    assert now(shop, "user_id:ann") == {("sale", None): False, ("sharing", None): False}
    (event,) = shop.get("/api/events/")["results"]
    assert event["context"] == {"gpc": True}


def test_a_crawler_speaks_for_nobody(shop):
    robot = {
        "userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "gpc": True,
    }
    shop.sends(track("Product Viewed", "ann", later(hours=2), context=robot))
    assert now(shop, "user_id:ann") == {}


def test_whoever_is_to_be_asked_is_answered_for_many_at_once(shop):
    shop.sends(given("ann", 1, channel="sms"), given("bob", 1), withdrawn("bob", 2, channel="sms"))
    shop.sends(given("cyd", 1, channel="sms"), withdrawn("cyd", 2), identify("dan", name="Dan"))
    serial = {
        name: queries.resolve(connection, shop.workspace.pk, shop.profile(f"user_id:{name}")["id"])[0]
        for name in ("ann", "bob", "cyd", "dan")
    }

    def asked(purpose, channel=""):
        found = queries.consents_of(connection, shop.workspace.pk, serial.values(), purpose, channel)
        return {name: found[one] for name, one in serial.items() if one in found}

    assert asked("Marketing", "sms") == {"ann": True, "bob": False, "cyd": False}
    assert asked("marketing", "email") == asked("marketing") == {"bob": True, "cyd": False}
    seen = rows(
        connection,
        "select profile_id, channel, given from profiles_consents where workspace_id = %(w)s",
        w=shop.workspace.pk,
    )
    assert set(seen) == {
        (serial["ann"], "sms", True),
        (serial["bob"], "", True),
        (serial["bob"], "sms", False),
        (serial["cyd"], "sms", True),
        (serial["cyd"], "", False),
    }


def test_a_rebuild_comes_to_the_same(shop):
    shop.sends(given("ann", 1, channel="sms", proof="p"), banner("ann", 2, A=True), banner("ann", 1, A=False))
    shop.sends(
        banner("ann", 5, A=True), track("Product Viewed", "bob", later(hours=1), context={"gpc": True})
    )
    before, said = dump(shop.workspace.pk), consent(shop, "user_id:ann")
    assert before["consents"]
    assert before["consent signals"]
    rebuild.everything()
    assert differences(before, dump(shop.workspace.pk)) == {}
    assert consent(shop, "user_id:ann") == said


def test_a_viewer_sees_contact_data_in_a_proof_masked(shop):
    shop.sends(given("ann", 1, proof="signed by ann@example.com"))
    key = shop.profile("user_id:ann")["id"]
    (one,) = shop.get(f"/api/profiles/{key}/consent/", role="viewer")["now"]
    assert one["proof"] == "signed by a•••@•••.com"
    assert consent(shop, "user_id:ann")["now"][0]["proof"] == "signed by ann@example.com"


def test_who_is_not_there_has_said_nothing(shop):
    api = shop.api()
    assert api.get("/api/profiles/nobody/consent/").status_code == 404
    key = log.NO_REQUEST
    assert api.get(f"/api/profiles/{key}/consent/").status_code == 404
    shop.sends(identify("ann", name="Ann"))
    assert consent(shop, "user_id:ann") == {"now": [], "history": []}
    key = shop.profile("user_id:ann")["id"]
    assert api.get(f"/api/profiles/{key}/consent/", {"purpose": "x"}).status_code == 400
