"""What stands in Shopify's notices of customers and goods, and what happens when something else does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.connectors.shopify import TOPICS
from tests.channels.connectors import notices
from tests.channels.connectors.notices import Notice, numbers, understood
from tests.channels.connectors.shopify_notices import SAMPLED, notice, rejects, told
from tests.shop import Shop

pytestmark = pytest.mark.django_db
american = notices.american


# ---- customers and goods --------------------------------------------------------------------------------------


def test_a_customer_of_whom_little_is_known(american: Shop) -> None:
    told(american, notice("customers/create"), notice("customers/create", {"id": 77, "email": None}))
    traits = american.profile("marketplace_uid:706405506930370084")["traits"]
    assert (traits["first_name"]["value"], traits["email"]["value"]) == ("Bob", "bob@biller.com")
    assert american.profile("marketplace_uid:77")["traits"] == {}


def test_a_products_variants_are_skus_with_prices(american: Shop) -> None:
    told(american, notice("products/update"), notice("products/create"))
    products = {one["sku"]: one for one in american.get("/api/records/", type="product")["results"]}
    assert set(products) == {
        "IPOD2008PINK", "IPOD2008RED", "IPOD2008GREEN", "IPOD2008BLACK", "642667041472713922", "757650484644203962",
    }  # fmt: skip
    pink = products["IPOD2008PINK"]
    assert (pink["name"], pink["category"], pink["brand"]) == (
        "IPod Nano - 8GB - Pink",
        "Cult Products",
        "Apple",
    )
    assert pink["tags"] == ["Emotive", "Flash Memory", "MP3", "Music"]
    prices = {row[0]: (str(row[2]), str(row[4])) for row in numbers(american)["prices"]}
    assert (prices["IPOD2008RED"], prices["642667041472713922"]) == (("199.00", "None"), ("19.99", "24.99"))
    assert numbers(american)["stock"] == []
    assert rejects(american) == []


def test_stock_comes_by_item_and_location_or_by_sku_with_the_product(american: Shop) -> None:
    told(american, notice("inventory_levels/update"), notice("products/update"))
    assert [(row[0], row[1], int(row[3])) for row in numbers(american)["stock"]] == [
        ("808950810", "655441491", 42)
    ]
    other = Shop(currency="USD", zone="America/New_York")
    told(other, notice("inventory_levels/update"), notice("products/update"), stock="products")
    assert {row[0]: int(row[3]) for row in numbers(other)["stock"]} == {
        "IPOD2008PINK": 10, "IPOD2008RED": 20, "IPOD2008GREEN": 30, "IPOD2008BLACK": 40,
    }  # fmt: skip
    assert rejects(other) == [("unreadable_delivery", "")]


def test_what_is_not_read_is_a_reject_with_its_body(american: Shop) -> None:
    told(american, notice("carts/create", {"id": "abc"}), Notice({}, {"id": 1}))
    found = {bad["raw"]: bad["hint"] for bad in american.get("/api/rejects/")["results"]}
    assert "carts/create" in found['{"id": "abc"}']
    assert "X-Shopify-Topic" in found['{"id": 1}']


# ---- broken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "topic", [topic for topic in SAMPLED if topic not in {"orders/create", "orders/updated"}]
)
def test_whatever_stands_in_a_field_nothing_is_lost(topic: str) -> None:
    notices.break_every_field("shopify", notice(topic))


@settings(max_examples=150)
@given(topic=st.sampled_from(SAMPLED), seed=st.integers(0, 2**32))
def test_whatever_stands_in_several_fields_nothing_is_lost(topic: str, seed: int) -> None:
    notices.break_some_fields("shopify", notice(topic), seed)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_whatever_the_body_is_it_is_a_reject(topic: str) -> None:
    notices.break_whole_bodies("shopify", {"X-Shopify-Topic": topic})


def test_amounts_are_exact_however_they_are_written() -> None:
    """As text, as numbers, with more digits than a float holds."""
    said = {
        "as text": '"123456789.07"',
        "as a number": "123456789.07",
        "long": "123456789.0700000000000000001",
    }
    for how, total in said.items():
        raw = b'{"id": 1, "currency": "USD", "processed_at": "2026-03-01T10:00:00Z", "total_price": %s}'
        prepared = understood("shopify", notice("orders/create", raw % total.encode()))
        assert str(prepared.cleans[-1].meaning.fields["total"]) == "123456789.07", how
