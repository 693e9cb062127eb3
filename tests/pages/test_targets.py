"""A target set on a metric's page: by whom, what is refused, what holds, and that a rebuild keeps it."""

from datetime import date, timedelta

import pytest

from cdp.pipeline import rebuild
from kernel.models import Audit
from tests.pages.test_numbers import person, text
from tests.shop import Shop, order

TODAY = date(2026, 3, 20)
WHERE = "from=2026-03-01&to=2026-03-20"


@pytest.fixture
def shop(db):
    shop = Shop()
    shop.sends(order("A1", "100", "u1", at="2026-03-05T04:00:00Z"))
    return shop


def sets(client, metric="aov", **given):
    form = {"value": "120", "from": "2026-03-01", "to": "", "channel": ""} | given
    return client.post(f"/kpi/{metric}/target/?{WHERE}", form)


def targets(shop):
    return [
        (one["metric"], one["value"], one["channel"])
        for one in shop.get("/api/records/", type="target")["results"]
    ]


def test_an_analyst_sets_it_and_it_stands_on_page_and_overview(shop):
    client = person(shop, "analyst")
    assert sets(client)["Location"] == "/kpi/aov/?from=2026-03-01&to=2026-03-20"
    said = text(client.get(f"/kpi/aov/?{WHERE}"))
    assert "Target ¥120.00 holds from 1 Mar 2026 for all channels together." in said
    assert "target ¥120.00" in said
    assert "¥20.00 short" in said
    assert "¥20.00 short" in text(client.get(f"/?{WHERE}"))
    assert targets(shop) == [("aov", "120", None)]
    (noted,) = Audit.objects.filter(action="target.set")
    assert (noted.actor, noted.target, noted.detail["value"]) == ("analyst", "aov", "120")


def test_of_one_channel_it_stands_in_that_channels_row(shop):
    client = person(shop, "analyst")
    sets(client, value="90", channel="web-shop")
    said = text(client.get(f"/kpi/aov/?{WHERE}"))
    assert "target ¥90.00, met" in said
    assert targets(shop) == [("aov", "90", "web-shop")]


def test_shares_are_typed_in_percent(shop):
    client = person(shop, "analyst")
    sets(client, "refund_rate", value="7.5")
    assert targets(shop) == [("refund_rate", "0.075", None)]
    assert "target at most 7.5%" in text(client.get(f"/kpi/refund_rate/?{WHERE}"))


def test_a_viewer_sees_targets_and_sets_none(shop):
    sets(person(shop, "analyst"))
    client = person(shop, "viewer")
    assert sets(client, value="1").status_code == 403
    page = client.get(f"/kpi/aov/?{WHERE}").content.decode()
    assert "¥120.00" in page
    assert "/kpi/aov/target/" not in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("value", "much", "A number from 0 on"),
        ("value", "-1", "A number from 0 on"),
        ("value", "NaN", "A number from 0 on"),
        ("value", "1e99", "A number from 0 on"),
        ("from", "soon", "The day from which it holds."),
        ("to", "2026-02-01", "not before the first"),
        ("channel", "nowhere", "There is no such channel."),
    ],
)
def test_what_cannot_be_one_is_said_and_what_was_typed_is_kept(shop, field, value, said):
    answer = sets(person(shop, "analyst"), **{field: value})
    page = answer.content.decode()
    assert said in text(answer)
    assert 'aria-invalid="true"' in page or field == "channel"
    assert f'value="{value}"' in page or field == "channel"
    assert targets(shop) == []


def test_the_later_said_holds_whoever_said_it(shop):
    client = person(shop, "analyst")
    record = {"type": "target", "metric": "aov", "from": "2026-03-01"}
    shop.records(record | {"value": "50"})
    sets(client, value="60")
    assert targets(shop) == [("aov", "60", None)]
    shop.records(record | {"value": "70"})
    assert targets(shop) == [("aov", "70", None)]
    sets(client, value="80", to=str(TODAY + timedelta(days=1)))
    assert targets(shop) == [("aov", "80", None)]


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_keeps_it(transactional_db):
    shop = Shop()
    record = {"type": "target", "metric": "aov", "from": "2026-03-01", "value": "50"}
    shop.records(record, record | {"metric": "cac"})
    sets(person(shop, "analyst"), value="60")
    before = targets(shop)
    rebuild.everything()
    assert sorted(targets(shop)) == sorted(before) == [("aov", "60", None), ("cac", "50", None)]
