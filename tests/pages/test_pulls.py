"""A connector's page says what is asked of its platform: when next, how it went, why not, what waits; and runs it."""

from typing import Any

import pytest
from django.test import Client

from channels.models import Connector
from tests.channels import conftest as channels
from tests.channels.hooking import connector, deliver
from tests.channels.pulls import conftest as pulls
from tests.channels.pulls.pulling import again, rest, track, turn
from tests.pages.test_numbers import person
from tests.platform_double import Asked, Said, said
from tests.shop import Shop

platforms, thin = channels.platforms, pulls.thin  # fixtures


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return Shop()


def page(client: Client, one: Connector, act: str = "") -> str:
    answer = client.get(f"/channels/{one.channel.slug}/connectors/{one.uuid}/{act}")
    assert answer.status_code == 200, answer.content
    return " ".join(answer.content.decode().split()).replace("> <", "><")


def test_it_says_when_it_runs_and_how_it_went(shop: Shop, platforms: Any) -> None:
    client = person(shop)
    with platforms(said({"items": [track("A"), track("B")]})) as api:
        one = rest(shop, api)
        found = page(client, one)
        assert "What we fetch" in found
        assert "every 15 minutes" in found
        assert "Run now" in found
        turn()
        found = page(client, one, "now/")
        assert "1 page, 2 items" in found
        assert "Failing" not in found


def test_a_failure_stands_there_with_the_platforms_words(shop: Shop, platforms: Any) -> None:
    client = person(shop)
    with platforms(said({"items": [track("A")]}), said("<h1>Key <b>revoked</b></h1>", 401)) as api:
        one = rest(shop, api)
        turn()
        again(one)
        found = page(client, one)
        assert "Failing: nothing was fetched since" in found
        assert "The platform refuses the credentials that are set here." in found
        assert "Key revoked" in found
        assert "1 try went wrong" in found
        assert '<span class="lbl bad" id="connector-state" >failing</span>' in found
        listed = client.get("/channels/web-shop/").content.decode()
        assert ">failing</span>" in listed, "on the channel's page as well"


def test_an_admin_runs_it_from_there_and_nobody_else(shop: Shop, platforms: Any) -> None:
    with platforms(said({"items": []}), said({"items": []})) as api:
        one = rest(shop, api)
        turn()
        where = f"/channels/web-shop/connectors/{one.uuid}/run/"
        client = person(shop)
        assert person(shop, "analyst").post(where).status_code == 403
        assert client.get(where).status_code == 405
        assert turn() == 0
        answer = client.post(where, follow=True)
        assert "fetched within seconds" in answer.content.decode()
        assert turn() == 1
        assert "Run now" not in page(person(shop, "viewer"), one)
        [note] = [n for n in shop.get("/api/audit/")["results"] if n["action"] == "connector.run"]
        assert note["target"] == str(one.uuid)


def test_an_admin_starts_it_over_from_there(shop: Shop, platforms: Any) -> None:
    with platforms(said({"items": [track("A")]}), said({"items": [track("A")]})) as api:
        one = rest(shop, api)
        turn()
        client = person(shop)
        assert "Start over" in page(client, one)
        assert "Start over" not in page(person(shop, "viewer"), one)
        where = f"/channels/web-shop/connectors/{one.uuid}/restart/"
        assert person(shop, "analyst").post(where).status_code == 403
        assert "counts once" in client.post(where, follow=True).content.decode()
        assert turn() == 1
        [note] = [n for n in shop.get("/api/audit/")["results"] if n["action"] == "connector.restart"]
        assert note["target"] == str(one.uuid)


def test_a_test_from_there_asks_the_platform(shop: Shop, platforms: Any) -> None:
    with platforms(said({"items": [1, 2, 3]})) as api:
        one = rest(shop, api)
        answer = person(shop).post(f"/channels/web-shop/connectors/{one.uuid}/test/", follow=True)
        assert "3 items on the next page" in answer.content.decode()


@pytest.mark.usefixtures("thin")
def test_what_notices_named_waits_where_it_can_be_seen(shop: Shop, platforms: Any) -> None:
    client = person(shop)

    def answers(_asked: Asked) -> Said:
        return said("<p>Back at noon</p>", 503)

    with platforms(answers) as api:
        one = connector(shop, "thin", {"url": api.url}, {"secret": "tell-nobody"})
        assert "Waiting to be looked up" not in page(client, one)
        for order in "12":
            deliver(one, {"order": order})
        shop.drains()
        found = page(client, one)
        assert 'Waiting to be looked up</div><div class="v">2</div>' in found
        turn()
        found = page(client, one)
        assert "Failing: 1 thing that a notice named could not be looked up" in found
        assert "Back at noon" in found
