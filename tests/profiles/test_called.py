"""A customer without a name is called the same on every page, by the read API and in files."""

import re

import pytest
from django.contrib.auth.models import User

from kernel.models import Member
from tests.shop import Shop, identify, track

PHONE = "+8613800000001"


@pytest.fixture
def shop(db):
    return Shop()


def reader(shop, client, role="admin"):
    """A browser of somebody with this role."""
    user = User.objects.create_user(f"reads-as-{role}", password="a password of a test")
    Member.objects.create(workspace=shop.workspace, user=user, role=role)
    client.force_login(user)
    return client


def seen(shop, client, role="admin"):
    """What the only customer is called wherever he stands."""
    (item,) = shop.get("/api/profiles/", role)["results"]
    client = reader(shop, client, role)
    page = client.get(f"/customers/{item['id']}/").content.decode()
    row = client.get("/customers/").content.decode()
    lines = b"".join(client.get("/customers/export.csv").streaming_content).decode("utf-8-sig").splitlines()
    found = set()
    if role != "viewer":
        merge = client.get(f"/customers/{item['id']}/merge/").content.decode()
        found.add(re.search(rf'<a href="/customers/{item["id"]}/">([^<]+)</a>', merge)[1])
    return found | {
        item["called"],
        shop.get(f"/api/profiles/{item['id']}/", role)["called"],
        re.search(r"<h1[^>]*>(?:<[^>]+>)*([^<]+)<", page)[1].strip(),
        re.search(r'<a class="strong" href="/customers/[^>]+>(?:<[^>]+>)*([^<]+)<', row)[1].strip(),
        lines[1].split(",")[1].strip("'"),
    }


def test_by_the_name_that_is_known(shop, client):
    shop.sends(identify("u-1", name="Lin", phone=PHONE))
    assert seen(shop, client) == {"Lin"}


def test_else_by_what_he_could_say_aloud_the_member_number_first(shop, client):
    shop.sends(identify("u-1", phone=PHONE, email="lin@example.com", member_no="M-77"))
    assert seen(shop, client) == {shop.profile("member_no:M-77")["called"]}
    assert shop.profile(f"phone:{PHONE}")["called"].lower() == "m-77"


def test_a_phone_is_masked_for_a_viewer(shop, client):
    shop.sends(identify("u-1", phone=PHONE))
    assert shop.profile(f"phone:{PHONE}")["called"] == PHONE
    assert seen(shop, client, "viewer") == {"138 •••• 0001"}


def test_else_by_the_account(shop, client):
    shop.sends(track("Seen", "u-1"))
    assert seen(shop, client) == {"u-1"}


def test_else_by_the_beginning_of_the_id(shop, client):
    shop.sends({"type": "page", "anonymousId": "visitor-1"})
    (item,) = shop.get("/api/profiles/")["results"]
    assert item["name"] == ""  # what is known stays what is known
    assert seen(shop, client) == {f"Unknown {item['id'][:8]}"}
