"""The first run: from an empty workspace to the first customer, with what is done ticked off."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from kernel.models import Member
from tests.pages.test_numbers import person, text
from tests.shop import Shop, track

WHERE = "/"


@pytest.fixture
def client(workspace):
    user = User.objects.create_user("first", password="x")
    Member.objects.create(workspace=workspace, user=user, role="admin")
    found = Client()
    found.force_login(user)
    return found


def done(page):
    """How many steps are ticked off, and which is now's."""
    steps = re.findall(
        r'<li class="(done|now)"|<li\b', re.search(r'<ol class="check">(.*?)</ol>', page, re.DOTALL)[1]
    )
    return steps.count("done"), steps.index("now") + 1


def test_each_step_is_ticked_off_when_it_is_done(workspace, client):
    page = client.get(WHERE).content.decode()
    assert done(page) == (1, 2)
    assert 'href="/channels/#add"' in page
    client.post("/channels/add/", {"name": "Web shop", "kind": "web", "currency": "CNY"})
    page = client.get(WHERE).content.decode()
    assert done(page) == (3, 4)  # a channel comes with a connector
    assert "/channels/web-shop/connectors/add/" in page
    assert "3 of 5 done" in text(client.get(WHERE))


def test_without_a_connector_that_is_the_step(db):
    shop = Shop()
    client = person(shop)
    for one in shop.connectors.values():
        client.post(f"/channels/{one.channel.slug}/connectors/{one.uuid}/pause/")
    page = client.get(WHERE).content.decode()
    assert done(page) == (2, 3)


def test_what_was_rejected_says_so_and_the_first_customer_ends_it(db):
    shop = Shop()
    client = person(shop)
    shop.sends({"type": "track", "userId": "u1"})
    said = text(client.get(WHERE))
    assert "What arrived was rejected" in said
    assert 'href="/rejects/"' in client.get(WHERE).content.decode()
    shop.records({"type": "product", "sku": "S", "name": "Sock"})
    assert done(client.get(WHERE).content.decode()) == (4, 5)
    assert "Five steps" not in text(client.get(WHERE + "?compare=previous"))
    shop.sends(track("Product Viewed", "u1", sku="S"))
    assert "Five steps" not in text(client.get(WHERE))


def test_who_may_not_add_is_told_who_does(workspace):
    user = User.objects.create_user("viewer", password="x")
    Member.objects.create(workspace=workspace, user=user, role="viewer")
    client = Client()
    client.force_login(user)
    page = client.get(WHERE)
    assert "an admin does this" in text(page)
    assert "#add" not in page.content.decode()
