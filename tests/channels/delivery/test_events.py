"""Events go out as they come: once each, with what was chosen of them, signed; what goes wrong is tried again."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from channels.delivery import sending
from kernel.db import rows, run
from tests.channels.delivery.sent import EVENT, again, change, log, make, only, sends, states
from tests.platform_double import Asked, Said, said
from tests.shop import Shop, identify, track


def test_an_event_that_is_asked_for_goes_out_with_what_was_chosen_of_it(shop: Shop, platforms: Any) -> None:
    with platforms(said({"ok": True})) as crm:
        one = make(
            shop,
            crm.url,
            fields=["phone", "trait.city", "property.sku", "channel", "property.deep.0.a", "trait.none"],
            secrets={"secret": "whsec_" + base64.b64encode(b"k" * 24).decode()},
        )
        shop.sends(
            identify("u1", phone="13917654321", city="Hangzhou", note="nobody asked"),
            track(EVENT, "u1", sku="S-1", deep=[{"a": "x"}], secret="nobody asked"),
            track("Another", "u1"),
        )
        assert sends() == 1
        [asked] = crm.asked
        told = asked.json
        assert told["fields"] == {
            "phone": "+8613917654321",
            "trait.city": "Hangzhou",
            "property.sku": "S-1",
            "channel": "web-shop",
            "property.deep.0.a": "x",
        }
        assert (told["type"], told["event"]) == ("event", EVENT)
        assert told["profile"] == shop.profile("user_id:u1")["id"]
        assert b"nobody" not in asked.body
        delivery = only(shop)
        assert (delivery["state"], delivery["status"], delivery["tries"]) == ("sent", 200, 1)
        assert delivery["answer"] == '{"ok": true}'
        assert (
            asked.headers["idempotency-key"] == asked.headers["webhook-id"] == told["id"] == delivery["key"]
        )
        signed = f"{told['id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
        wanted = base64.b64encode(hmac.new(b"k" * 24, signed, hashlib.sha256).digest()).decode()
        assert asked.headers["webhook-signature"] == f"v1,{wanted}"
        assert delivery["destination"] == one["id"]


def test_nothing_goes_out_twice_whatever_is_done_again(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({})) as crm:
        make(shop, crm.url)
        shop.sends(track(EVENT, "u1", message_id="m-1"), track(EVENT, "u1", message_id="m-1"))
        shop.sends(track(EVENT, "u1", message_id="m-1"))
        assert (sends(), sends()) == (1, 0)
        rebuild.everything()
        assert sends() == 0
        assert len(crm.asked) == 1


def test_what_came_before_it_was_asked_for_stays_at_home(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({})) as crm:
        shop.sends(track(EVENT, "u1"), track("Later", "u1"))
        one = make(shop, crm.url)
        rebuild.everything()
        assert sends() == 0
        change(shop, one, events={"names": [EVENT, "Later"]})
        rebuild.everything()
        assert sends() == 0, "a name that is added asks from then on"
        shop.sends(track(EVENT, "u1"), track("Later", "u1"))
        change(shop, one, events={"names": [EVENT]})
        shop.sends(track("Later", "u1"))
        assert sends() == 2, "what was noted goes; what is asked for no more is not noted"


def test_only_of_the_channel_that_is_named(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({})) as crm:
        make(shop, crm.url, events={"names": ["product viewed"], "channel": "store"})
        shop.sends(track(EVENT, "u1"))
        shop.sends(track(EVENT, "u1"), to="store")
        assert sends() == 1


def test_a_fact_about_nobody_goes_out_without_a_person(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({})) as crm:
        make(shop, crm.url, events={"names": ["Order Completed"]}, fields=["property.order_id", "name"])
        shop.sends(track("Order Completed", order_id="o1", total="5"))
        assert sends() == 1
        assert crm.asked[0].json["profile"] is None
        assert crm.asked[0].json["fields"] == {"property.order_id": "o1"}


def test_a_failure_is_tried_again_later_each_time_under_the_same_key_and_then_left(
    shop: Shop, platforms: Any
) -> None:
    with platforms(lambda _asked: said({"error": "down for a moment"}, 503)) as crm:
        make(shop, crm.url)
        shop.sends(track(EVENT, "u1"))
        pauses = []
        for _try in range(7):
            assert sends() == 1
            assert sends() == 0, "not at once again"
            failed = only(shop)
            assert (failed["state"], failed["reason"], failed["status"]) == ("failed", "down", 503)
            pauses += rows(
                connection, "select extract(epoch from next_try - now())::int from channels_delivery"
            )
            again()
        assert pauses == [(30,), (60,), (120,), (240,), (480,), (960,), (1920,)]
        sends()
        dead = only(shop)
        assert (dead["state"], dead["tries"], dead["next_try"]) == ("dead", 8, None)
        assert "down for a moment" in dead["answer"]
        assert dead["message"]
        again()
        assert sends() == 0
        assert len({asked.headers["idempotency-key"] for asked in crm.asked}) == 1
        assert len(crm.asked) == 8


def test_what_a_server_does_not_want_is_not_sent_again_by_itself(shop: Shop, platforms: Any) -> None:
    with platforms(said({"error": "no such customer"}, 422), said({})) as crm:
        make(shop, crm.url)
        shop.sends(track(EVENT, "u1"))
        sends()
        dead = only(shop, state="dead")
        assert (dead["reason"], dead["status"]) == ("declined", 422)
        answer = shop.api().post(f"/api/deliveries/{dead['id']}/retry/")
        assert answer.json()["state"] == "waiting"
        assert sends() == 1
        assert only(shop)["state"] == "sent"
        assert crm.asked[0].headers["idempotency-key"] == crm.asked[1].headers["idempotency-key"]


def test_a_server_that_hangs_is_left_alone_and_what_waits_for_it_was_not_tried(
    shop: Shop, platforms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending.Sender.__init__, "__defaults__", (0.3,))
    slow = Said(200, b"{}", then=lambda: time.sleep(0.8))
    with platforms(lambda _asked: slow) as crm, platforms(lambda _asked: said({})) as well:
        one = make(shop, crm.url)
        make(shop, well.url, name="Another")
        shop.sends(*(track(EVENT, f"u{n}") for n in range(4)))
        begun = time.monotonic()
        sends()
        assert time.monotonic() - begun < 3
        assert len(crm.asked) == 1
        assert len(well.asked) == 4, "another server is not held up"
        mine = log(shop, destination=one["id"])
        assert sorted((d["state"], d["tries"]) for d in mine) == [("failed", 1), *[("waiting", 0)] * 3]
        [held] = [d for d in shop.get("/api/destinations/")["results"] if d["id"] == one["id"]]
        assert held["trouble"]["code"] == "too_late"
        assert held["held_until"] is not None
        assert held["deliveries"]["waiting"] == 3
        crm.answers = lambda _asked: said({})
        again()
        sends()
        [fine] = [d for d in shop.get("/api/destinations/")["results"] if d["id"] == one["id"]]
        assert (fine["trouble"], fine["deliveries"]["sent"]) == (None, 4)


def test_a_server_that_takes_a_while_is_sent_several_at_once(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: Said(200, b"{}", then=lambda: time.sleep(0.2))) as crm:
        make(shop, crm.url)
        shop.sends(*(track(EVENT, f"u{n}") for n in range(17)))
        begun = time.monotonic()
        assert sends() == 17
        assert time.monotonic() - begun < 2.5, "one after the other they would take 3.4 seconds"
        assert {one["state"] for one in log(shop)} == {"sent"}
        assert len({asked.headers["idempotency-key"] for asked in crm.asked}) == 17


def test_an_answer_of_a_hundred_megabytes_is_not_read(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said(b"x" * 100_000_000)) as crm:
        make(shop, crm.url)
        shop.sends(track(EVENT, "u1"))
        begun = time.monotonic()
        sends()
        delivery = only(shop)
        assert (delivery["state"], len(delivery["answer"]), len(crm.asked)) == ("sent", 200, 1)
        assert time.monotonic() - begun < 8


def test_private_addresses_are_refused_and_no_redirect_leads_there(
    shop: Shop, platforms: Any, settings: Any
) -> None:
    with platforms(lambda _asked: said("", 302, location="http://169.254.169.254/latest/")) as crm:
        make(shop, crm.url)
        make(shop, "http://localhost:1/", name="Inside", events={"names": ["Other"]})
        shop.sends(track(EVENT, "u1"), track("Other", "u1"))
        sends()
        assert sorted(states(shop)) == [("failed", "redirected"), ("refused", "private_address")]
        settings.ALLOW_ADDRESSES = []
        again()
        sends()
        assert states(shop) == [("refused", "private_address")] * 2
        assert len(crm.asked) == 1


def test_no_secret_stands_in_what_is_kept_of_an_answer(shop: Shop, platforms: Any) -> None:
    def echo(asked: Asked) -> Said:
        return said({"you said": asked.headers["x-key"], "body": asked.body.decode()}, 422)

    with platforms(echo) as crm:
        make(
            shop,
            kind="message",
            settings={
                "url": f"{crm.url}/send",
                "headers": {"X-Key": "Bearer {{secret}}"},
                "body": '{"k": "{{secret}}", "who": "{{id}}"}',
            },
            secrets={"secret": "very-secret-key"},
        )
        shop.sends(track(EVENT, "u1"))
        sends()
        assert crm.asked[0].headers["x-key"] == "Bearer very-secret-key"
        assert "very-secret" not in json.dumps(shop.get("/api/deliveries/"))
        assert "very-secret" not in json.dumps(shop.get("/api/destinations/"))
        kept = rows(connection, "select secrets, settings::text from channels_destination")
        assert "very-secret" not in str(kept)


def test_a_person_who_has_gone_is_sent_nothing(shop: Shop, platforms: Any) -> None:
    with platforms() as crm:
        make(shop, crm.url)
        shop.sends(track(EVENT, "u1"))
        run(connection, "update channels_delivery set profile = gen_random_uuid()")
        sends()
        assert states(shop) == [("refused", "gone")]
        assert crm.asked == []


def test_after_a_merge_it_is_about_the_person_they_are_now_and_found_by_every_id(
    shop: Shop, platforms: Any
) -> None:
    with platforms(lambda _asked: said({})) as crm:
        make(shop, crm.url, fields=["name"])
        shop.sends(track(EVENT, anonymous="a-1"))
        former = shop.profile("anonymous_id:a-1")["id"]
        shop.sends(identify("u1", name="Lin") | {"anonymousId": "a-1"})
        sends()
        now = shop.profile("user_id:u1")["id"]
        assert now != former
        assert crm.asked[0].json["profile"] == now
        assert crm.asked[0].json["fields"] == {"name": "Lin"}
        for key in (now, former):
            assert only(shop, profile=key)["state"] == "sent"
        shop.sends(identify("u2", name="Wang"))
        assert log(shop, profile=shop.profile("user_id:u2")["id"]) == []
