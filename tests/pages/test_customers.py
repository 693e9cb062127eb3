"""The list of customers: filters that compose, columns of one's own, views that come back, a file by role."""

import base64
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlparse

import pytest
from django.utils import timezone

from kernel.models import Audit, SavedView, Workspace
from profiles import queries
from tests.pages.test_numbers import person, text
from tests.shop import Shop, identify, order, track

PHONE = "+8613812345021"


@pytest.fixture
def crowd(db):
    shop, now = Shop(), timezone.now()
    shop.sends(
        identify("u1", now - timedelta(days=9), name="Lin Xiaowen", phone=PHONE, city="Hangzhou", age=34),
        order("T1", "200", "u1", at=now - timedelta(days=8), currency="CNY"),
        order("T2", "100", "u1", at=now - timedelta(days=7), currency="CNY"),
        identify("u2", now - timedelta(days=2), name="=HYPERLINK(1)", city="Shanghai", email="q@hemu.cn"),
        track("Product Viewed", None, now, anonymous="a1"),
    )
    shop.sends(order("S1", "50", "u2", at=now - timedelta(days=1), currency="CNY"), to="store")
    return shop


def names(answer):
    return re.findall(
        r'<a class="strong" href="/customers/[^"]+">(?:<span[^>]*>)?([^<]+)<', answer.content.decode()
    )


COMPOSED = {
    "channel=store": ["=HYPERLINK(1)"],
    "channel=store&channel=web-shop&orders_min=1": ["=HYPERLINK(1)", "Lin Xiaowen"],
    "channel=web-shop&orders_min=2": ["Lin Xiaowen"],
    "kind=phone": ["Lin Xiaowen"],
    "kind=email&trait=city:Shanghai": ["=HYPERLINK(1)"],
    "trait=city:Hangzhou&trait=age:34": ["Lin Xiaowen"],
    "trait_name=city&trait_value=Hangzhou": ["Lin Xiaowen"],
    "trait=phone:%2B8613812345021": ["Lin Xiaowen"],
    "trait=city:hangzhou": [],
    "kind=phone&trait=city:Shanghai": [],
    "revenue_min=60&ordering=revenue": ["Lin Xiaowen"],
}


def test_filters_compose(crowd):
    client = person(crowd)
    for query, found in COMPOSED.items():
        assert names(client.get(f"/customers/?{query}")) == found, query


def test_a_trait_is_removed_like_any_other_condition(crowd):
    page = person(crowd).get("/customers/?trait=city:Hangzhou&trait=age:34&kind=phone").content.decode()
    assert 'href="?trait=age%3A34&amp;kind=phone"' in page or 'href="?kind=phone&amp;trait=age%3A34"' in page
    assert "Nobody" not in page


def test_what_is_no_trait_gets_a_sentence(crowd):
    assert "All customers are shown meanwhile." in text(person(crowd).get("/customers/?trait=nonsense"))


def test_columns_are_chosen_and_kept_in_the_address(crowd):
    client = person(crowd)
    said = text(client.get("/customers/?columns=phone&columns=city&columns=average&ordering=-revenue"))
    assert "Hangzhou" in said
    assert "+8613812345021" in said or "+86 138 1234 5021" in said
    assert "¥150.00" in said
    assert "First seen</" not in said
    page = client.get("/customers/?columns=city&kind=phone").content.decode()
    assert re.search(r'name="columns" value="city" checked', page)
    assert re.search(r'type="hidden" name="kind" value="phone"', page)


def test_the_row_below_sums_what_passes(crowd):
    said = text(person(crowd).get("/customers/"))
    assert "All 3 3 ¥350.00" in said


def test_beyond_the_cap_nothing_is_pretended(crowd, monkeypatch):
    monkeypatch.setattr(queries, "COUNT_CAP", 2)
    client = person(crowd)
    everybody = text(client.get("/customers/"))
    assert "3 customers on 2 channels" in everybody  # how many there are in all is known
    assert "¥350.00" not in everybody
    some = text(client.get("/customers/?channel=web-shop"))
    assert "2+ customers of 3 match." in some or "2 customers of 3 match." in some


def test_a_view_is_saved_opened_and_dropped_by_its_owner_alone(crowd):
    client = person(crowd)
    query = "kind=phone&columns=city&cursor=x"
    answer = client.post("/views/customers/", {"name": "With a phone", "query": query})
    assert answer["Location"] == "/customers/?columns=city&kind=phone"
    assert "With a phone" in text(client.get(answer["Location"]))
    client.post("/views/customers/", {"name": "With a phone", "query": "kind=email"})
    view = SavedView.objects.get()
    assert view.query == "kind=email"
    other = person(crowd, "viewer")
    assert "With a phone" not in text(other.get("/customers/"))
    assert other.post(f"/views/customers/{view.pk}/drop/").status_code == 404
    assert client.post(f"/views/customers/{view.pk}/drop/").status_code == 302
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "form", [{"name": " "}, {"name": "a\x00"}, {"name": "x", "query": "a=" + "b" * 3000}]
)
def test_what_cannot_be_saved_says_so(crowd, form):
    assert person(crowd).post("/views/customers/", form).status_code == 400


def test_the_file_holds_what_is_shown_and_runs_no_formula(crowd):
    answer = person(crowd).get(
        "/customers/export.csv?orders_min=1&columns=phone&columns=revenue&ordering=-revenue"
    )
    raw = b"".join(answer.streaming_content)
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = raw.decode("utf-8-sig").splitlines()
    assert lines[0].endswith("Spent,Phone")
    assert lines[1].endswith(",Lin Xiaowen,300.00,'+8613812345021")
    assert lines[2].endswith(",'=HYPERLINK(1),50.00,")
    assert Audit.objects.get(action="export").target.startswith("customers-")


def test_a_viewers_file_is_masked(crowd):
    answer = person(crowd, "viewer").get("/customers/export.csv?columns=phone&columns=email")
    raw = b"".join(answer.streaming_content).decode()
    assert "12345021" not in raw
    assert "138 •••• 5021" in raw
    assert "q@hemu.cn" not in raw


def test_who_has_chosen_nothing_begins_where_somebody_is_known(crowd):
    from django.contrib.auth.models import User
    from django.test import Client

    from kernel.models import Member

    empty = Workspace.objects.create(slug="aa-empty", name="Empty")
    user = User.objects.create_user("zhou", password="long enough for this")
    for one in (empty, crowd.workspace):
        Member.objects.create(workspace=one, user=user, role="viewer")
    Member.objects.filter(workspace=empty).update(workspace=empty)
    client = Client()
    client.post("/signin/", {"username": "zhou", "password": "long enough for this"})
    assert client.session["workspace"] == crowd.workspace.slug


# ---- what a viewer must not learn ------------------------------------------------------------------


@pytest.fixture
def talkative(db):
    """People who wrote their phone or mail into their name, more than a page of them."""
    shop = Shop()
    shop.sends(
        identify("u1", name="Lin 13812345021"),
        identify("u2", name="Wang q.lin@hemu.cn"),
        identify("u3", name="Zhao13812345022"),
        identify("u4", name="陈１３８１２３４５０２３"),
        identify("u5", name="Ma 7"),
    )
    return shop


PARTS = ("1234", "2345", "12345021", "138", "hemu", "q.lin", "lin@", "50", "Zhao138", "5022", "3450")


def test_a_viewer_finds_nobody_by_a_part_of_what_is_masked(talkative):
    viewer, analyst = talkative.api("viewer"), talkative.api("analyst")
    for part in PARTS:
        assert viewer.get("/api/profiles/", {"search": part}).json()["results"] == [], part
        assert analyst.get("/api/profiles/", {"search": part}).json()["results"], part
    client = person(talkative, "viewer")
    for part in PARTS:
        assert names(client.get("/customers/", {"search": part})) == [], part
        assert client.get("/search/", {"q": part})["Location"].startswith("/customers/?"), part


def test_a_viewer_finds_names_by_their_parts(talkative):
    for part in ("lin", "Wang", "zhao", "陈", "Ma 7"):
        assert len(talkative.get("/api/profiles/", "viewer", search=part)["results"]) == 1, part


def test_no_cursor_says_what_stands_in_it(talkative):
    page = talkative.get("/api/profiles/", "viewer", ordering="name", limit=1)
    seen, shown = 0, str(page)
    while page["next"]:
        at = parse_qs(urlparse(page["next"]).query)["cursor"][0]
        plain = base64.urlsafe_b64decode(at + "=" * (-len(at) % 4))
        # four bytes and more: three stand in any cipher now and then
        assert not any(part.encode() in plain for part in ("Wang", "hemu", "1381", "1234", "Lin "))
        page = talkative.get("/api/profiles/", "viewer", ordering="name", limit=1, cursor=at)
        seen, shown = seen + 1, shown + str(page["results"])
    assert seen == 4
    assert not re.search("12345|q.lin|１２３", shown)


def test_a_name_is_masked_wherever_it_stands(talkative):
    client = person(talkative, "viewer")
    for user in ("u1", "u2", "u3", "u4"):
        key = talkative.profile(f"user_id:{user}")["id"]
        for address in (f"/customers/{key}/", f"/customers/{key}/timeline/"):
            raw = client.get(address).content.decode()
            assert not re.search("1381234502|q.lin|１２３４５", raw), (user, address)
        said = str(talkative.get(f"/api/profiles/{key}/", "viewer"))
        said += str(talkative.get("/api/events/", "viewer", profile=key))
        assert not re.search("1381234502|q.lin|１２３４５", said), user
