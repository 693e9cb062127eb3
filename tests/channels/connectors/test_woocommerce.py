"""WooCommerce's notices, signed as it signs, through the pipeline: each status, refunds, guests; any order; broken."""

import shutil
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp.pipeline import rebuild
from channels.connect import setup as connecting
from channels.connectors.woocommerce import TOPICS
from channels.models import Connector
from channels.setup import Added
from kernel.db import rows
from tests.channels.conftest import Server, inbox
from tests.channels.connectors import notices
from tests.channels.connectors.notices import SECRET, Notice, base64_hmac, numbers, sample, send, understood
from tests.channels.hooking import connector, deliver
from tests.dump import differences, dump
from tests.sdk.conftest import missing
from tests.shop import Shop

pytestmark = pytest.mark.django_db
american = notices.american
SIGNATURE = "X-WC-Webhook-Signature"
SAMPLED = (
    "order.created", "order.updated", "order.restored", "order.deleted", "customer.created", "customer.updated",
    "product.created", "product.updated",
)  # fmt: skip
YEARS = {"from_": "2017-01-01", "to": "2017-12-31"}


def notice(topic: str, body: Any = None, site: str = "https://example.com/") -> Notice:
    """A delivery as WooCommerce sends it; `body`: the sample's unless given."""
    resource, _dot, event = topic.partition(".")
    headers = {
        "X-WC-Webhook-Source": site,
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": event,
        "X-WC-Webhook-ID": "5",
        "X-WC-Webhook-Delivery-ID": f"d-{topic}",
    }
    return Notice(headers, sample("woocommerce", topic) if body is None else body)


def order(status: str = "processing", at: str = "2017-03-22T20:00:00", **changes: Any) -> dict[str, Any]:
    """The sample order in a status, changed at a time in UTC."""
    site = at.replace("T2", "T1")  # the site's own clock, which says another hour
    unpaid = {"date_paid": None, "date_paid_gmt": None} if status in {"pending", "failed", "on-hold"} else {}
    now = {"status": status, "date_modified_gmt": at, "date_modified": site}
    return {**sample("woocommerce", "order.created"), **now, **unpaid, **changes}


def told(shop: Shop, *several: Notice) -> Connector:
    """The notices, delivered and worked."""
    one = connector(shop, "woocommerce", {}, {"secret": SECRET})
    send(one, several, SIGNATURE)
    shop.drains()
    return one


def rejects(shop: Shop) -> list[Any]:
    return [(bad["reason"], bad["field"]) for bad in shop.get("/api/rejects/")["results"]]


def values(shop: Shop, *names: str) -> list[str | None]:
    return [shop.value(name, **YEARS) for name in names]


# ---- the door ------------------------------------------------------------------------------------------


def test_what_another_program_signs_is_taken_and_what_is_changed_is_not(american: Shop) -> None:
    node = shutil.which("node")
    if node is None:
        missing("no Node.js to sign with")
    one = connector(american, "woocommerce", {}, {"secret": SECRET})
    sent = notice("order.created")
    good = {**sent.headers, SIGNATURE: notices.by_node(sent.raw, SECRET, node)}
    assert deliver(one, sent.raw, good).reply.status == 200
    for body in (sent.raw + b" ", sent.raw.replace(b"29.35", b"29.36"), b"webhook_id=5&x=1"):
        assert deliver(one, body, good).reply.status == 401
    for bad in ("", "x", base64_hmac(sent.raw, "another")):
        judged = deliver(one, sent.raw, {**good, SIGNATURE: bad})
        assert (judged.reply.status, judged.text) == (401, None), bad


def test_saving_a_webhook_is_answered_and_leaves_nothing(american: Shop) -> None:
    for secrets in ({}, {"secret": SECRET}):
        one = connector(american, "woocommerce", {}, secrets)
        assert connecting.test(one).ok is bool(secrets)
        judged = deliver(one, b"webhook_id=142")
        assert (judged.reply.status, judged.text) == (200, None)
        for other in (
            b"webhook_id=", b"webhook_id=x", b"webhook_id=1\n", b" webhook_id=1", b"webhook_id=1&id=2",
            b"webhook_id=" + b"9" * 99, b"Webhook_id=1", "webhook_id=\u0661".encode(),
        ):  # fmt: skip
            assert deliver(one, other).reply.status == 401, other


def test_over_the_wire(web: Server, shop: Added) -> None:
    """As WordPress posts it: a form of one field when the webhook is saved, JSON signed in a header afterwards."""
    one = connecting.make(shop.channel, "woocommerce", "Woo", {}, {"secret": SECRET}).connector
    saved = web.ask(
        "POST", f"/hooks/{one.uuid}/", b"webhook_id=142", content_type="application/x-www-form-urlencoded"
    )
    assert (saved.status, inbox(one.id)) == (200, [])
    sent = notice("order.created")
    headers = {name.replace("-", "_"): value for name, value in sent.headers.items()}
    path = f"/hooks/{one.uuid}/"
    assert web.ask("POST", path, sent.raw, **headers, X_WC_Webhook_Signature="x").status == 401
    assert inbox(one.id) == []
    assert (
        web.ask("POST", path, sent.raw, **headers, X_WC_Webhook_Signature=base64_hmac(sent.raw)).status == 200
    )
    [(door, _n, body)] = inbox(one.id)
    assert (door, body.encode()) == ("hook", sent.raw)


# ---- an order ------------------------------------------------------------------------------------------


def test_an_order_with_all_that_its_notice_says(american: Shop) -> None:
    told(american, notice("order.created"))
    found = rows(
        connection,
        "select order_id, occurred_at::text, currency, total::text, tax::text, shipping::text, discount::text"
        " from metrics_order",
    )
    assert [(row[0], row[1][:19], *row[2:]) for row in found] == [
        ("727", "2017-03-22 19:28:02", "USD", "29.35", "1.35", "10.00", "0.00")
    ]
    lines = rows(
        connection, "select sku, price::text, quantity::int, name from metrics_order_line order by line"
    )
    assert lines == [
        ("93", "3.00", 2, "Woo Single #1"), ("Bar3", "12.00", 1, "Ship Your Idea – Color: Black, Size: M Test"),
    ]  # fmt: skip
    [paid] = numbers(american)["payments"]
    assert (paid[2].isoformat()[:19], str(paid[4]), paid[5]) == ("2017-03-22T19:28:08", "29.35", "bacs")
    assert rejects(american) == []


@pytest.mark.parametrize(
    ("status", "counted", "refunds", "payment"),
    [
        ("pending", "0", "0", "started"),
        ("failed", "0", "0", "failed"),
        ("on-hold", "1", "0", None),
        ("processing", "1", "0", "succeeded"),
        ("completed", "1", "0", "succeeded"),
        ("cancelled", "1", "29.35", "succeeded"),
        ("refunded", "1", "29.35", "succeeded"),
        ("trash", "1", "29.35", "succeeded"),
        ("wc-completed", "1", "0", "succeeded"),
        ("packing-in-the-cellar", "1", "0", "succeeded"),  # a shop's own status
    ],
)
def test_what_each_status_comes_to(
    american: Shop, status: str, counted: str, refunds: str, payment: str | None
) -> None:
    told(american, notice("order.created", order(status)))
    assert values(american, "orders", "refunds") == [counted, refunds]
    states = [row[3] for row in numbers(american)["payments"]]
    waiting = [row[2] for row in numbers(american)["waiting"]]
    assert states == ([payment] if payment else [])
    assert [kind.removeprefix("payment_") for kind in waiting] == (states if counted == "0" else [])
    assert rejects(american) == []


def test_a_draft_is_no_order_and_no_payment(american: Shop) -> None:
    unpaid = {"date_paid": None, "date_paid_gmt": None, "date_created_gmt": "2017-03-22T19:28:02"}
    known = order("checkout-draft", **unpaid)
    told(american, notice("order.created", known), notice("order.created", known | {"id": 2, "billing": {}}))
    assert values(american, "orders") == ["0"]
    assert (numbers(american)["payments"], numbers(american)["waiting"]) == ([], [])
    assert american.profile("email:john.doe@example.com")["summary"]["orders"] == 0
    [bad] = american.get("/api/rejects/")["results"]
    assert "order.created: checkout-draft" in bad["hint"]


def test_a_payment_that_failed_and_then_went_through_is_one_order_paid_once(american: Shop) -> None:
    told(
        american,
        notice("order.created", order("pending", "2017-03-22T19:28:02")),
        notice("order.updated", order("failed", "2017-03-22T19:28:05")),
        notice("order.updated", order("processing", "2017-03-22T19:28:08")),
    )
    assert values(american, "orders", "gmv", "refunds") == ["1", "29.35", "0"]
    [paid] = numbers(american)["payments"]
    assert (paid[3], str(paid[4])) == ("succeeded", "29.35")
    assert numbers(american)["waiting"] == []


def test_refunds_are_as_many_as_the_order_lists_each_once(american: Shop) -> None:
    body = sample("woocommerce", "order.updated")
    later = body | {"date_modified_gmt": "2017-03-23T10:00:00"}
    told(american, notice("order.updated"), notice("order.updated", later), notice("order.updated"))
    assert values(american, "gmv", "refunds") == ["39", "19"]
    found = {(row[2], str(row[4]), row[3].isoformat()[:19]) for row in numbers(american)["refunds"]}
    assert found == {("724", "9.00", "2017-03-21T19:54:51"), ("726", "10.00", "2017-03-21T19:54:51")}


def test_an_order_that_is_thrown_away_is_cancelled(american: Shop) -> None:
    told(american, notice("order.created"), notice("order.deleted"))
    [refund] = numbers(american)["refunds"]
    assert (refund[1], str(refund[4]), refund[6]) == ("cancel", "29.35", "deleted")
    assert rejects(american) == []


def test_a_lines_price_and_discount_are_its_total_to_the_cent(american: Shop) -> None:
    line = {"id": 1, "product_id": 93, "sku": "S", "price": 3.3333333333333335}
    several = [
        line | {"quantity": 3, "subtotal": "10.00", "total": "10.00"},
        line | {"quantity": 3, "subtotal": "10.00", "total": "9.00"},
        line | {"quantity": 1, "subtotal": "", "total": None},
        line | {"quantity": 0, "subtotal": "0", "total": "0"},
    ]
    coupons = [{"code": "spring"}, {"code": "VIP"}]
    told(american, notice("order.created", order(line_items=several, coupon_lines=coupons)))
    found = rows(
        connection,
        "select price::text, discount::text, (price * quantity - coalesce(discount, 0))::text from metrics_order_line"
        " order by line",
    )
    assert found[:2] == [("3.34", "0.02", "10.00"), ("3.34", "1.02", "9.00")]
    assert found[2][0] == "3.33"
    assert rows(connection, "select coupon from metrics_order") == [("spring, VIP",)]


# ---- who ------------------------------------------------------------------------------------------------


def test_guests_are_known_by_their_mail_and_account_0_is_nobodys(american: Shop) -> None:
    other = order(id=2)
    other["billing"] = other["billing"] | {"email": "mary@example.com", "phone": "+1 212-555-0142"}
    told(american, notice("order.created"), notice("order.created", other))
    assert values(american, "orders", "buyers") == ["2", "2"]
    found = american.profile("email:mary@example.com")
    assert {one["kind"] for one in found["identifiers"]} == {"email", "phone"}
    assert found["traits"]["city"]["value"] == "San Francisco"


def test_an_order_that_names_nobody_is_an_order_of_nobody(american: Shop) -> None:
    told(american, notice("order.created", order(billing=[], shipping=None, customer_id=0)))
    assert values(american, "orders", "buyers") == ["1", "0"]
    assert rejects(american) == []


def test_an_account_is_known_by_its_number_in_its_site_alone(american: Shop) -> None:
    body = sample("woocommerce", "order.updated")
    body["billing"]["phone"] = "(11) 3071-4455"
    told(american, notice("customer.updated"), notice("order.updated", body, site="http://www.example.com"))
    found = american.profile("email:joao.silva@example.com")
    kinds = {(one["kind"], one["namespace"], one["value"]) for one in found["identifiers"]}
    assert ("marketplace_uid", "example.com", "26") in kinds
    assert ("phone", "", "+551130714455") in kinds  # dialled in Brazil, whatever the channel's country
    assert not {kind for kind, _, _ in kinds} & {"user_id"}
    stranger = sample("woocommerce", "customer.updated") | {"email": "x@other.example", "billing": {}}
    told(american, notice("customer.updated", stranger, site="https://other.example/shop/"))
    assert american.profile("email:x@other.example")["id"] != found["id"]


def test_an_account_of_which_nothing_is_said_is_an_account(american: Shop) -> None:
    told(american, notice("customer.created", {"id": 8, "email": "", "billing": []}))
    assert american.profile("marketplace_uid:8")["traits"] == {}


# ---- goods ------------------------------------------------------------------------------------------------


def test_products_with_price_and_stock(american: Shop) -> None:
    parent = sample("woocommerce", "product.created") | {"id": 22, "type": "variable", "sku": "ship"}
    variation = parent | {
        "id": 23,
        "type": "variation",
        "sku": "Bar3",
        "name": "Ship &ndash; Black",
        "price": 12,
    }
    told(
        american,
        notice("product.created"),
        notice("product.updated"),
        notice("product.updated", parent),
        notice("product.updated", variation),
    )
    products = {one["sku"]: one for one in american.get("/api/records/", type="product")["results"]}
    assert {sku: one["name"] for sku, one in products.items()} == {
        "794": "Premium Quality", "ship": "Premium Quality", "Bar3": "Ship – Black",
    }  # fmt: skip
    assert products["794"]["category"] == "Clothing"
    found = numbers(american)
    assert {(row[0], str(row[2]), str(row[4])) for row in found["prices"]} == {
        ("794", "21.99", "None"), ("794", "19.99", "21.99"), ("Bar3", "12.00", "None"),
    }  # fmt: skip
    assert [(row[0], int(row[3])) for row in found["stock"]] == [("794", 5)]
    assert rejects(american) == []


# ---- again, in any order ------------------------------------------------------------------------------------


def story() -> list[Notice]:
    """The life of two orders and a customer."""
    refund = {"id": 900, "reason": "late", "total": "-5.35"}
    return [
        notice("order.created", order("pending", "2017-03-22T19:28:02")),
        notice("order.updated", order("processing", "2017-03-22T19:28:08")),
        notice("order.updated", order("completed", "2017-03-23T20:00:00", total="30.35")),
        notice("order.updated", order("completed", "2017-03-24T20:00:00", total="30.35", refunds=[refund])),
        notice("order.updated", order("cancelled", "2017-03-25T20:00:00", total="30.35", refunds=[refund])),
        notice("order.updated"),
        notice("order.updated", sample("woocommerce", "order.updated") | {"refunds": []}),
        notice("customer.created"),
        notice("customer.updated"),
    ]


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_every_order_of_notices_gives_the_same_numbers(seed: int) -> None:
    straight, shuffled = (Shop(currency="USD", zone="America/New_York") for _ in range(2))
    told(straight, *story())
    one = connector(shuffled, "woocommerce", {}, {"secret": SECRET})
    notices.send_shuffled(shuffled, one, story(), SIGNATURE, seed)
    assert numbers(shuffled) == numbers(straight)
    assert shuffled.value("net_revenue", **YEARS) == "20.00"


def test_a_rebuild_gives_the_same(american: Shop) -> None:
    told(american, *story(), *(notice(topic) for topic in SAMPLED), notice("coupon.created", {"id": 1}))
    before = dump(american.workspace.pk)
    assert len(before["rejects"]) == 1
    rebuild.everything()
    assert differences(before, dump(american.workspace.pk)) == {}


def test_what_is_not_read_is_a_reject_with_its_body(american: Shop) -> None:
    forbidden = {"code": "woocommerce_rest_cannot_view", "data": {"status": 401}}
    told(
        american,
        notice("coupon.created", {"id": 9}),
        Notice({}, {"id": 1}),
        notice("order.created", forbidden),
    )
    found = {bad["raw"][:20]: bad["hint"] for bad in american.get("/api/rejects/")["results"]}
    assert "coupon.created" in found['{"id": 9}']
    assert "X-WC-Webhook-Topic" in found['{"id": 1}']
    assert "lacks id" in found['{"code": "woocommerc']


# ---- broken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", SAMPLED)
def test_whatever_stands_in_a_field_nothing_is_lost(topic: str) -> None:
    notices.break_every_field("woocommerce", notice(topic))


@settings(max_examples=150)
@given(topic=st.sampled_from(SAMPLED), seed=st.integers(0, 2**32))
def test_whatever_stands_in_several_fields_nothing_is_lost(topic: str, seed: int) -> None:
    notices.break_some_fields("woocommerce", notice(topic), seed)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_whatever_the_body_is_it_is_a_reject(topic: str) -> None:
    notices.break_whole_bodies("woocommerce", {"X-WC-Webhook-Topic": topic})


def test_amounts_are_exact_however_they_are_written() -> None:
    """As text, as numbers, with more digits than a float holds."""
    for total in ('"123456789.07"', "123456789.07", "123456789.0700000000000000001"):
        raw = b'{"id": 1, "status": "processing", "currency": "USD", "total": %s}'
        prepared = understood("woocommerce", notice("order.created", raw % total.encode()))
        assert str(prepared.cleans[-1].meaning.fields["total"]) == "123456789.07", total
