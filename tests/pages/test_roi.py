"""Return on joining as a page: asked by a form, answered with the API's numbers; what cannot be asked is said."""

import csv
import html
import io
import re
from datetime import date

import pytest

from kernel.web import format
from tests.metrics.roi.joined import AT, joined_shop
from tests.pages.test_numbers import person, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
ASKED = f"at={AT}&window=21d&joined=web-shop&joined=tmall&cost=1000"


@pytest.fixture
def shop(db):
    return joined_shop()


def signed(value):
    return f"{'−' if value < 0 else '+'}{abs(value) * 100:,.1f}%"


def test_it_is_asked_before_it_is_answered(shop):
    said = text(person(shop).get("/roi/"))
    assert "When were which channels joined?" in said
    assert "What it brought" not in said


def test_what_stands_there_is_what_the_api_answers(shop):
    page = text(person(shop, "viewer").get(f"/roi/?{ASKED}"))
    found = shop.get("/api/roi/", at=str(AT), window="21d", joined="web-shop,tmall", cost="1000")
    for kpi in found["kpis"]:
        assert kpi["label"] in page
        assert signed(float(kpi["effect"]["relative"]["value"])) in page
        assert signed(float(kpi["effect"]["relative"]["low"])) in page
    value = found["kpis"][0]["joined"]["after"]["value"]
    assert f"¥{float(value):,.2f}" in page
    money = found["money"]
    for amount in (money["won"]["value"], money["saved"]["value"], money["earned"], money["net"]):
        assert f"¥{abs(float(amount['value'])):,.2f}" in page
    assert "Against the channels not joined: Net revenue +" in page
    before, after = (
        format.days(*(date.fromisoformat(found[side][end]) for end in ("from", "to")))
        for side in ("before", "after")
    )
    assert f"{before} against {after}" in page


def test_each_figure_leads_to_its_rows(shop):
    client = person(shop)
    page = client.get(f"/roi/?{ASKED}").content.decode()
    links = {html.unescape(one) for one in re.findall(r'href="(/kpi/[^"]*/rows/[^"]*)"', page)}
    assert len(links) > 20
    for link in sorted(links)[::5]:
        assert client.get(link).status_code == 200, link


def test_without_costs_nothing_is_said_to_be_earned_and_without_a_cost_nothing_held_against_it(shop):
    said = text(person(shop).get(f"/roi/?at={AT}&window=21d&joined=tmall"))
    assert "Say what joining cost, and it is held against it." in said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (f"at={AT}", "Name the channels whose data were joined"),
        (f"at={AT}&joined=tmall&joined=store&joined=web-shop", "leave out one at least"),
        (f"at={AT}&joined=moon", "There is no channel “moon”"),
        ("at=2999-01-01&joined=tmall", "in the future"),
        (f"at={AT}&window=90d&joined=tmall", "Ask for a window of 84d at most"),
        (f"at={AT}&window=21d&joined=tmall&cost=much", "an amount like 120000.00"),
        ("at=soon&joined=tmall", "is a date like 2026-11-01"),
        ("at=<script>&joined=tmall", "is a date like"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(shop, asked, said):
    page = person(shop).get(f"/roi/?{asked}")
    assert said in text(page)
    assert "<script>&" not in page.content.decode()


def test_it_speaks_chinese(shop):
    client = person(shop)
    client.cookies["language"] = "zh-hans"
    assert client.get(f"/roi/?{ASKED}").status_code == 200


def test_the_file_has_what_the_api_answers(shop):
    client = person(shop)
    page = client.get(f"/roi/?{ASKED}").content.decode()
    link = html.unescape(re.search(r'href="(/roi\.csv[^"]*)"', page)[1])
    answer = client.get(link)
    assert f"joining-{AT}-21d.csv" in answer["Content-Disposition"]
    _head, *lines = csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig")))
    found = shop.get("/api/roi/", at=str(AT), window="21d", joined="web-shop,tmall", cost="1000")
    told = {tuple(line[:3:2]): line for line in lines}
    for kpi in found["kpis"]:
        line = told[kpi["label"], "Joined"]
        assert line[3:5] == [kpi["joined"][side]["value"] for side in ("before", "after")]
        assert line[5:8] == [kpi["effect"]["relative"][end] for end in ("value", "low", "high")]
    assert told["Net revenue won", "Joined"][5] == found["money"]["won"]["value"]["value"]
    assert client.get("/roi.csv").status_code == 404
