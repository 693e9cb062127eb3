"""Consistency as a page: each channel against the mean, gaps with their cure, customers behind; one channel only."""

import csv
import html
import io
import re
from datetime import date

import pytest

from channels.models import Channel
from kernel.web import format
from tests.metrics.consistency.gapped import gapped_shop
from tests.pages.test_numbers import person, text
from tests.shop import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
MARCH, KNOWN = "from=2026-03-01&to=2026-03-31", "from=2026-06-13&to=2026-07-13"


@pytest.fixture
def shop(db):
    return gapped_shop()


def part(page, name):
    return re.search(rf'id="{name}".*?</section>', page, re.DOTALL)[0]


def rows(section):
    body = re.search(r"<tbody>(.*?)</tbody>", section, re.DOTALL)[1]
    return [
        " ".join(re.sub(r"<[^>]+>", " ", one).split())
        for one in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def test_the_worst_channel_stands_first_and_is_named(shop):
    page = person(shop).get(f"/consistency/?{MARCH}")
    assert "Web shop lies behind the mean in" in text(page)
    first, second = rows(part(page.content.decode(), "standing"))
    assert first.startswith("Web shop")
    assert "50.0%" in first  # of two parcels one came as promised
    assert "20 min" in first
    assert second.startswith("Store")


def test_each_figure_leads_to_its_rows(shop):
    client = person(shop)
    page = client.get(f"/consistency/?{MARCH}").content.decode()
    links = [html.unescape(one) for one in re.findall(r'href="([^"]*)"', part(page, "standing"))]
    assert len(links) > 8
    for link in links:
        assert client.get(link).status_code == 200, link


def test_every_gap_has_a_button_to_its_cure(shop):
    client = person(shop)
    section = part(client.get(f"/consistency/?{MARCH}").content.decode(), "gaps")
    told = rows(section)
    assert len(told) == 4
    for words in ("Align the price", "Restock or move", "See late parcels", "See slow answers"):
        assert sum(words in one for one in told) == 1
    for link in re.findall(r'<a class="btn[^>]*href="([^"]*)"', section):
        assert client.get(html.unescape(link)).status_code == 200, link


def test_who_met_a_gap_can_be_looked_at(shop):
    client = person(shop)
    page = client.get(f"/consistency/?{KNOWN}").content.decode()
    section = part(page, "churn")
    days = format.days(date(2026, 3, 1), date(2026, 3, 31))
    assert f"5 customers with an order in {days}" in " ".join(section.split())
    links = [html.unescape(one) for one in re.findall(r'href="([^"]*people/[^"]*)"', section)]
    said = text(client.get(next(one for one in links if "gap=late" in one)))
    assert "Buyer u2" in said
    assert "Buyer u1" not in said
    assert "Met: Parcel later than promised" in said


def test_of_few_customers_nothing_is_claimed(shop):
    section = part(person(shop).get(f"/consistency/?{KNOWN}").content.decode(), "churn")
    assert "at least 20 are needed" in section
    assert 'class="spread' not in section


def test_nothing_and_one_channel_only_are_said(db):
    made = Shop()
    assert "Nothing happened in this period" in text(person(made).get(f"/consistency/?{MARCH}"))
    Channel.objects.filter(workspace=made.workspace, slug="store").delete()
    said = text(person(made, "viewer").get(f"/consistency/?{MARCH}"))
    assert "there is no other one to be consistent with" in said


def test_a_length_that_cannot_be_is_said_and_the_usual_one_taken(shop):
    said = text(person(shop).get(f"/consistency/?{MARCH}&within=soon"))
    assert "is a number with m, h, d or w behind it" in said
    assert "Every channel against the mean" in said


def test_each_card_is_a_file(shop):
    client = person(shop)
    page = client.get(f"/consistency/?{MARCH}").content.decode()
    links = [html.unescape(one) for one in re.findall(r'href="([^"]*/consistency\.csv[^"]*)"', page)]
    assert len(links) == 3
    tables = {}
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200, link
        name = re.search(r"consistency-(\w+)-2026-03-01-2026-03-31\.csv", answer["Content-Disposition"])[1]
        tables[name] = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    standing = {tuple(row[:2]): row for row in tables["channels"][1:]}
    assert standing["Web shop", "Promise kept"][3:6] == ["0.5000000000", "1", "2"]
    assert tables["churn"][1][0] == "Any of these"
    assert len(tables["gaps"]) == 1 + 4
    assert client.get(f"/consistency.csv?of=nothing&{MARCH}").status_code == 404
