"""Shopify's orders, signed as it signs, through the pipeline: the door, an order's life, in any order and again."""

import copy
import shutil

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp.pipeline import rebuild
from channels.connect import setup as connecting
from channels.setup import Added
from kernel.db import rows
from tests.channels.conftest import Server, inbox
from tests.channels.connectors import notices
from tests.channels.connectors.notices import SECRET, Notice, base64_hmac, numbers, sample, send
from tests.channels.connectors.shopify_notices import (
    SAMPLED,
    SHOP,
    SIGNATURE,
    STORY,
    YEARS,
    hook,
    notice,
    order,
    rejects,
    told,
)
from tests.channels.hooking import connector, deliver
from tests.dump import differences, dump
from tests.sdk.conftest import missing
from tests.shop import Shop

pytestmark = pytest.mark.django_db
american = notices.american


# ---- the door -----------------------------------------------------------------------------------------


def test_what_another_program_signs_is_taken_and_what_is_changed_is_not(american: Shop) -> None:
    node = shutil.which("node")
    if node is None:
        missing("no Node.js to sign with")
    one, body = hook(american), notice("orders/create").raw
    good = {**notice("orders/create").headers, SIGNATURE: notices.by_node(body, SECRET, node)}
    assert deliver(one, body, good).reply == (200, b'{"success":true}', "application/json")
    for other in (body + b" ", body.replace(b"598.94", b"598.95"), b""):
        assert deliver(one, other, good).reply.status == 401
    for bad in ("", "x", base64_hmac(body, "another"), notices.by_node(body, "another", node)):
        judged = deliver(one, body, {**good, SIGNATURE: bad})
        assert (judged.reply.status, judged.text) == (401, None), bad


def test_a_retry_hours_later_is_taken_as_it_was_triggered(american: Shop) -> None:
    late = notice("orders/create", X_Shopify_Triggered_At="2008-01-10T11:00:00Z")
    signed = {**late.headers, SIGNATURE: base64_hmac(late.raw)}
    assert deliver(hook(american), late.raw, signed, now=4e9).reply.status == 200


def test_without_a_secret_nothing_is_taken_and_the_test_of_the_connector_says_so(american: Shop) -> None:
    one = connector(american, "shopify")
    sent = notice("orders/create")
    judged = deliver(one, sent.raw, {**sent.headers, SIGNATURE: base64_hmac(sent.raw, "")})
    assert (judged.reply.status, judged.forged) == (401, "no_secret")
    assert connecting.test(one).ok is False
    connecting.change(one, secrets={"secret": SECRET})
    one.refresh_from_db()
    assert connecting.test(one).ok is True


def test_another_shops_delivery_is_refused_where_a_shop_is_set(american: Shop) -> None:
    one = hook(american, shop="JSmith.myshopify.com")
    for domain, status in ((SHOP, 200), (SHOP.upper(), 200), ("other.myshopify.com", 401), ("", 401)):
        sent = notice("orders/create", X_Shopify_Shop_Domain=domain)
        signed = {**sent.headers, SIGNATURE: base64_hmac(sent.raw)}
        assert deliver(one, sent.raw, signed).reply.status == status, domain


def test_a_test_notification_is_checked_and_not_kept(american: Shop) -> None:
    one, sent = hook(american), notice("orders/create", X_Shopify_Test="true")
    good = deliver(one, sent.raw, {**sent.headers, SIGNATURE: base64_hmac(sent.raw)})
    assert (good.reply.status, good.text) == (200, None)
    bad = deliver(one, sent.raw, {**sent.headers, SIGNATURE: base64_hmac(sent.raw, "other")})
    assert (bad.reply.status, bad.forged) == (401, "bad_signature")
    real = notice("orders/create", X_Shopify_Test="false")
    assert deliver(one, real.raw, {**real.headers, SIGNATURE: base64_hmac(real.raw)}).text is not None


def test_over_the_wire(web: Server, shop: Added) -> None:
    """The body is signed as it goes over the wire, byte for byte; a test of Shopify's leaves nothing."""
    one = connecting.make(shop.channel, "shopify", "Shopify", {}, {"secret": SECRET}).connector
    sent, path = notice("orders/create"), f"/hooks/{one.uuid}/"
    headers = {name.replace("-", "_"): value for name, value in sent.headers.items()}
    signature = base64_hmac(sent.raw)
    assert web.ask("POST", path, sent.raw + b"\n", **headers, X_Shopify_Hmac_Sha256=signature).status == 401
    tried = web.ask("POST", path, sent.raw, **headers, X_Shopify_Hmac_Sha256=signature, X_Shopify_Test="true")
    assert (tried.status, inbox(one.id)) == (200, [])
    assert web.ask("POST", path, sent.raw, **headers, X_Shopify_Hmac_Sha256=signature).status == 200
    [(door, _n, body)] = inbox(one.id)
    assert (door, body.encode()) == ("hook", sent.raw)


# ---- an order's life ------------------------------------------------------------------------------------


def test_an_order_with_all_that_its_notice_says(american: Shop) -> None:
    told(american, notice("orders/create"))
    assert american.value("gmv", **YEARS) == "598.94"
    [found] = rows(
        connection,
        "select order_id, occurred_at::text, currency, total::text, tax::text, shipping::text, discount::text, coupon,"
        " store from metrics_order",
    )
    assert found[0] == "450789469"
    assert found[1].startswith("2008-01-10 16:00:00")
    assert found[2:] == ("USD", "598.94", "11.94", "0.00", "10.00", "TENOFF", None)
    lines = rows(
        connection,
        "select sku, price::text, quantity::int, discount::text, name from metrics_order_line order by line",
    )
    assert lines[0] == ("IPOD2008GREEN", "199.00", 1, "3.34", "IPod Nano - 8gb - green")
    assert [line[0] for line in lines] == ["IPOD2008GREEN", "IPOD2008RED", "IPOD2008BLACK"]
    assert rejects(american) == []


def test_a_life_from_placed_to_cancelled(american: Shop) -> None:
    told(american, *(notice(topic) for topic in STORY))
    assert rejects(american) == []
    values = {
        name: american.value(name, **YEARS) for name in ("gmv", "refunds", "net_revenue", "orders", "buyers")
    }
    assert values == {
        "gmv": "598.94",
        "refunds": "598.94",
        "net_revenue": "0.00",
        "orders": "1",
        "buyers": "1",
    }
    found = numbers(american)
    assert [(row[1], row[2], str(row[4])) for row in found["refunds"]] == [
        ("cancel", "", "389.94"), ("refund", "509562969", "209.00"),
    ]  # fmt: skip
    assert [(row[3], str(row[4]), row[5]) for row in found["payments"]] == [("succeeded", "598.94", "bogus")]
    assert [(row[1], row[4]) for row in found["parcels"]] == [("255858046", "USPS")]
    back = {(row[1], row[4]) for row in found["goods back"]}
    assert back == {("return", "IPOD2008BLACK"), ("return", "IPOD2008GREEN"), ("cancel", "IPOD2008RED")}
    assert found["waiting"] == []


def test_who_bought_is_known_by_shopifys_number_mail_and_phone_never_as_a_user(american: Shop) -> None:
    told(american, notice("orders/create"), notice("customers/update"))
    found = american.profile("email:bob.norman@mail.example.com")
    kinds = {(one["kind"], one["namespace"], one["value"]) for one in found["identifiers"]}
    assert ("marketplace_uid", SHOP, "207119551") in kinds
    assert {kind for kind, _, _ in kinds} == {"marketplace_uid", "email", "phone"}
    traits = {name: one["value"] for name, one in found["traits"].items()}
    assert (traits["first_name"], traits["last_name"], traits["city"]) == ("Bob", "Norman", "Louisville")
    assert found["summary"]["orders"] == 1
    # The retailer's own user of the same number is another person.
    american.sends({"type": "identify", "userId": "207119551", "traits": {"name": "Other"}})
    assert american.profile("user_id:207119551")["id"] != found["id"]


def test_the_phone_of_a_gifts_address_joins_nobody(american: Shop) -> None:
    address = {"first_name": "Ann", "phone": "+16135550199", "city": "Ottawa", "country_code": "CA"}
    first = order(shipping_address=address, billing_address=address)
    second = order(
        id=2, customer={"id": 5, "email": "eve@mail.example.com"}, phone=None, shipping_address=address
    )
    told(american, notice("orders/create", first), notice("orders/create", second))
    assert american.get("/api/profiles/", identifier="phone:+16135550199")["results"] == []
    assert american.value("buyers", **YEARS) == "2"


def test_two_customers_with_the_placeholder_of_a_till_stay_two(american: Shop) -> None:
    for n, mail in enumerate(("noemail@example.com", "till@shop.example") * 2):
        customer = {"id": 1000 + n, "email": mail, "phone": "0000000000"}
        body = order(id=n + 1, customer=customer, email=mail, contact_email=mail, phone=None)
        told(american, notice("orders/create", body))
    assert american.value("buyers", **YEARS) == "4"


def test_an_order_without_a_customer_is_an_order_of_nobody(american: Shop) -> None:
    body = order(
        customer=None, email="", contact_email=None, phone=None, billing_address=None, shipping_address=None,
        source_name="pos", location_id=48752903,
    )  # fmt: skip
    told(american, notice("orders/create", body))
    assert (american.value("orders", **YEARS), american.value("buyers", **YEARS)) == ("1", "0")
    assert rows(connection, "select store, sighting_id from metrics_order") == [("48752903", None)]
    assert rejects(american) == []


def test_a_free_order_counts_as_an_order(american: Shop) -> None:
    body = order(total_price="0.00", total_tax="0.00", total_discounts="597.00", payment_gateway_names=[])
    told(american, notice("orders/paid", body))
    assert (american.value("gmv", **YEARS), american.value("orders", **YEARS)) == ("0", "1")
    assert rejects(american) == []


def test_a_line_without_an_sku_is_known_by_its_variant(american: Shop) -> None:
    lines = order()["line_items"]
    lines[0]["sku"], lines[1]["sku"] = None, ""
    lines[2] |= {"sku": None, "variant_id": None, "product_id": None}
    told(american, notice("orders/create", order(line_items=lines)))
    found = rows(connection, "select sku from metrics_order_line order by line")
    assert found == [("39072856",), ("49148385",), ("",)]


def test_an_order_in_the_customers_currency_counts_in_the_shops(american: Shop) -> None:
    body = order(presentment_currency="EUR")
    body["total_price_set"]["presentment_money"] = {"amount": "551.02", "currency_code": "EUR"}
    told(american, notice("orders/create", body))
    assert american.value("gmv", **YEARS) == "598.94"


@pytest.mark.parametrize(
    ("paid", "back"), [("367.35", "399.29"), ("184.00", "200"), ("0.01", "0.01")], ids=str
)
def test_a_refund_in_the_customers_currency_counts_in_the_shops(american: Shop, paid: str, back: str) -> None:
    """399.29 dollars of goods are 367.35 euros: a part of them is as much of the other."""
    body = sample("shopify", "refunds/create")
    body["transactions"][0] |= {"amount": paid, "currency": "EUR"}
    sums = [part[name] for part in body["refund_line_items"] for name in ("subtotal_set", "total_tax_set")]
    for one, euros in zip(sums, ("180.00", "3.66", "180.03", "3.66"), strict=True):
        one["presentment_money"] = {"amount": euros, "currency_code": "EUR"}
    told(american, notice("orders/create"), notice("refunds/create", body))
    assert american.value("refunds", **YEARS) == back
    assert numbers(american)["waiting"] == []


def test_a_refund_whose_rate_nothing_tells_waits_and_is_not_guessed(american: Shop) -> None:
    body = sample("shopify", "refunds/create") | {"refund_line_items": []}
    body["total_duties_set"]["shop_money"]["currency_code"] = "USD"
    body["transactions"][0] |= {"amount": "10.00", "currency": "EUR"}
    told(american, notice("orders/create"), notice("refunds/create", body))
    assert american.value("refunds", **YEARS) == "0"
    assert [row[1] for row in numbers(american)["waiting"]] == ["other_currency"]


def test_only_transactions_that_succeeded_are_money_given_back(american: Shop) -> None:
    body = sample("shopify", "refunds/create")
    one = body["transactions"][0]
    body["transactions"] = [
        one | {"amount": "20.00"}, one | {"amount": "5.50"}, one | {"amount": "99.00", "status": "failure"},
        one | {"amount": "7.00", "kind": "capture"},
    ]  # fmt: skip
    told(american, notice("orders/create"), notice("refunds/create", body))
    assert american.value("refunds", **YEARS) == "25.5"


def test_a_refund_on_its_way_is_refused_and_counts_when_an_order_tells_that_it_arrived(
    american: Shop,
) -> None:
    body = sample("shopify", "refunds/create")
    pending = copy.deepcopy(body) | {"refund_line_items": []}
    pending["transactions"][0]["status"] = "pending"
    told(american, notice("orders/create"), notice("refunds/create", pending))
    assert american.value("refunds", **YEARS) == "0"
    assert rejects(american) == [("unreadable_delivery", "transactions")]
    told(american, notice("orders/updated", order(refunds=[body], updated_at="2008-01-16T10:00:00-05:00")))
    assert american.value("refunds", **YEARS) == "209"


def test_goods_that_never_left_are_no_return(american: Shop) -> None:
    body = sample("shopify", "refunds/create")
    for one in body["refund_line_items"]:
        one["restock_type"] = "cancel"
    told(american, notice("orders/create"), notice("refunds/create", body))
    assert numbers(american)["goods back"] == []
    assert american.value("refunds", **YEARS) == "209"


def test_a_parcel_that_arrived(american: Shop) -> None:
    body = sample("shopify", "fulfillments/create") | {
        "shipment_status": "delivered", "updated_at": "2008-01-13T10:00:00-05:00",
    }  # fmt: skip
    told(
        american, notice("orders/create"), notice("fulfillments/create"), notice("fulfillments/update", body)
    )
    [parcel] = numbers(american)["parcels"]
    assert (parcel[2].isoformat()[:16], parcel[3].isoformat()[:16]) == (
        "2008-01-11T14:30",
        "2008-01-13T15:00",
    )
    lost = body | {"status": "cancelled"}
    told(american, notice("fulfillments/update", lost))
    assert rejects(american) == [("unreadable_delivery", "")]


# ---- again, in any order ------------------------------------------------------------------------------------


def test_the_same_delivery_again_and_by_a_second_subscription_counts_once(american: Shop) -> None:
    one = told(american, notice("orders/create"), notice("orders/paid"), notice("refunds/create"))
    before = numbers(american)
    again = [notice("orders/create"), notice("orders/paid"), notice("refunds/create")]
    twice = [
        notice("orders/paid", X_Shopify_Webhook_Id="w-other"), notice("refunds/create", X_Shopify_Event_Id="e-2"),
    ]  # fmt: skip
    bare = [Notice({"X-Shopify-Topic": one.headers["X-Shopify-Topic"]}, one.body) for one in again[1:2]]
    send(one, [*again, *twice], SIGNATURE)
    american.drains()
    assert numbers(american) == before
    send(one, bare, SIGNATURE)  # without its shop its customer is the channel's
    american.drains()
    assert numbers(american)["orders"] == before["orders"]
    assert american.value("gmv", **YEARS) == "598.94"


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_every_order_of_notices_gives_the_same_numbers(seed: int) -> None:
    straight, shuffled = (Shop(currency="USD", zone="America/New_York") for _ in range(2))
    story = [notice(topic) for topic in STORY]
    told(straight, *story)
    notices.send_shuffled(shuffled, hook(shuffled), story, SIGNATURE, seed)
    assert numbers(shuffled) == numbers(straight)


def test_whose_an_order_is_may_be_told_later_or_first(american: Shop) -> None:
    """At a till the customer is put to the sale after it: which notice came first decides nothing."""
    nobodys = order(customer=None, email=None, contact_email=None, phone=None, billing_address=None)
    both = [notice("orders/create", nobodys), notice("orders/updated")]
    other = Shop(currency="USD", zone="America/New_York")
    told(american, *both)
    told(other, *reversed(both))
    for shop in (american, other):
        assert shop.value("buyers", **YEARS) == shop.value("active_customers", **YEARS) == "1"
    assert american.value("orders", **YEARS) == other.value("orders", **YEARS) == "1"


@pytest.mark.parametrize("topic", ["orders/updated", "orders/paid", "orders/fulfilled"])
def test_an_order_whose_first_notice_got_lost_is_an_order_of_its_own_day(american: Shop, topic: str) -> None:
    told(american, notice(topic))
    assert american.value("gmv", from_="2008-01-10", to="2008-01-10") == "598.94"


def test_a_rebuild_gives_the_same(american: Shop) -> None:
    told(american, *(notice(topic) for topic in reversed(SAMPLED)), notice("carts/create", {"id": 1}))
    before = dump(american.workspace.pk)
    assert len(before["rejects"]) == 1
    rebuild.everything()
    assert differences(before, dump(american.workspace.pk)) == {}
