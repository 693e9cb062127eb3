"""A target set on a metric's page: by whom, per what, what is refused, what holds; deleted; kept by a rebuild."""

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


def removes(client, metric="gmv", **given):
    return client.post(f"/kpi/{metric}/target/delete/?{WHERE}", {"from": "2026-03-01", "channel": ""} | given)


def test_a_month_s_target_is_scaled_to_the_days_looked_at(shop):
    client = person(shop, "analyst")
    sets(client, "gmv", value="3,100", period="month")
    week = "from=2026-03-02&to=2026-03-08"
    for address in (f"/kpi/gmv/?{week}", f"/?{week}"):
        said = text(client.get(address))
        assert "target ¥700.00" in said
        assert "¥600.00 short" in said
        assert "¥3,100.00 per month, scaled by days" in said
    month = text(client.get("/kpi/gmv/?from=2026-03-01&to=2026-03-31"))
    assert "target ¥3,100.00" in month
    assert "per month, scaled by days" not in month
    rows = [line.split(",") for line in client.get(f"/export.csv?{week}").getvalue().decode().splitlines()]
    (gmv,) = [row for row in rows if row[0] == "Gross merchandise value" and row[1] == "all"]
    assert "700" in gmv


def test_where_it_says_nothing_of_a_period_the_reason_stands_there(shop):
    client = person(shop, "analyst")
    sets(client, "active_customers", value="500", period="month")
    said = text(client.get("/kpi/active_customers/?from=2026-03-02&to=2026-03-08"))
    assert "target 500 per month" in said
    assert "Not compared with 7 days: customers who count once do not scale by days." in said
    assert "short" not in said
    assert "short" in text(client.get("/kpi/active_customers/?from=2026-03-01&to=2026-03-31"))
    sets(client, "gmv", **{"from": "2026-03-05"}, period="day")
    said = text(client.get("/kpi/gmv/?from=2026-03-01&to=2026-03-10"))
    assert "Not compared: no target holds on 4 of 10 days." in said


@pytest.mark.parametrize(
    ("given", "words", "period"),
    [
        ({"period": "week"}, "per week", "week"),
        ({"period": "days", "days": "45"}, "per 45 days", "45d"),
        ({"period": "whole", "to": "2026-03-15"}, "for 1 – 15 Mar 2026", "whole"),
        ({}, "per month", "month"),
    ],
)
def test_it_is_per_any_length(shop, given, words, period):
    client = person(shop, "analyst")
    sets(client, "gmv", **given)
    assert words in text(client.get(f"/kpi/gmv/?{WHERE}"))
    (kept,) = shop.get("/api/records/", type="target")["results"]
    assert kept["period"] == period


def test_of_a_ratio_no_period_is_asked(shop):
    client = person(shop, "analyst")
    assert 'name="period"' not in client.get(f"/kpi/aov/?{WHERE}").content.decode()
    assert 'name="period"' in client.get(f"/kpi/gmv/?{WHERE}").content.decode()


def test_who_set_it_and_when_stands_beside_it(shop):
    client = person(shop, "analyst")
    sets(client, "gmv")
    shop.records({"type": "target", "metric": "gmv", "value": 9, "from": "2026-01-01", "period": "Quarter"})
    said = text(client.get(f"/kpi/gmv/?{WHERE}"))
    (noted,) = Audit.objects.filter(action="target.set")
    assert noted.actor in said
    assert "Web shop" in said
    assert "per quarter" in said
    mine, sent = shop.get("/api/metrics/gmv/target/", **{"from": "2026-03-02", "to": "2026-03-08"})["targets"]
    assert (mine["set_by"], mine["period"], mine["from"]) == (noted.actor, "month", "2026-03-01")
    assert (sent["set_by"], sent["period"], sent["to"]) == (None, "quarter", None)


def test_the_api_says_what_a_period_should_come_to(shop):
    client = person(shop, "analyst")
    sets(client, "gmv", value="3100", channel="web-shop")
    asked = {"from": "2026-03-02", "to": "2026-03-08"}
    said = shop.get("/api/metrics/gmv/target/", channel="web-shop", **asked)
    assert (said["value"], said["why"], said["target"]["value"]) == ("700", None, "3100")
    assert shop.get("/api/metrics/gmv/target/", **asked)["target"] is None
    sets(client, "buyers", value="5")
    said = shop.get("/api/metrics/buyers/target/", **asked)
    assert (said["value"], said["why"]) == (None, "other_length")


def test_it_can_be_deleted_and_the_one_before_holds_again(shop):
    client = person(shop, "analyst")
    sets(client, "gmv", value="3100", **{"from": "2026-01-01"})
    sets(client, "gmv", value="6200", channel="")
    assert "target ¥4,000.00" in text(client.get(f"/kpi/gmv/?{WHERE}"))
    answer = removes(client)
    assert answer["Location"] == "/kpi/gmv/?from=2026-03-01&to=2026-03-20#target"
    said = text(client.get(f"/kpi/gmv/?{WHERE}"))
    assert "Deleted: target ¥6,200.00 per month from 1 Mar 2026 for all channels together." in said
    assert "target ¥2,000.00" in said
    assert targets(shop) == [("gmv", "3100", None)]
    (noted,) = Audit.objects.filter(action="target.delete")
    assert (noted.target, noted.detail["value"]) == ("gmv", "6200")
    removes(client)
    assert "This target is not there any more." in text(client.get(f"/kpi/gmv/?{WHERE}"))
    sets(client, "gmv", value="9")
    assert ("gmv", "9", None) in targets(shop)


def test_a_viewer_deletes_none(shop):
    sets(person(shop, "analyst"), "gmv")
    client = person(shop, "viewer")
    assert removes(client).status_code == 403
    assert "/target/delete/" not in client.get(f"/kpi/gmv/?{WHERE}").content.decode()
    assert targets(shop) == [("gmv", "120", None)]


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
        ("period", "fortnight", "There is no such period."),
        ("period", "days", "A whole number of days, from 1 on."),
        ("period", "whole", "All its days together need a last one."),
    ],
)
def test_what_cannot_be_one_is_said_and_what_was_typed_is_kept(shop, field, value, said):
    answer = sets(person(shop, "analyst"), "gmv", **{field: value})
    page = answer.content.decode()
    assert said in text(answer)
    assert 'aria-invalid="true"' in page
    assert f'value="{value}"' in page or field == "channel" or value == "fortnight"
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
    client = person(shop, "analyst")
    sets(client, value="60")
    shop.records(record | {"metric": "gmv"})
    removes(client)
    before = targets(shop)
    rebuild.everything()
    assert sorted(targets(shop)) == sorted(before) == [("aov", "60", None), ("cac", "50", None)]
