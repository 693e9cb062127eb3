"""Pages of membership: what they find, each number with as many people behind it, the files, what cannot be asked."""

import csv
import io
import re
from html import unescape

import pytest
from django.test import Client

from kernel.errors import TryAgain
from metrics.mirror import reading
from tests.metrics.journeys.served import Served
from tests.metrics.loyalty.test_api import tells
from tests.pages.test_numbers import person, text

MARCH = "from=2026-03-01&to=2026-03-31"
PAGES = ("/membership/", "/membership/accounts/", "/membership/joining/")
LINK = re.compile(r'<a[^>]*href="([^"]*/people/\?[^"]*)"[^>]*>\s*([\d,]+)\s*</a>')


@pytest.fixture
def client(db: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    served = Served()
    tells(served, monkeypatch)
    return person(served.shop, "viewer")


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def people(client: Client, link: str) -> int:
    return len(set(re.findall(r'href="/customers/([0-9a-f-]{36})/"', page(client, unescape(link)))))


def lines(client: Client, query: str) -> list[list[str]]:
    answer = client.get(f"/membership/export.csv?{MARCH}&{query}")
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_title_says_how_many_are_members_and_what_they_bring(client: Client) -> None:
    said = text(client.get(f"/membership/?{MARCH}"))
    assert "66.7% of buyers are members, and bring 75.0% of revenue" in said
    assert "2 members at the end · 1 joined in the period" in said
    assert "10 XAU have no rate and are not in it." in said


@pytest.mark.parametrize("address", PAGES)
def test_every_number_leads_to_as_many_people(client: Client, address: str) -> None:
    found = LINK.findall(page(client, f"{address}?{MARCH}"))
    assert len(found) >= (10 if address == PAGES[0] else 1)
    for link, number in found:
        assert people(client, link) == int(number), link


def test_tiers_moves_and_channels_are_tables(client: Client) -> None:
    said = text(client.get(f"/membership/?{MARCH}"))
    assert "silver gold 1" in said  # who moved
    assert "joined silver 1" in said
    gold = next(row for row in lines(client, "of=tiers") if row[0] == "gold")
    assert gold == ["gold", "0", "0", "1", "0", "1", "1", "1", "90.50", "CNY"]
    rows = {row[0]: row[1:] for row in lines(client, "of=channels")}
    assert rows["Store"][2:4] == ["2", "2"]
    assert rows["all"][-3:] == ["400.50", "300.50", "CNY"]


def test_points_and_stored_value_by_tier_and_channel(client: Client) -> None:
    said = text(client.get(f"/membership/accounts/?{MARCH}"))
    assert "Outstanding: 97 points, ¥50.50 stored value" in said
    assert "with less than 0: 1" in said
    by = text(client.get(f"/membership/accounts/?{MARCH}&by=channel"))
    assert "Store 0 20 8 −23" in by
    rows = lines(client, "of=accounts&by=channel")
    assert rows[0][:4] == ["Channel", "What", "Currency", "Earned"]
    assert ["Store", "points", "", "0", "20", "8", "-23", "0", "2"] in rows


def test_what_cannot_be_told_of_joining_is_said(client: Client) -> None:
    said = text(client.get("/membership/joining/?from=2026-03-06&to=2026-03-31"))
    assert "What joining changes cannot be told of this period" in said
    assert "1 customer met it: at least 20 are needed." in said or "0 customers met it" in said
    assert "Others with an order before the period: 1" in said
    rows = lines(client, "of=joining")
    assert [row[0] for row in rows[1:]] == [
        "Revenue per customer",
        "Orders per customer",
        "Customers who bought",
    ]


def test_a_list_says_who_they_are_and_leads_back(client: Client) -> None:
    found = page(client, f"/membership/people/?{MARCH}&who=moved&from_tier=silver&tier=gold")
    assert "Members who moved to another tier: silver → gold" in unescape(found)
    back = unescape(re.search(r'<div class="crumb">\s*<a href="([^"]*)">\s*Membership', found)[1])
    assert "who=" not in back
    assert "tier=" not in back
    assert "66.7% of buyers" in text(client.get(back))
    assert "Buyers who are no members: Web shop" in text(
        client.get(f"/membership/people/?{MARCH}&who=others&channel=web-shop")
    )


@pytest.mark.parametrize(
    "asked",
    [
        "by=moon",
        "of=moon",
        "joined=90m",
        "joined=moon",
        "joined=7d",
        "who=moon",
        "who=buyers&channel=moon",
        "who=tier_buyers",
        "tier=%3Cb%3E",
        "outcome=moon",
        "cursor=moon",
        "ordering=moon",
        "from=never",
        "from=1900-01-01&to=2026-03-31",
    ],
)
def test_no_address_breaks_a_page(client: Client, asked: str) -> None:
    for address in (*PAGES, "/membership/people/", "/membership/joining/people/"):
        found = page(client, f"{address}?{MARCH}&{asked}")
        assert "<b>" not in re.sub(r"<b[ >]", "", found) or "%3Cb" not in asked
    for of in ("channels", "tiers", "accounts"):
        assert client.get(f"/membership/export.csv?{MARCH}&of={of}").status_code == 200


def test_a_page_says_so_while_the_mirror_is_being_built(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(_workspace: int) -> None:
        raise TryAgain("The mirror is being built: try again in a minute.")

    monkeypatch.setattr(reading, "open_mirror", opened)
    for address in PAGES:
        assert "The mirror is being built" in text(client.get(f"{address}?{MARCH}")), address


def test_nothing_at_all(client: Client) -> None:
    for address in PAGES:
        assert text(client.get(f"{address}?from=2001-01-01&to=2001-01-31"))
