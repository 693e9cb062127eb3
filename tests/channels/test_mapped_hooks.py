"""Mappings of hooks through the pipeline: payloads to orders, people and records; rejects mended and replayed."""

import json

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from channels import reasons
from channels.inbox import rejects
from kernel.db import rows, run
from tests.channels.connectors import notices
from tests.channels.connectors.notices import send
from tests.channels.connectors.shopify_notices import SIGNATURE, hook, notice
from tests.channels.hooking import deliver, signed
from tests.channels.mapping_with import (
    PAID,
    SECRET,
    counts,
    hooked,
    paid,
    post,
    refused,
    replay,
    save,
    stored,
)
from tests.shop import Shop

american = notices.american


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


# ---- hooks --------------------------------------------------------------------------------------


def test_a_platforms_payloads_become_orders_people_and_records(shop: Shop) -> None:
    one = hooked(shop)
    stock = {"topic": "stock", "id": 9, "rows": [{"sku": "A", "n": 5}, {"sku": "B", "n": 7}]}
    post(one, paid(), paid(), stock, {"topic": "ping"})
    shop.drains()
    assert stored() == [("buyer-1", ""), ("paid-1", "Order Completed")]
    assert (shop.value("gmv"), shop.value("orders")) == ("12.5", "1")
    profile = shop.profile("phone:13800138001")
    assert profile["traits"]["city"]["value"] == "Shanghai"
    assert {(one["kind"], one["value"]) for one in profile["identifiers"]} >= {("openid", "ox-1")}
    [event] = shop.get("/api/events/", message_id="paid-1")["results"]
    assert event["occurred_at"].startswith("2026-03-02T02:00:00")
    assert event["properties"]["products"][0]["sku"] == "A"
    assert {one["sku"] for one in shop.get("/api/records/", type="stock")["results"]} == {"A", "B"}
    assert refused(shop) == []
    assert {(one.field, one.rule, one.changed) for one in counts(one)} == {("", "skip", 1)}


def test_decimals_stay_exact_and_xml_and_forms_are_read_too(shop: Shop) -> None:
    text = PAID.replace("yuan(amount)", "amount")
    post(hooked(shop, text), json.dumps(paid()).replace("1250", "0.10").encode())
    xml = hooked(shop, text, body="xml")
    post(xml, b"<x><topic>paid</topic><id>2</id><at>2026-03-02 10:00:00</at><amount>0.20</amount></x>")
    form = hooked(shop, text, body="form")
    post(form, b"topic=paid&id=3&at=20260302100000&amount=0.30")
    shop.drains()
    assert (shop.value("gmv"), refused(shop)) == (
        "0.6",
        [("no_identity", "anonymousId", reasons.CODES["no_identity"].sentence)] * 2,
    )


def test_what_no_message_has_is_named_by_its_delivery(shop: Shop) -> None:
    text = PAID.replace("messageId = \"concat('paid-', id)\"\n", "").replace("concat('buyer-', id)", "none")
    one = hooked(shop, text, id="X-Id")
    body = json.dumps([paid(), paid(2)]).encode()
    for _ in range(2):
        deliver(one, body, {"X-Signature": signed(body, SECRET), "X-Id": "d1"})
    shop.drains()
    assert [name for name, _ in stored()] == ["d1", "d1-1", "d1-1.1", "d1.1"]


def test_a_payload_that_cannot_be_read_is_one_reject_and_goes_in_whole_when_the_mapping_is_mended(
    shop: Shop,
) -> None:
    one = hooked(shop)
    post(one, paid(amount="12.50"), {"topic": "gone"}, paid(2))
    shop.drains()
    assert [name for name, _ in stored()] == ["buyer-2", "paid-2"]
    assert [(reason, field) for reason, field, _ in refused(shop)] == [
        ("mapping", ""),
        ("mapping", "properties.total"),
    ]
    assert replay(shop) == {"replayed": 0, "still_bad": 2}
    save(one, PAID.replace("yuan(amount)", "money(amount)").replace("topic == 'ping'", "topic == 'gone'"))
    assert replay(shop) == {"replayed": 2, "still_bad": 0}
    assert [name for name, _ in stored()] == ["buyer-1", "buyer-2", "paid-1", "paid-2"]
    assert (shop.value("gmv"), refused(shop)) == ("25", [])
    assert replay(shop) == {"replayed": 0, "still_bad": 0}


def test_what_came_before_there_was_a_mapping_is_mapped_when_it_is_replayed(shop: Shop) -> None:
    one = hooked(shop, "")
    post(one, paid(), [paid(2), paid(3)])
    shop.drains()
    assert len(refused(shop)) == 3
    save(one, PAID)
    assert replay(shop) == {"replayed": 3, "still_bad": 0}
    assert shop.value("orders") == "3"
    assert refused(shop) == []


def test_a_message_that_lacks_something_is_made_anew_by_the_mended_mapping(shop: Shop) -> None:
    one = hooked(shop, PAID.replace("yuan(amount)", "yuan(amonut)"))
    post(one, paid())
    shop.drains()
    assert [(reason, field) for reason, field, _ in refused(shop)] == [("missing_field", "properties.total")]
    [kept] = shop.get("/api/rejects/")["results"]
    assert json.loads(kept["raw"])["messageId"] == "paid-1"
    assert replay(shop) == {"replayed": 0, "still_bad": 1}
    save(one, PAID)
    assert replay(shop) == {"replayed": 1, "still_bad": 0}
    assert (shop.value("gmv"), refused(shop)) == ("12.5", [])
    before = stored()
    rebuild.everything()
    assert (stored(), shop.value("gmv"), refused(shop)) == (before, "12.5", [])


def test_a_message_that_a_person_mends_is_not_mapped_again(shop: Shop) -> None:
    one = hooked(
        shop, PAID.replace("yuan(amount)", "yuan(amonut)") + '[clean."properties.total"]\nunit = "cents"\n'
    )
    post(one, paid())
    shop.drains()
    [kept] = shop.get("/api/rejects/")["results"]
    fixed = json.loads(kept["raw"])
    fixed["properties"]["total"] = 777
    assert rejects.mend(connection, one.workspace_id, kept["id"], json.dumps(fixed), "me")["replayed"] == 1
    shop.drains()
    assert shop.value("gmv") == "7.77"


def test_a_text_that_cannot_be_used_any_more_costs_nothing(shop: Shop) -> None:
    one = hooked(shop)
    run(connection, "update channels_mapping set text = 'x = 1', digest = '\\x00'")
    post(one, paid())
    shop.drains()
    [(reason, _field, hint)] = refused(shop)
    assert (reason, "There is no “x”" in hint) == ("mapping", True)
    save(one, PAID)
    assert replay(shop)["replayed"] == 1
    assert shop.value("gmv") == "12.5"


def test_what_has_no_name_is_one_thing_whether_it_is_replayed_or_read_anew(shop: Shop) -> None:
    nameless = PAID.replace("messageId = \"concat('paid-', id)\"\n", "")
    for settings in ({}, {"id": "X-Id"}):
        one = hooked(shop, nameless, **settings)
        body = json.dumps([paid(amount="1.5"), paid(amount="2.5")]).encode()
        deliver(one, body, {"X-Signature": signed(body, SECRET), "X-Id": "d1"})
        shop.drains()
        assert replay(shop) == {"replayed": 0, "still_bad": 2}
        save(one, nameless.replace("yuan(amount)", "money(amount)"))
        assert replay(shop) == {"replayed": 2, "still_bad": 0}
        before = [name for name, _ in stored()]
        run(connection, "update channels_mapping set valid_from = '2020-01-01' where version = 2")
        rebuild.everything()
        assert [name for name, _ in stored()] == before
    assert (shop.value("orders"), len(before)) == ("1", 6)


def test_what_came_before_keeps_its_headers_whatever_it_is_written_in(shop: Shop) -> None:
    text = PAID.replace("topic == 'paid'", "header('X-Topic') == 'paid'").replace("yuan(amount)", "amount")
    for settings, body in (
        ({"body": "xml"}, b"<x><id>1</id><at>2026-03-02 10:00:00</at><amount>0.20</amount></x>"),
        ({"body": "form"}, b"id=2&at=20260302100000&amount=0.30"),
        ({}, b'{"id": 3, "at": 1772416800, "amount": 0.40}'),
    ):
        one = hooked(shop, "", **settings)
        deliver(one, body, {"X-Signature": signed(body, SECRET), "X-Topic": "paid"})
        shop.drains()
        save(one, text)
    assert replay(shop) == {"replayed": 3, "still_bad": 0}
    assert (shop.value("gmv"), shop.value("orders")) == ("0.9", "3")


def test_messages_that_a_kind_makes_itself_are_mapped_once_more(american: Shop) -> None:
    one = hook(american)
    text = '[[message]]\nwhen = "event == \'Order Completed\'"\nkeep = true\n"properties.store" = "%s"\n'
    save(one, text % "yuan('x')")
    send(one, [notice("orders/create")], SIGNATURE)
    american.drains()
    assert {reason for reason, _, _ in refused(american)} == {"mapping"}
    assert replay(american)["replayed"] == 0
    save(one, text % "'S1'")
    assert replay(american)["still_bad"] == 0
    assert rows(connection, "select store from metrics_order") == [("S1",)]
    assert refused(american) == []
