"""Questions of journeys kept as analyses, lists of people by name, where a break-down leads: over HTTP."""

import re
from html import unescape

import pytest
from django.urls import reverse

from kernel.models import SavedView
from metrics.models import Analysis
from tests.metrics.journeys import test_retention_api
from tests.metrics.journeys.served import Served
from tests.pages import test_journeys
from tests.pages.test_cohorts import count
from tests.pages.test_numbers import person
from tests.pages.test_tiles import MARCH, Boards, plain
from tests.shop import Shop

shop = test_journeys.shop  # four customers, one step earlier each


@pytest.fixture
def served(db: None) -> Served:
    return Served()


# ---- kept analyses --------------------------------------------------------------------------------

ASKED = {
    "funnel": "funnel/?window=3d&order=strict&by=channel&exclude=touchpoint:after-sales"
    "&steps=Product%20Viewed,Order%20Completed",
    "paths": "?level=event&steps=3&session=7d&most=12",
    "retention": "retention/?interval=week&on=activity&measure=orders&by=city",
    "switching": "switching/?on=visits",
    "touchpoints": "touchpoints/?within=30d&matched=1",
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ASKED)
def test_a_page_s_question_is_kept_and_put_on_a_board(shop: Shop, kind: str) -> None:
    boards = Boards(shop)
    address = f"/journeys/{ASKED[kind]}"
    page = boards.client.get(f"{address}{'&' if '?' in address else '?'}{MARCH}").content.decode()
    form = page[page.index('action="/analyses/"') :].partition("</form>")[0]
    fields = {
        name: unescape(value)
        for name, value in re.findall(r'name="(\w+)"\s+value="([^"]*)"', form)
        if name != "query"
    }
    query = [unescape(value) for value in re.findall(r'name="query"\s+value="([^"]*)"', form)]
    assert query[1] == MARCH  # to be ticked
    sent = {"kind": fields["kind"], "name": fields["name"], "query": query[:1], "board": "week"}
    answer = boards.client.post("/analyses/", sent)
    made = Analysis.objects.get()
    assert answer["Location"] == f"/boards/week/#tile-{made.pk}"
    assert made.kind == kind
    kept = {name: one[-1] if isinstance(one, list) else one for name, one in made.params.items()}
    given = dict(re.findall(r"[?&](\w+)=([^&]*)", ASKED[kind].replace("%20", " ")))
    assert kept == {name: value for name, value in given.items() if name != "most"}
    assert "data-drawn" in boards.tile(made) or 'class="finding"' in boards.tile(made)
    assert f"/journeys/{ASKED[kind].partition('?')[0]}?" in boards.client.get("/boards/").content.decode()


@pytest.mark.django_db
def test_a_viewer_is_offered_nothing_to_keep(shop: Shop) -> None:
    client = person(shop, "viewer")
    for name in ("", "funnel/", "retention/", "switching/", "touchpoints/"):
        assert "Save analysis" not in client.get(f"/journeys/{name}?{MARCH}").content.decode()


# ---- lists of customers ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_people_are_kept_as_a_list_that_customers_list_and_that_leads_back(shop: Shop) -> None:
    client = person(shop, "viewer")
    address = f"/journeys/funnel/people/?{MARCH}&step=2&outcome=dropped"
    page = client.get(address).content.decode()
    assert "Save as list" in page
    assert "Always these days" not in page  # the address says them
    query = unescape(re.search(r'name="query" value="([^"]*)"', page)[1])
    answer = client.post("/views/journey-funnel-people/", {"name": "Lost before the cart", "query": query})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/journeys/funnel/people/?")
    assert count(client, answer["Location"]) == count(client, address) == 2
    customers = client.get("/customers/").content.decode()
    place = unescape(re.search(r'<a href="([^"]*)"[^>]*>\s*Lost before the cart', customers)[1])
    assert place == answer["Location"]
    opened = client.get(place).content.decode()
    assert re.search(r'aria-current="true"[^>]*>\s*Lost before the cart', opened)
    (kept,) = SavedView.objects.all()
    answer = client.post(f"/views/journey-funnel-people/{kept.pk}/drop/")
    assert answer["Location"] == "/customers/"
    assert (
        "Lost before the cart"
        not in re.sub(r'class="msg.*?</div>', "", client.get("/customers/").content.decode(), flags=re.DOTALL)
        .split("<main")[1]
        .split("hl-head")[1]
    )
    assert not SavedView.objects.exists()


@pytest.mark.django_db
def test_a_list_without_days_of_its_own_may_be_kept_with_those_that_are_shown(shop: Shop) -> None:
    client = person(shop)
    page = client.get("/journeys/people/").content.decode()
    queries = [unescape(one) for one in re.findall(r'name="query" value="([^"]*)"', page)]
    assert len(queries) == 2
    assert re.fullmatch(r"from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d", queries[1])
    client.post("/views/journeys-people/", {"name": "All", "query": queries})
    assert SavedView.objects.get().query == queries[1]
    cohort = client.get("/journeys/retention/people/?cohort=2026-03-01").content.decode()
    assert len(re.findall(r'name="query" value="', cohort)) == 1


@pytest.mark.django_db
def test_every_list_of_people_can_be_kept(shop: Shop) -> None:
    client = person(shop)
    for page, asked in {
        "journeys-people": "",
        "journey-funnel-people": "",
        "journey-retention-people": "cohort=2026-03-01",
        "journey-switching-people": "target=store",
        "journey-touchpoints-people": "touchpoint=store",
        "membership-people": "who=buyers",
        "membership-joining-people": "outcome=others",
        "campaigns-people": "campaign=spring",
    }.items():
        text = client.get(f"{reverse(page)}?{asked}").content.decode()
        assert f'action="/views/{page}/"' in text, page
        assert client.post(f"/views/{page}/", {"name": page, "query": asked}).status_code == 302
    listed = client.get("/customers/").content.decode()
    assert listed.count("/people/") >= 8
    assert client.post("/views/overview/", {"name": "x", "query": ""}).status_code == 400


# ---- retention's break-down -----------------------------------------------------------------------


@pytest.mark.django_db
def test_the_break_down_of_retention_leads_to_as_many_people_as_it_says(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.shows(monkeypatch, test_retention_api.happened)
    client = person(served.shop)
    for by in ("channel", "campaign"):
        page = client.get(f"/journeys/retention/?from=2026-01-01&to=2026-03-31&by={by}").content.decode()
        body = page[page.index('class="t dense stick"') :]
        cells = re.findall(r'<a href="([^"]*cohort=all[^"]*)"( data-tip="([^"]*)")?>([^<]*)</a>', body)
        assert len(cells) > 4
        for address, _tip, base, said in cells:
            expected = int(base.partition(" ")[0]) if base else int(said)
            assert count(client, unescape(address)) == expected, address
    none = client.get(
        "/journeys/retention/people/?cohort=all&interval_no=0&by=campaign&value=null&from=2026-01-01&to=2026-03-31"
    )
    assert "Campaign: none" in plain(none.content.decode())
