"""One box finds a customer by whatever of him stands on a page, and shows nobody more than the page does."""

from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from kernel.db import rows, run
from profiles.identity import hints
from tests.dump import differences, dump
from tests.shop import Shop, identify, order, track

PHONE, MAIL = "+8613812345021", "lin@hemu.cn"


@pytest.fixture
def shop(db: None) -> Shop:
    """Lin with everything, and two who share her last digits or the shape of her address."""
    made = Shop()
    openid = [
        {"kind": "openid", "value": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", "namespace": "wx-app"},
        {"kind": "unionid", "value": "oUnion-77"},
    ]
    made.sends(
        identify("u-lin", name="Lin Xiaowen", phone=PHONE, email=MAIL, member_no="M-77"),
        track("Product Viewed", "u-lin", identifiers=openid),
        order("TM-88213", "100", "u-lin"),
        identify("u-wang", name="Wang", phone="+8613900005021", email="wang@example.com"),
        identify("u-luo", name="Luo", email="luo@shop.cn"),
    )
    return made


def names(shop: Shop, text: str, role: str = "admin") -> set[str]:
    return {one["name"] for one in shop.get("/api/profiles/", role, search=text)["results"]}


@pytest.mark.parametrize("role", ["admin", "viewer"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5021", {"Lin Xiaowen", "Wang"}),  # the last digits of a phone
        ("•••• 5021", {"Lin Xiaowen", "Wang"}),
        ("****5021", {"Lin Xiaowen", "Wang"}),
        ("138 •••• 5021", {"Lin Xiaowen"}),  # the phone as it is shown
        ("138••••5021", {"Lin Xiaowen"}),
        ("138****5021", {"Lin Xiaowen"}),
        ("１３８••••５０２１", {"Lin Xiaowen"}),
        ("139 •••• 5021", {"Wang"}),
        ("137 •••• 5021", set()),
        ("l•••@•••.cn", {"Lin Xiaowen", "Luo"}),  # the e-mail as it is shown
        ("L***@***.cn", {"Lin Xiaowen", "Luo"}),
        ("l•••@•••.com", set()),
        ("o6_bmjrPTlm6_2sgVt7hMZOPfL2M", {"Lin Xiaowen"}),  # openid, in whatever namespace
        ("oUnion-77", {"Lin Xiaowen"}),
        ("u-lin", {"Lin Xiaowen"}),
        ("M-77", {"Lin Xiaowen"}),
        ("TM-88213", {"Lin Xiaowen"}),
        ("13812345021", {"Lin Xiaowen"}),  # whole, as ever
        ("lin@hemu.cn", {"Lin Xiaowen"}),
        ("502", set()),  # no other part of a phone or an e-mail
        ("2345", set()),
        ("45021", set()),
        ("1381", set()),
        ("138", set()),
        ("hemu", set()),
        ("i•••@•••.cn", set()),
    ],
)
def test_by_what_stands_on_a_page_and_by_nothing_else(
    shop: Shop, role: str, text: str, found: set[str]
) -> None:
    assert names(shop, text, role) == found


def test_by_the_beginning_of_an_id_as_lists_show_it(shop: Shop) -> None:
    key = shop.profile("user_id:u-wang")["id"]
    for text in (key[:8], key[:8].upper(), key[:8] + "…", key, f"Unknown {key[:8]}"):
        assert names(shop, text) == {"Wang"}
    assert names(shop, key[:7]) == set()


def test_an_id_that_was_joined_away_still_leads_there(shop: Shop) -> None:
    for gone in shop.profile("user_id:u-lin")["merged_ids"]:
        assert names(shop, gone[:8]) == {"Lin Xiaowen"}


def test_digits_may_stand_in_a_name_too(shop: Shop) -> None:
    shop.sends(identify("u-shop", name="Shop 5021"))
    assert names(shop, "5021") == {"Lin Xiaowen", "Wang", "Shop 5021"}
    assert names(shop, "5021", "viewer") == {"Lin Xiaowen", "Wang", "Shop 5021"}


def test_a_number_that_is_masked_altogether_is_found_by_no_part_of_it(shop: Shop) -> None:
    """`+290 22158`: its mask is dots alone, so that its last digits would say more than the page does."""
    shop.sends(identify("u-far", name="Far", phone="+29022158"))
    assert shop.profile("phone:+29022158")["name" if False else "called"]
    assert names(shop, "2158") == names(shop, "2158", "viewer") == set()
    assert names(shop, "+29022158") == {"Far"}


def test_of_another_workspace_nobody_is_found(shop: Shop) -> None:
    other = Shop("Other")
    key = shop.profile("user_id:u-lin")["id"]
    for text in ("5021", "138 •••• 5021", "l•••@•••.cn", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", "TM-88213", key[:8]):
        assert names(other, text) == set()


def test_no_digits_lie_in_the_database(shop: Shop) -> None:
    """Neither the last four digits nor a plain hash of them, of which there are but ten thousand."""
    (found,) = rows(
        connection,
        "select array_agg(hint) from profiles_hint where workspace_id = %(w)s",
        w=shop.workspace.pk,
    )
    assert 5021 not in found[0]
    assert hints.hint(shop.workspace.pk, "phone", "5021") in found[0]
    assert hints.hint(shop.workspace.pk + 1, "phone", "5021") not in found[0]


@pytest.mark.django_db(transaction=True)
def test_found_after_a_rebuild_and_for_those_there_before(db: None) -> None:
    shop = Shop()
    shop.sends(identify("u-lin", name="Lin", phone=PHONE, email=MAIL))
    before = dump(shop.workspace.pk)
    assert before["hints"]
    rebuild.everything()
    assert differences(before, dump(shop.workspace.pk)) == {}
    run(connection, "delete from profiles_hint")
    assert names(shop, "5021") == set()
    hints.fill(connection)
    assert differences(before, dump(shop.workspace.pk)) == {}
    assert names(shop, "5021") == {"Lin"}


def test_many_with_the_same_digits_come_page_by_page(shop: Shop) -> None:
    shop.sends(
        *(identify(f"u-{n}", phone=f"+86138000{n:01}5021".replace("0000", "0010", 1)) for n in range(9))
    )
    asked: dict[str, Any] = {"search": "5021", "limit": 4}
    first = shop.get("/api/profiles/", **asked)
    assert len(first["results"]) == 4
    assert first["next"]
