"""Pages of marketing: what they find, each number with as many people behind it, money moved, the files."""

import csv
import io
import re
from html import unescape

import pytest
from django.test import Client

from tests.metrics.journeys.served import Served
from tests.metrics.marketing.test_api import busy, daily, happened, pays
from tests.pages.test_numbers import person, text

MARCH = "from=2026-03-01&to=2026-03-31"
CURVED = "from=2026-02-01&to=2026-03-12"
PAGES = ("/campaigns/", "/campaigns/audiences/", "/campaigns/budget/")
LINK = re.compile(r'<a[^>]*href="([^"]*/people/\?[^"]*)"[^>]*>\s*([\d,]+)\s*</a>')


@pytest.fixture
def client(db: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    served = Served()
    served.shows(monkeypatch, happened)
    pays(served)
    return person(served.shop, "viewer")


@pytest.fixture
def curved(db: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    served = Served()
    served.shows(monkeypatch, busy)
    daily(served)
    return person(served.shop, "viewer")


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def lines(client: Client, query: str) -> list[list[str]]:
    answer = client.get(f"/campaigns/export.csv?{query}")
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_title_says_what_spend_is_credited_with(client: Client) -> None:
    said = text(client.get(f"/campaigns/?{MARCH}"))
    assert "¥543.00 of spend are credited with ¥300.00 of revenue: 0.55 for one, most for summer" in said
    assert "3 campaigns on 2 channels · 2 customers reached" in said
    assert "33.00 CNY was spent without a campaign" in said
    assert "spring is paid in CNY, USD" in said


def test_every_number_of_people_leads_to_as_many(client: Client) -> None:
    for address, least in zip(PAGES[:2], (3, 4), strict=True):
        found = LINK.findall(page(client, f"{address}?{MARCH}"))
        assert len(found) >= least
        for link, number in found:
            listed = page(client, unescape(link))
            customers = set(re.findall(r'href="/customers/([0-9a-f-]{36})/"', listed))
            assert len(customers) == int(number), link


def test_the_calendar_has_a_cell_for_each_day_and_the_table_is_the_file(client: Client) -> None:
    found = page(client, f"/campaigns/?{MARCH}")
    calendar = found[found.index('class="hm stick"') :]
    assert calendar.count("<td ") == 4 * 31
    assert "¥80.00 spent, 0 touches" in calendar
    rows = {row[0]: row for row in lines(client, MARCH)}
    assert set(rows) == {"Campaign", "spring", "summer", "autumn", ""}
    assert [float(value) for value in rows["summer"][5:6] + rows["summer"][10:12]] == [80, 300, 3.75]


def test_credit_changes_with_the_model(client: Client) -> None:
    found = page(client, f"/campaigns/?{MARCH}&model=linear")
    assert "0.39" in text(client.get(f"/campaigns/?{MARCH}&model=linear"))  # 150 of 380, for spring
    assert re.search(r'aria-current="true"[^>]*>\s*Linear', found)


def test_audiences_say_who_is_shared_and_how_often_one_is_met(client: Client) -> None:
    said = text(client.get(f"/campaigns/audiences/?{MARCH}"))
    assert "spring and summer share 50.0% of their customers" in said
    assert "1 touch 1 0 0.0%" in said
    assert "2 touches 2 1 50.0%" in said
    both = f"/campaigns/people/?{MARCH}&campaign=spring&also=summer"
    assert "Customers reached by both spring and summer" in text(client.get(both))
    assert ["reached by both", "spring", "summer", "1", "2", ""] in lines(client, f"{MARCH}&of=audiences")


def test_budget_draws_a_curve_and_says_why_there_is_none(curved: Client) -> None:
    found = page(curved, f"/campaigns/budget/?{CURVED}")
    said = text(curved.get(f"/campaigns/budget/?{CURVED}"))
    assert re.search(r"The next ¥1 for spring is credited with ¥[\d.]+ \(.*¥.* to ¥", said)
    assert "There are 2 days with spend: 14 are needed" in said
    assert found.count('class="day"') == 40
    assert "flattens" in said
    assert len(lines(curved, f"{CURVED}&of=budget")) == 1 + 40 + 2


def test_money_is_moved_in_the_address(curved: Client) -> None:
    asked = f"/campaigns/budget/?{CURVED}&source=-&target=spring&amount=1000"
    said = text(curved.get(asked))
    assert "+¥1,000.00" in said
    assert "Expected credit" in said
    assert re.search(r'value="spring"\s+selected', page(curved, asked))
    wrong = {
        "source=spring&target=-&amount=much": "The `amount` of a move is a number above 0.",
        "source=spring&target=spring&amount=5": "A move goes from one campaign to another",
        "source=-&target=summer&amount=5": "What money brings cannot be told of “summer”.",
        "source=spring&target=-&amount=999999999": "“spring” has only",
        "source=-&target=moon&amount=5": "Nothing was spent on “moon” in this period.",
    }
    for query, sentence in wrong.items():
        assert sentence in unescape(text(curved.get(f"/campaigns/budget/?{CURVED}&{query}"))), query


@pytest.mark.parametrize(
    "asked",
    [
        "model=moon",
        "of=moon",
        "campaign=%3Cb%3E",
        "campaign=null",
        "touches=x",
        "touches=1&touches_to=0",
        "amount=1",
        "amount=-1&source=&target=",
        "cursor=moon",
        "from=never",
        "from=2001-01-01&to=2001-01-31",
    ],
)
def test_no_address_breaks_a_page(client: Client, asked: str) -> None:
    for address in (*PAGES, "/campaigns/people/"):
        page(client, f"{address}?{MARCH}&{asked}")
    for of in ("campaigns", "audiences", "budget"):
        assert client.get(f"/campaigns/export.csv?{MARCH}&of={of}").status_code == 200


def test_a_period_without_anything_says_what_to_do(client: Client) -> None:
    for address in PAGES:
        said = text(client.get(f"{address}?from=2001-01-01&to=2001-01-31"))
        assert "in this period" in said, address
