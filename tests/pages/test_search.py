"""The search box of every page: where it leads, and what it suggests as one types, with the reason."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.pages.test_numbers import PHONE, person, text
from tests.shop import Shop, identify, order, track


@pytest.fixture
def shop(db: None) -> Shop:
    made = Shop()
    made.sends(
        identify("u1", name="Lin Xiaowen", phone=PHONE, email="lin@hemu.cn", member_no="M-77"),
        order("TM-88213", "100", "u1", at=timezone.now(), message_id="bought-1"),
        identify("u2", phone="+8613900005021"),
        track("Order Completed", "u1", message_id="broken", order_id="TM-2"),
    )
    return made


def offered(client: Client, typed: str) -> dict[str, list[tuple[str, str, str]]]:
    """Suggestions by their group's heading: (address, name, why)."""
    answer = client.get("/search/suggestions/", {"q": typed})
    assert answer.status_code == 200
    page = answer.content.decode()
    found: dict[str, list[tuple[str, str, str]]] = {}
    for group in page.split('role="group"')[1:]:
        heading = re.search(r'class="hd"[^>]*>([^<]+)<', group)
        assert heading
        options = re.findall(
            r'<a\s+id="hit-\d+".*?href="([^"]*)"\s*>\s*<b[^>]*>([^<]*)</b>\s*<span[^>]*>([^<]*)<', group, re.S
        )
        found[heading[1]] = [(a, b.strip(), " ".join(c.split())) for a, b, c in options]
    return found


def test_last_digits_are_suggested_with_the_reason(shop: Shop) -> None:
    client = person(shop)
    (phones,) = offered(client, "5021").values()
    assert {name for _a, name, _why in phones} == {"Lin Xiaowen", "+8613900005021"}
    assert "phone +8613812345021 ends in these digits" in {why for *_rest, why in phones}
    lin = shop.profile("user_id:u1")["id"]
    assert f"/customers/{lin}/" in {address for address, *_rest in phones}


def test_a_viewer_is_shown_no_more_than_the_mask(shop: Shop) -> None:
    client = person(shop, "viewer")
    for typed in ("5021", "138 •••• 5021", "l•••@•••.cn", "lin@hemu.cn", PHONE, "M-77", "Lin"):
        page = client.get("/search/suggestions/", {"q": typed}).content.decode()
        assert "hit-1" in page, typed
        told = re.sub(r"search=[^\"]+", "", page).replace(typed, "")
        assert "13812345021" not in told
        assert "hemu" not in told
    assert offered(client, "2345") == offered(client, "hemu") == {}
    assert "138 •••• 5021" in str(offered(client, "5021"))


@pytest.mark.parametrize(
    ("typed", "heading", "why"),
    [
        ("M-77", "Member no.", "member no. m-77"),
        ("TM-88213", "Order number", "order number TM-88213"),
        ("lin@hemu.cn", "E-mail", "e-mail lin@hemu.cn"),
        ("u1", "Account", "account u1"),
        ("xiao", "Full name", "name contains “xiao”"),
        ("bought-1", "Event trace", "messageId, from Web shop"),
        ("broken", "Event trace", "messageId, from Web shop"),
    ],
)
def test_each_says_why(shop: Shop, typed: str, heading: str, why: str) -> None:
    found = offered(person(shop), typed)
    assert next(one for *_rest, one in found[heading]).lower() == why.lower()


def test_at_most_eight_each_customer_once_and_a_way_to_all(shop: Shop) -> None:
    shop.sends(*(identify(f"n{n}", name=f"Lin {n}") for n in range(12)))
    client = person(shop)
    found = offered(client, "Lin")
    addresses = [address for group in found.values() for address, *_rest in group]
    assert len(addresses) == len(set(addresses)) == 8
    page = client.get("/search/suggestions/", {"q": "Lin"}).content.decode()
    assert 'href="/customers/?search=Lin"' in page
    assert "8 suggestions" in text(client.get("/search/suggestions/", {"q": "Lin"}))


def test_an_id_is_suggested_by_its_beginning(shop: Shop) -> None:
    key = shop.profile("user_id:u1")["id"]
    ((_address, name, why),) = offered(person(shop), key[:8])["Id"]
    assert (name, why) == ("Lin Xiaowen", f"id begins with {key[:8]}")


def test_nothing_typed_or_found_says_so(shop: Shop) -> None:
    client = person(shop)
    assert client.get("/search/suggestions/").content.decode().strip() == ""
    assert "Nothing found for “no such thing”" in text(
        client.get("/search/suggestions/", {"q": "no such thing"})
    )
    for odd in ("%", "'", "\\", "•", "🙂", "x" * 5000, "(", "5021\n", "••••@••••.•"):
        assert client.get("/search/suggestions/", {"q": odd}).status_code == 200
        assert client.get("/search/", {"q": odd}).status_code == 302


def test_in_chinese(shop: Shop) -> None:
    client = person(shop)
    client.cookies["language"] = "zh-hans"
    said = text(client.get("/search/suggestions/", {"q": "5021"}))
    assert "手机号" in said
    assert "尾号" in said
    assert not re.search(r"[a-z]{4,}", said.replace("Lin Xiaowen", ""))


def leads(client: Client, typed: str) -> str:
    answer: Any = client.get("/search/", {"q": typed})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_enter_leads_to_the_one_customer_the_event_or_the_list(shop: Shop) -> None:
    client = person(shop)
    lin = shop.profile("user_id:u1")["id"]
    assert (
        leads(client, "138 •••• 5021")
        == leads(client, "TM-88213")
        == leads(client, lin[:8])
        == f"/customers/{lin}/"
    )
    assert leads(client, "5021") == "/customers/?search=5021"
    assert "2 customers of 2 match" in text(client.get("/customers/?search=5021"))
    assert leads(client, "broken") == "/events/broken/"
    assert leads(client, "bought-1") == "/events/bought-1/"
    assert leads(client, "nobody") == "/customers/?search=nobody"


def test_a_nameless_customer_is_called_the_same_in_suggestions(shop: Shop) -> None:
    client = person(shop, "viewer")
    (found,) = [one for one in offered(client, "5021")["Phone"] if "Lin" not in one[1]]
    assert found[1] == "139 •••• 5021"
    assert found[1] in text(client.get(found[0]))


def test_nobody_searches_who_is_not_signed_in(db: None) -> None:
    assert Client().get("/search/suggestions/", {"q": "5021"}).status_code == 302
