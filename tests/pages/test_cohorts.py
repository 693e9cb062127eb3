"""Pages of retention, switching and touchpoints: what they find, where figures lead, what is said of nothing."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from tests.metrics.journeys import test_retention_api, test_switching_api, test_touchpoints_api
from tests.metrics.journeys.served import Served
from tests.pages.test_numbers import person, text

JANUARY_ON = "from=2026-01-01&to=2026-03-31"
MARCH = "from=2026-03-01&to=2026-03-31"
PAGES = ("retention", "switching", "touchpoints")


@pytest.fixture
def served(db: None) -> Served:
    return Served()


def links(client: Client, address: str, kind: str) -> list[str]:
    """The addresses of people on a page."""
    page = client.get(address).content.decode()
    return [
        link.replace("&amp;", "&") for link in re.findall(rf'href="(/journeys/{kind}/people/[^"]*)"', page)
    ]


def count(client: Client, address: str) -> int:
    """The customers that an address lists."""
    return len(set(re.findall(r'href="/customers/([0-9a-f-]{36})/"', client.get(address).content.decode())))


def test_retention_says_what_it_found_and_every_cell_leads_to_its_people(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.shows(monkeypatch, test_retention_api.happened)
    client = person(served.shop)
    address = f"/journeys/retention/?{JANUARY_ON}"
    said = text(client.get(address))
    assert "50.0% ordered again in the month after their first order (1 of 2)." in said
    found = [link for link in links(client, address, "retention") if "cohort=all" not in link]
    assert len(found) == 5  # three cohorts, and u1 in two months after his own
    assert [count(client, link) for link in found] == [1] * 5
    page = client.get(address).content.decode()
    curve = json.loads(re.search(r'id="curve-data" type="application/json">(.*?)</script>', page)[1])
    assert curve["lines"][-1]["main"]


def test_shares_customers_orders_and_money_of_cohorts(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.shows(monkeypatch, test_retention_api.happened)
    client = person(served.shop)

    def cells(**asked: str) -> list[str]:
        page = client.get("/journeys/retention/", {"from": "2026-01-01", "to": "2026-03-31", **asked})
        body = page.content.decode().split("<tbody>")[1].split("</tbody>")[0]
        row = next(row for row in body.split("<tr>") if "2026-01" in row)
        return [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)
        ]

    assert cells()[:3] == ["1", "100.0%", "100.0%"]
    assert cells(measure="customers")[:3] == ["1", "1", "1"]
    assert cells(measure="orders")[:4] == ["1", "1", "1", "1"]
    assert cells(measure="revenue")[:4] == ["1", "¥100.00", "¥170.00", "¥142.00"]
    assert cells(measure="nonsense", interval="day", by="sku") == cells()
    money = text(client.get(f"/journeys/retention/?{JANUARY_ON}&measure=revenue"))
    assert "7 XAU have no rate and are not in it." in money


def test_the_break_down_names_channels_and_what_has_none(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.shows(monkeypatch, test_retention_api.happened)
    client = person(served.shop)
    said = text(client.get(f"/journeys/retention/?{JANUARY_ON}"))
    assert "Web shop 2" in said
    assert "Store 1" in said
    campaigns = text(client.get(f"/journeys/retention/?{JANUARY_ON}&by=campaign"))
    assert "spring 1" in campaigns
    assert "none 2" in campaigns


def test_switching_says_what_it_found_and_every_cell_leads_to_its_people(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.shows(monkeypatch, test_switching_api.happened)
    client = person(served.shop)
    address = f"/journeys/switching/?{MARCH}"
    said = text(client.get(address))
    assert "66.7% of repeat orders were on another channel than the one before (2 of 3)." in said
    assert "50.0% of the customers with several orders never switched (1 of 2)." in said
    assert "this is no proof of cause" in said
    found = links(client, address, "switching")
    assert len(found) == 4 + 2  # the matrix, and the two moves between channels
    assert [count(client, link) for link in found] == [1] * 6
    visits = text(client.get(f"{address}&on=visits"))
    assert "of repeat visits were on another channel" in visits


def test_touchpoints_lead_to_their_people_and_say_that_it_is_no_proof(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.shows(monkeypatch, test_touchpoints_api.happened)
    client = person(served.shop)
    address = f"/journeys/touchpoints/?{MARCH}"
    said = text(client.get(address))
    assert "no proof of cause" in said
    assert "No touchpoint goes along with more or fewer who buy again" in said
    store = [link for link in links(client, address, "touchpoints") if "touchpoint=store" in link]
    assert [count(client, link) for link in store] == [2] * 2
    assert "for whom there are others alike" in text(client.get(f"{address}&matched=1"))
    assert "for whom there are others alike" not in said


def test_a_period_without_anything_says_so(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served.shows(monkeypatch, test_retention_api.happened)
    client = person(served.shop)
    for name in PAGES:
        said = text(client.get(f"/journeys/{name}/?from=2001-01-01&to=2001-01-31"))
        assert "Try a longer or an earlier period." in said, name


def test_while_the_mirror_cannot_be_read_the_pages_say_so(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kernel.errors import TryAgain
    from metrics.mirror import reading

    def unread(_workspace: int) -> Any:
        raise TryAgain("The mirror is being built: try again in a minute.")

    monkeypatch.setattr(reading, "open_mirror", unread)
    client = person(served.shop)
    for name in PAGES:
        said = text(client.get(f"/journeys/{name}/?{MARCH}"))
        assert "The mirror is being built" in said, name


def test_a_wrong_list_of_people_is_refused(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served.shows(monkeypatch, test_retention_api.happened)
    client = person(served.shop)
    for wrong in (
        "retention/people/?cohort=moon",
        "switching/people/?target=moon",
        "touchpoints/people/?touchpoint=moon",
    ):
        assert client.get(f"/journeys/{wrong}").status_code == 400, wrong
