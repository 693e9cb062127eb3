"""The pages of journeys: the question in the address, bars and flows that lead to their people, empty ones."""

import re
from html import unescape

import pytest
from django.db import connection

from metrics.mirror import reading
from profiles import queries
from tests.metrics.mirror_tables import InMemory, serve
from tests.shop import Shop, identify, later, track

pytestmark = pytest.mark.django_db
MARCH = "from=2026-03-01&to=2026-03-31"
LINK = re.compile(r'href="([^"]*/people/[^"]*)"[^>]*>([0-9,]+)</a>')


@pytest.fixture
def shop(db, monkeypatch):
    """Four customers; u1 buys in the store what he saw on the web, the others stop one step earlier each."""
    found, users = Shop(), ("u1", "u2", "u3", "u4")
    found.sends(
        *(track("Product Viewed", user, at=later(hours=1)) for user in users),
        *(identify(user, at=later(), name=f"Buyer {user}") for user in users),
    )
    workspace = found.workspace.pk
    ids = {
        user: queries.resolve(connection, workspace, found.profile(f"user_id:{user}")["id"])[0]
        for user in users
    }
    channels = {slug: channel for channel, slug in queries.channel_slugs(connection, workspace).items()}
    met = [
        *((user, 1, "web-shop", "Product Viewed", "browse") for user in users),
        ("u1", 2, "web-shop", "Product Added", "cart"),
        ("u2", 2, "web-shop", "Product Added", "cart"),
        ("u1", 4, "store", "Order Completed", "order"),
        ("u3", 5, "store", "Store Visited", "store"),
    ]
    mirror = InMemory()
    mirror.put("customers", [{"sighting": n, "profile": n, "identified": True} for n in ids.values()])
    mirror.put(
        "touches",
        [
            {
                "occurred_at": later(hours=hours).replace(tzinfo=None),
                "tie": n,
                "sighting": ids[user],
                "channel": channels[slug],
                "touchpoint": touchpoint,
                "name": name,
                "active": True,
                "properties": '{"category": "a \\"quoted\\" <tea>"}',
            }
            for n, (user, hours, slug, name, touchpoint) in enumerate(met)
        ],
    )
    serve(monkeypatch, mirror)
    return found


@pytest.fixture
def client(shop):
    from django.contrib.auth.models import User
    from django.test import Client

    from kernel.models import Member

    user = User.objects.create_user("looks", password="a long enough password")
    Member.objects.create(workspace=shop.workspace, user=user, role="viewer")
    made = Client()
    made.force_login(user)
    return made


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode()


def plain(text):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def people(client, link):
    """The rows of a list of people, and who they are said to be."""
    said = page(client, unescape(link))
    return re.findall(r"Buyer u\d", said), plain(re.search(r'class="sum-line">(.*?)</div>', said, re.S)[1])


def test_the_funnel_says_where_the_largest_loss_is(client):
    said = plain(page(client, f"/journeys/funnel/?{MARCH}"))
    assert "The largest loss is before “Added a product to cart”: 2 of 4 customers (50.0%)." in said
    assert "2026, within 7 days of the first step" in said


def test_every_number_of_the_funnel_leads_to_as_many_people(client):
    text = page(client, f"/journeys/funnel/?{MARCH}&by=channel")
    links = LINK.findall(text)
    assert len(links) == 3 + 2 + 3  # bars, losses, the one value
    for link, number in links:
        assert len(people(client, link)[0]) == int(number), link
    assert people(client, links[0][0])[1] == "Customers who reached “Viewed a product”"
    lost = next(link for link, _n in links if "outcome=dropped" in link)
    assert people(client, lost) == (
        ["Buyer u4", "Buyer u3"],
        "Customers lost before “Added a product to cart”",
    ) or (sorted(people(client, lost)[0]) == ["Buyer u3", "Buyer u4"])


def test_a_step_is_added_moved_and_removed_in_the_address(client):
    answer = client.get(
        f"/journeys/funnel/?{MARCH}&steps=Product%20Viewed&window=1d&add=Product Added&on=web-shop"
        '&property=category&is=a "quoted" <tea>'
    )
    assert answer.status_code == 302
    text = page(client, f"/journeys/funnel/{answer.url}")
    assert 'category = a "quoted" <tea>' in plain(text)
    assert "Channel = Web shop" in plain(text)
    assert "<tea>" not in text
    assert "2 of 4 customers (50.0%)" in plain(text)
    drop = re.findall(r'href="([^"]+)"\s+aria-label="Remove the step', text)
    assert "Product+Added" not in unescape(drop[1])
    earlier = unescape(re.search(r'href="([^"]+)"\s+aria-label="[^"]*one step earlier', text)[1])
    assert "Nobody is lost" not in plain(page(client, f"/journeys/funnel/{earlier}"))
    assert "add=" not in answer.url


def test_a_step_without_conditions_is_added_too(client):
    answer = client.get("/journeys/funnel/?steps=A&add=touchpoint:cart")
    assert (answer.status_code, answer.url) == (302, "?steps=A%2Ctouchpoint%3Acart")


def test_windows_order_and_exclusion_are_part_of_the_question(client):
    asked = f"/journeys/funnel/?{MARCH}&steps=Product%20Viewed,Order%20Completed"
    assert "3 of 4 customers" in plain(page(client, asked))
    for more in ("&window=1h", "&order=strict", "&exclude=Product%20Added"):
        assert "4 of 4 customers" in plain(page(client, asked + more)), more
    assert re.search(
        r'<option value="Product Added"\s+selected', page(client, asked + "&exclude=Product%20Added")
    )


def test_the_times_to_a_step_are_spread_over_classes(client):
    text = page(client, f"/journeys/funnel/?{MARCH}&timed=2")
    times = text[text.index('id="times"') :]
    assert re.search(r"up to 1 hour\b.*?>2</td>", times, re.S)


def test_what_cannot_be_asked_is_said_and_the_usual_is_shown(client):
    text = plain(page(client, f"/journeys/funnel/?{MARCH}&steps=channel:moon"))
    assert "There is no channel “moon” in this workspace." in text
    assert "Added a product to cart" in text
    assert "Nobody met the first step in this period." in plain(
        page(client, "/journeys/funnel/?from=2001-01-01&to=2001-01-02")
    )
    text = plain(page(client, f"/journeys/funnel/people/?{MARCH}&step=9"))
    assert "`step` is a whole number from 1 to 3." in text


@pytest.mark.parametrize(
    "asked",
    [
        "window=%207d%20",
        "window=0d",
        "window=d",
        "steps=%5B%5D",
        "steps=,,",
        "by=moon",
        "by=properties.a'%22;--",
        "timed=9",
        "exclude=Product%20Viewed",
        "session=%201w",
        "session=x",
        "steps=200",
        "level=x",
        "most=-1",
        "start=channel:moon",
        "start=A&end=B",
        "node=1",
        "link=1:a",
        "path=%3E",
        "step=x",
        "outcome=x",
        "cursor=x",
        "ordering=x",
        "value=x",
    ],
)
def test_no_address_breaks_a_page(client, asked):
    for address in ("/journeys/", "/journeys/funnel/", "/journeys/people/", "/journeys/funnel/people/"):
        page(client, f"{address}?{MARCH}&{asked}")


def test_paths_show_nodes_flows_and_frequent_ways_with_their_people(client):
    text = page(client, f"/journeys/?{MARCH}")
    assert "1 of 4 paths goes on" not in plain(text)
    assert "2 of 4 paths go on to a second place (50.0%). Most go from Web shop to Stores." in plain(
        text
    ) or ("Most go from Web shop to Store." in plain(text))
    links = LINK.findall(text)
    assert links
    for link, number in links:
        assert len(people(client, link)[0]) == int(number), link
    flow = next(link for link, _n in links if "link=" in link)
    assert sorted(people(client, flow)[0]) == ["Buyer u1", "Buyer u3"]
    assert 'class="flow' in text


def test_levels_starts_and_ends_are_part_of_the_question(client):
    text = plain(page(client, f"/journeys/?{MARCH}&level=event&end=Order%20Completed"))
    assert "Added a product to cart" in text
    assert "1 of 1 path goes on to a second place" in text
    assert "Nobody went any way in this period." in plain(page(client, f"/journeys/?{MARCH}&start=Nothing"))
    assert "`level` is one of" in plain(page(client, f"/journeys/?{MARCH}&level=moon"))


def test_a_page_says_so_while_the_mirror_is_being_built(client, monkeypatch):
    from kernel.errors import TryAgain

    def opened(_workspace):
        raise TryAgain("The mirror is being built: try again in a minute.")

    monkeypatch.setattr(reading, "open_mirror", opened)
    for address in ("/journeys/", "/journeys/funnel/", "/journeys/people/", "/journeys/funnel/people/"):
        assert "The mirror is being built" in plain(page(client, f"{address}?{MARCH}")), address


def test_the_same_in_chinese(client):
    client.cookies["language"] = "zh-hans"
    for address in ("/journeys/", "/journeys/funnel/"):
        text = plain(page(client, f"{address}?{MARCH}"))
        assert "客户旅程" in text
        assert "路径" in text
