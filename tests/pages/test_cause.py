"""The title names what caused a change, on the overview and on a metric's page alike."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.pages.test_numbers import person, text
from tests.shop import Shop, order

LATELY, BEFORE = timedelta(days=3), timedelta(days=40)


@pytest.fixture
def shop(db):
    return Shop()


def sells(shop, channel, before, now):
    at = timezone.now()
    name = f"{channel}-{before}"
    shop.sends(
        order(f"{name}-b", str(before), f"{name}-b", at=at - BEFORE, currency="CNY"),
        order(f"{name}-n", str(now), f"{name}-n", at=at - LATELY, currency="CNY"),
        to=channel,
    )


def test_the_channel_that_made_it_fall_stands_in_both_titles_with_its_money(shop):
    sells(shop, "web-shop", 900, 300)
    sells(shop, "store", 200, 100)
    client = person(shop)
    overview, kpi = client.get("/"), client.get("/kpi/net_revenue/")
    for answer in (overview, kpi):
        assert "63.6% lower than" in answer.context["finding"]
        assert answer.context["finding"].endswith(": Web shop −¥600.00 of −¥700.00.")


def test_the_biggest_mover_against_the_change_is_never_its_cause(shop):
    sells(shop, "web-shop", 500, 1300)  # +800, and all together still lower
    sells(shop, "store", 1000, 100)
    client = person(shop)
    for page in ("/", "/kpi/net_revenue/"):
        answer = client.get(page)
        assert answer.context["finding"].endswith(": Store −¥900.00, everything else +¥800.00.")
    movers = client.get("/").context["movers"]
    assert [(one.channel.slug, one.part) for one in movers.helped if one.metric.name == "net_revenue"] == [
        ("web-shop", "+¥800.00")
    ]
    assert [(one.channel.slug, one.part) for one in movers.held if one.metric.name == "net_revenue"] == [
        ("store", "−¥900.00")
    ]
    bars = client.get("/kpi/net_revenue/").context["bars"]["rows"]
    assert [bar["name"] for bar in bars] == ["Store", "Web shop"]
    said = text(client.get("/kpi/net_revenue/"))
    assert "Helped most Web shop +¥800.00 Held back most Store −¥900.00" in said


def test_of_a_cost_that_fell_who_lowered_it_helped(shop):
    sells(shop, "web-shop", 100, 100)
    at = timezone.now()
    for when, amount in ((BEFORE, "50"), (LATELY, "20")):
        shop.records(
            {"type": "spend", "amount": amount, "date": str((at - when).date()), "channel": "web-shop"}
        )
    context = person(shop).get("/kpi/cac/").context
    assert context["most"].helped.channel.slug == "web-shop"
    assert context["most"].held is None
    assert context["finding"].endswith(": Web shop −¥30.00 of −¥30.00.")


def test_a_ratio_is_moved_by_value_and_by_mix(shop):
    """Both channels sell for what they did before; the dear one sells less often, and that is the cause."""
    at = timezone.now()
    for when, dear, cheap in ((BEFORE, 3, 1), (LATELY, 1, 3)):
        for channel, price, n in (("web-shop", "300", dear), ("store", "100", cheap)):
            shop.sends(
                *(
                    order(f"{channel}{when.days}{i}", price, "u", at=at - when, currency="CNY")
                    for i in range(n)
                ),
                to=channel,
            )
    context = person(shop).get("/kpi/aov/").context
    assert "¥150.00, 40.0% lower" in context["finding"]
    assert {one.channel.slug: one.moved for one in context["rows"]} == {
        "web-shop": "−¥50.00",
        "store": "−¥50.00",
    }


def test_of_parity_the_title_names_the_skus(shop):
    at = timezone.now()

    def price(sku, channel, price, when):
        return {
            "type": "price",
            "sku": sku,
            "channel": channel,
            "price": price,
            "at": (at - when).isoformat(),
        }

    shop.records(*(price(sku, channel, "10", BEFORE) for sku in "ABC" for channel in ("web-shop", "store")))
    shop.records(price("D", "web-shop", "4", BEFORE), price("D", "store", "5", BEFORE))
    client = person(shop)
    page = "/kpi/price_parity/"
    assert client.get(page).context["finding"].endswith("prices differ on D.")
    shop.records(*(price(sku, "store", "11", LATELY) for sku in "AB"))
    finding = client.get(page).context["finding"]
    assert "pts lower than" in finding
    assert finding.endswith(": prices came apart on A, B.")
    shop.records(
        *(price(sku, "store", "10", LATELY / 2) for sku in "AB"), price("D", "store", "4", LATELY / 2)
    )
    finding = client.get(page).context["finding"]
    assert "pts higher than" in finding
    assert finding.endswith(": prices came together on D.")


def test_many_skus_are_counted(shop):
    at = (timezone.now() - LATELY).isoformat()
    shop.records(
        *(
            {"type": "price", "sku": f"S{n}", "channel": channel, "price": price, "at": at}
            for n in range(6)
            for channel, price in (("web-shop", "1"), ("store", "2"))
        )
    )
    assert "S0, S1, S2 and 3 more" in person(shop).get("/kpi/price_parity/").context["finding"]


def test_in_chinese_it_reads_as_a_sentence(shop):
    sells(shop, "web-shop", 900, 300)
    sells(shop, "store", 200, 100)
    client = person(shop)
    client.post("/preferences/language/", {"language": "zh-hans"})
    for page in ("/", "/kpi/net_revenue/"):
        finding = client.get(page).context["finding"]
        assert "下降 63.6%" in finding
        assert "−¥600.00" in finding
        assert not re.search(r"[a-z]{2,}", finding.replace("Web shop", ""))
