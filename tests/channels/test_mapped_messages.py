"""Mappings of the tracking API's messages and records; cleaning rules and their counts; versions and a rebuild."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from channels.studio import versions
from tests.channels.mapping_with import counts, own, refused, replay, save, stored
from tests.shop import Shop, identify, later, order, track


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


# ---- the tracking API ---------------------------------------------------------------------------


def test_messages_of_a_client_are_renamed_enriched_dropped_and_split(shop: Shop) -> None:
    text = """
[[message]]
when = "event == 'buy'"
keep = true
event = "'Order Completed'"
drop = ["properties.oid"]
"properties.order_id" = "properties.oid"
"properties.store" = "'S1'"

[[message]]
when = "event == 'buy'"
keep = true
event = "'Store Visited'"

[[message]]
when = "starts_with(not_null(event, ''), 'noise')"
skip = true
"""
    save(own(shop), text)
    raw = json.dumps({"batch": [
        track("buy", "u1", later(), message_id="m1", oid="o1", total=10.10),
        track("noise 1", "u1", later(), message_id="m2"),
        track("Product Viewed", "u1", later(), message_id="m3", price=1.5),
        identify("u1", later(), city="x") | {"messageId": "m4"},
    ]})  # fmt: skip
    shop.sends_raw(raw, 4)
    shop.sends_raw(raw, 4)
    assert stored() == [
        ("m1", "Order Completed"),
        ("m1.1", "Store Visited"),
        ("m3", "Product Viewed"),
        ("m4", ""),
    ]
    [event] = shop.get("/api/events/", message_id="m1")["results"]
    assert event["properties"] == {"order_id": "o1", "total": 10.1, "store": "S1"}
    assert shop.value("gmv") == "10.1"
    life = shop.get("/api/events/m1.1/life/")
    assert life["raw"]["event"] == "buy"
    assert shop.get("/api/events/m3/life/")["raw"]["messageId"] == "m3"
    assert refused(shop) == []


def test_a_door_of_one_type_gives_its_type_and_a_mapping_may_give_another(shop: Shop) -> None:
    save(
        own(shop),
        "[[message]]\nwhen = \"type == 'page' && name == 'Thanks'\"\nkeep = true\n"
        "type = \"'track'\"\nevent = \"'Store Visited'\"\n",
    )
    for name in ("Thanks", "Home"):
        body = {"name": name, "userId": "u", "messageId": name, "timestamp": later().isoformat()}
        shop.sends_raw(json.dumps(body), 1, door="page")
    assert stored() == [("Home", "Home"), ("Thanks", "Store Visited")]


def test_a_mapping_may_shut_out_what_it_does_not_name(shop: Shop) -> None:
    save(own(shop), "pass = false\n[[message]]\nwhen = \"type == 'page'\"\nkeep = true\n")
    shop.sends(track("A", "u"), {"type": "page", "userId": "u"}, 7)
    assert [(reason) for reason, _, _ in refused(shop)] == ["mapping", "not_an_object"]
    assert len(stored()) == 1


def test_another_connector_is_left_alone(shop: Shop) -> None:
    save(own(shop, "store"), "[[message]]\nskip = true\n")
    shop.sends(track("A", "u"))
    shop.sends(track("A", "u"), to="store")
    assert len(stored()) == 1


def test_records_are_mapped_too(shop: Shop) -> None:
    save(own(shop), '[[message]]\nwhen = "type == \'price\'"\nkeep = true\nprice = "yuan(price)"\n')
    shop.records({"type": "price", "sku": "A", "price": 1250}, {"type": "stock", "sku": "A", "quantity": 1})
    [price] = shop.get("/api/records/", type="price")["results"]
    [stock] = shop.get("/api/records/", type="stock")["results"]
    assert (price["price"], stock["quantity"]) == ("12.50", "1")


# ---- cleaning -----------------------------------------------------------------------------------

RULES = """
[clean."properties.total"]
when = "event == 'Order Completed'"
required = true
unit = "cents"
max = 100

[clean."properties.store"]
trim = true
lookup = "stores"
allowed = ["Pudong", "Xuhui"]

[lookup.stores]
001 = "Pudong"
"""


def test_rules_change_and_refuse_and_are_counted(shop: Shop) -> None:
    one = own(shop)
    save(one, RULES)
    shop.sends(
        order("o1", 1250, "u1", later(), store=" 001 "),
        order("o2", 99900, "u1", later()),
        order("o3", 100, "u1", later(), store="Paris"),
        track("A", "u1", later(), store="Xuhui"),
        track("Order Completed", "u1", later(), order_id="o4"),
        track("B", "u1", later(), total="as it is"),
    )
    assert (shop.value("gmv"), shop.value("orders")) == ("12.5", "1")
    assert [(reason, field) for reason, field, _ in refused(shop)] == [
        ("cleaning", "properties.store"),
        ("cleaning", "properties.total"),
        ("cleaning", "properties.total"),
    ]
    found = {(each.field, each.rule): (each.changed, each.refused) for each in counts(one)}
    assert found == {
        ("properties.total", "unit"): (3, 0),
        ("properties.total", "max"): (0, 1),
        ("properties.total", "required"): (0, 1),
        ("properties.store", "trim"): (1, 0),
        ("properties.store", "lookup"): (1, 0),
        ("properties.store", "allowed"): (0, 1),
    }
    answer = shop.get(f"/api/connectors/{one.uuid}/cleaning/")["results"]
    assert {(each["field"], each["rule"]): (each["changed"], each["refused"]) for each in answer} == found
    before = shop.value("gmv"), refused(shop), counts(one)
    rebuild.everything()
    assert (shop.value("gmv"), refused(shop), counts(one)) == before


def test_a_rule_is_applied_once_to_what_is_replayed(shop: Shop) -> None:
    one = own(shop)
    save(one, RULES.replace("max = 100", "max = 10"))
    shop.sends(order("o1", 1250, "u1", later(), message_id="m1"))
    assert replay(shop) == {"replayed": 0, "still_bad": 1}
    save(one, RULES)
    assert replay(shop) == {"replayed": 1, "still_bad": 0}
    assert shop.value("gmv") == "12.5"


# ---- versions -----------------------------------------------------------------------------------


def test_a_request_is_read_by_the_version_that_was_valid_when_it_came_and_a_rebuild_gives_the_same(
    shop: Shop,
) -> None:
    one = own(shop)
    text = "[[message]]\nkeep = true\nevent = \"'%s'\"\n"
    now = datetime.now(UTC)
    save(one, text % "first", now - timedelta(days=2))
    save(one, text % "second", now - timedelta(days=1))
    for days, name in ((3, "a"), (2, "b"), (1, "c"), (0, "d")):
        at = now - timedelta(days=days) + timedelta(hours=1)
        shop.sends(track("as sent", "u") | {"messageId": name}, received_at=at)
    expected = [("a", "as sent"), ("b", "first"), ("c", "second"), ("d", "second")]
    assert stored() == expected
    rebuild.everything()
    assert stored() == expected


def test_saving_the_same_text_makes_no_version(shop: Shop) -> None:
    one = own(shop)
    assert versions.save(connection, one, RULES, "me", "because")
    assert not versions.save(connection, one, RULES, "me")
    assert versions.save(connection, one, RULES + "\n", "me")
    [newest, first] = versions.all_of(connection, one)
    assert (newest.version, first.version, first.author, first.why) == (2, 1, "me", "because")
    assert versions.text_of(connection, one, 1).text == RULES
