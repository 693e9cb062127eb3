"""The page of suggested matches: both customers side by side, and how each pair ends."""

import pytest

from cdp.pipeline import suggesting
from kernel.models import Job
from tests.pages.test_numbers import person
from tests.profiles.suggestions import waiting
from tests.shop import Shop, identify

BOTH = ("user_id:lin", "anonymous_id:till")


@pytest.fixture
def shop(db: None) -> Shop:
    """A customer of the web shop and one of the store who may be one."""
    made = Shop()
    made.sends(
        identify("lin", name="Lin Xiaowen", phone="+8613812345021"),
        {"type": "identify", "anonymousId": "till", "traits": {"name": "林小文", "phone": "+8613812345012"}},
    )
    return made


def joined(shop: Shop) -> bool:
    one, other = (shop.profile(identifier)["id"] for identifier in BOTH)
    return bool(one == other)


def test_a_viewer_sees_the_evidence_masked_and_decides_nothing(shop: Shop) -> None:
    number = waiting.put(shop, *BOTH)["id"]
    client = person(shop, "viewer")
    page = client.get("/quality/matches/").content.decode()
    assert "Lin Xiaowen" in page
    assert "林小文" in page
    assert "138 •••• 5021" in page
    assert "13812345021" not in page
    assert "97.0% likely one customer" in page
    assert "match-decide" not in page
    assert 'value="accept"' not in page
    assert (
        client.post("/quality/matches/decide/", {"number": number, "decision": "accept"}).status_code == 403
    )
    assert client.post("/quality/matches/find/").status_code == 403
    assert not joined(shop)
    assert "/quality/matches/" in client.get("/quality/").content.decode()


@pytest.mark.parametrize(("decision", "state", "one"), [("accept", "accepted", True), ("refuse", "refused", False),
                                                        ("later", "later", False)])  # fmt: skip
def test_a_pair_ends_as_its_button_says(shop: Shop, decision: str, state: str, one: bool) -> None:
    number = waiting.put(shop, *BOTH)["id"]
    client = person(shop, "analyst")
    assert f'value="{decision}"' in client.get("/quality/matches/").content.decode()
    done = client.post("/quality/matches/decide/", {"number": number, "decision": decision}, follow=True)
    assert done.status_code == 200
    assert f"match-{number}" not in done.content.decode()
    assert f"match-{number}" in client.get("/quality/matches/", {"state": state}).content.decode()
    assert joined(shop) is one


def test_many_are_accepted_at_once(shop: Shop) -> None:
    waiting.put(shop, *BOTH)
    client = person(shop, "analyst")
    page = client.get("/quality/matches/").content.decode()
    assert "Accept 1 of 95.0% or more" in page
    assert client.post("/quality/matches/accept/", {"score": "0.95"}).status_code == 302
    assert joined(shop)
    assert client.post("/quality/matches/accept/", {"score": "0.2"}).status_code == 400


def test_looking_is_a_job_and_what_is_wrong_is_said(shop: Shop) -> None:
    client = person(shop, "analyst")
    assert "No pair stands here" in client.get("/quality/matches/").content.decode()
    for _again in range(2):
        assert client.post("/quality/matches/find/").status_code == 302
    assert Job.objects.filter(workspace=shop.workspace, kind=suggesting.KIND).count() == 1
    assert client.get("/quality/matches/", {"state": "maybe"}).status_code == 400
    assert client.post("/quality/matches/decide/", {"number": "x", "decision": "accept"}).status_code == 400
