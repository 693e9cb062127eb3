"""Members, invitations, tokens, the record of what was done, over HTTP: who may, what is kept, what is never shown."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from kernel.models import ApiToken, Audit, Member
from kernel.people import members
from tests.shop import Shop

pytestmark = pytest.mark.django_db
WORD = "a long and quiet word"


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def invite(shop: Shop, email: str = "Lin@Example.com", role: str = "analyst") -> dict[str, Any]:
    answer = shop.api().post("/api/members/", {"email": email, "role": role}, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def path(link: str) -> str:
    return urlsplit(link).path


# ---- invitations ------------------------------------------------------------------------------------


def test_who_is_invited_sets_a_password_by_the_link_and_is_in(shop: Shop) -> None:
    made = invite(shop)
    assert (made["email"], made["role"], made["state"]) == ("lin@example.com", "analyst", "invited")
    browser = Client()
    page = browser.get(path(made["link"]))
    assert (page.status_code, b"lin@example.com" in page.content) == (200, True)
    done = browser.post(path(made["link"]), {"password": WORD, "again": WORD})
    assert (done.status_code, done["Location"]) == (302, "/")
    assert browser.get("/customers/").status_code == 200
    [listed] = [one for one in shop.get("/api/members/")["results"] if one["email"] == "lin@example.com"]
    assert (listed["state"], listed["last_login"] is not None) == ("active", True)
    assert Client().get(path(made["link"])).status_code == 404  # used


@pytest.mark.parametrize(
    ("word", "again", "said"),
    [
        ("short", "short", "too short"),
        (WORD, WORD + "x", "differ"),
        ("password1234", "password1234", "common"),
    ],
)
def test_a_password_that_cannot_be_says_why_and_leaves_the_link(
    shop: Shop, word: str, again: str, said: str
) -> None:
    link = path(invite(shop)["link"])
    answer = Client().post(link, {"password": word, "again": again})
    assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert Client().post(link, {"password": WORD, "again": WORD}).status_code == 302


def test_a_link_is_over_after_seven_days(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    link, now = path(invite(shop)["link"]), members.INVITATIONS._now()
    for days, status in ((6, 200), (8, 404)):
        monkeypatch.setattr(members.INVITATIONS, "_now", lambda days=days: now + timedelta(days=days))
        assert Client().get(link).status_code == status


@pytest.mark.parametrize("link", ["x/y", "MQ/zz-zz", "LTE/x-1", "OTk5OTk5OTk5OTk5OQ/a-b"])
def test_what_is_no_link_of_ours_is_404(shop: Shop, link: str) -> None:
    answer = Client().get(f"/invitation/{link}/")
    assert (answer.status_code, b"This link is over" in answer.content) == (404, True)


def test_who_has_a_password_already_gets_no_link(shop: Shop) -> None:
    User.objects.create_user("wang@example.com", password=WORD)
    made = invite(shop, "Wang@example.com")
    assert (made["link"], made["state"]) == (None, "active")


def test_no_admin_gets_a_link_for_somebody_of_another_workspace(shop: Shop) -> None:
    """By it he would be them, there too."""
    other = Shop()
    invite(other, "both@example.com")
    made = invite(shop, "both@example.com")
    assert made["link"] is None
    assert shop.api().post(f"/api/members/{made['id']}/link/").status_code == 409


def test_a_new_link_for_a_forgotten_password(shop: Shop) -> None:
    made = invite(shop)
    Client().post(path(made["link"]), {"password": WORD, "again": WORD})
    again = shop.api().post(f"/api/members/{made['id']}/link/").json()
    assert (
        Client().post(path(again["link"]), {"password": WORD + "2", "again": WORD + "2"}).status_code == 302
    )


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"email": "nobody", "role": "viewer"}, 400, "bad_email"),
        ({"email": "a@b.co", "role": "king"}, 400, "bad_role"),
        ({"email": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.co", "role": "viewer"}, 400, "bad_email"),
        ({"email": "a@b.co", "role": "viewer", "name": "A"}, 400, "unknown_field"),
        ({"email": ["a@b.co"], "role": "viewer"}, 400, "bad_email"),
    ],
    ids=str,
)
def test_what_cannot_be_invited(shop: Shop, asked: dict[str, Any], status: int, code: str) -> None:
    before = User.objects.count(), Member.objects.count()
    answer = shop.api().post("/api/members/", asked, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (User.objects.count() - before[0], Member.objects.count() - before[1]) in {(0, 0), (1, 1)}


def test_nobody_is_invited_twice(shop: Shop) -> None:
    invite(shop)
    again = shop.api().post("/api/members/", {"email": "LIN@example.com", "role": "viewer"}, format="json")
    assert again.status_code == 409


# ---- roles and leaving ------------------------------------------------------------------------------


def test_another_role_and_out(shop: Shop) -> None:
    made = invite(shop)
    address = f"/api/members/{made['id']}/"
    assert shop.api().patch(address, {"role": "viewer"}, format="json").json()["role"] == "viewer"
    user = User.objects.get(username="lin@example.com")
    token = shop.api()  # of the shop's own admin; theirs is below
    assert token.delete(address).status_code == 204
    assert not Member.objects.filter(user=user).exists()
    assert token.delete(address).status_code == 404


def test_the_tokens_of_who_leaves_end(shop: Shop) -> None:
    theirs = shop.api("analyst")
    assert theirs.get("/api/channels/").status_code == 200
    member = Member.objects.get(workspace=shop.workspace, role="analyst")
    assert shop.api().delete(f"/api/members/{member.pk}/").status_code == 204
    assert theirs.get("/api/channels/").status_code == 401


def test_the_last_admin_stays(shop: Shop) -> None:
    api = shop.api()
    own = Member.objects.get(workspace=shop.workspace, role="admin")
    address = f"/api/members/{own.pk}/"
    assert api.delete(address).status_code == 409
    assert api.patch(address, {"role": "viewer"}, format="json").status_code == 409
    assert api.patch(address, {"role": "admin"}, format="json").status_code == 200
    second = invite(shop, "second@example.com", "admin")
    assert api.patch(f"/api/members/{second['id']}/", {"role": "viewer"}, format="json").status_code == 200


def test_members_are_the_admins_matter_and_of_one_workspace(shop: Shop) -> None:
    made, other = invite(shop), Shop()
    for role in ("viewer", "analyst"):
        assert shop.api(role).get("/api/members/").status_code == 403
        assert shop.api(role).get("/api/audit/").status_code == 403
    for answer in (
        other.api().delete(f"/api/members/{made['id']}/"),
        other.api().patch(f"/api/members/{made['id']}/", {"role": "viewer"}, format="json"),
        other.api().post(f"/api/members/{made['id']}/link/"),
    ):
        assert answer.status_code == 404


# ---- tokens -----------------------------------------------------------------------------------------


def test_a_token_is_shown_once_named_and_says_when_it_was_used(shop: Shop) -> None:
    api = shop.api("analyst")
    made = api.post(
        "/api/tokens/", {"name": " Nightly  export ", "role": "viewer", "days": 30}, format="json"
    ).json()
    assert (made["name"], made["role"], made["used_at"]) == ("Nightly export", "viewer", None)
    assert made["token"].startswith(made["prefix"])
    asking = Client(headers={"authorization": f"Token {made['token']}"})
    assert asking.get("/api/channels/").status_code == 200
    [listed] = [one for one in api.get("/api/tokens/").json()["results"] if one["id"] == made["id"]]
    assert listed["used_at"] is not None
    assert made["token"] not in api.get("/api/tokens/").content.decode()
    assert not ApiToken.objects.filter(digest=made["token"]).exists()
    assert api.delete(f"/api/tokens/{made['id']}/").status_code == 204
    assert asking.get("/api/channels/").status_code == 401


def test_a_token_ends_at_its_time(shop: Shop) -> None:
    made = shop.api().post("/api/tokens/", {"name": "x", "days": 1}, format="json").json()
    ApiToken.objects.filter(pk=made["id"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    asking = Client(headers={"authorization": f"Token {made['token']}"})
    assert asking.get("/api/channels/").status_code == 401
    assert made["id"] not in [one["id"] for one in shop.get("/api/tokens/")["results"]]


def test_a_token_reaches_no_further_than_who_makes_it(shop: Shop) -> None:
    for role, wanted, status in (
        ("viewer", "analyst", 400),
        ("analyst", "admin", 400),
        ("analyst", "analyst", 201),
        ("admin", "viewer", 201),
        ("admin", "king", 400),
    ):
        answer = shop.api(role).post("/api/tokens/", {"name": "x", "role": wanted}, format="json")
        assert answer.status_code == status, (role, wanted)
    for bad in ({"name": ""}, {"name": "x" * 81}, {"name": "x", "days": 0}, {"name": "x", "days": "soon"}):
        assert shop.api().post("/api/tokens/", bad, format="json").status_code == 400, bad


def test_everybody_sees_their_own_tokens_an_admin_all(shop: Shop) -> None:
    mine = shop.api("analyst").post("/api/tokens/", {"name": "mine"}, format="json").json()
    theirs = shop.api("viewer").post("/api/tokens/", {"name": "theirs"}, format="json").json()
    seen = {one["id"] for one in shop.api("analyst").get("/api/tokens/").json()["results"]}
    assert (mine["id"] in seen, theirs["id"] in seen) == (True, False)
    assert shop.api("analyst").delete(f"/api/tokens/{theirs['id']}/").status_code == 404
    assert {mine["id"], theirs["id"]} <= {one["id"] for one in shop.get("/api/tokens/")["results"]}
    assert shop.api().delete(f"/api/tokens/{theirs['id']}/").status_code == 204


# ---- the record -------------------------------------------------------------------------------------


def test_what_was_done_is_listed_newest_first_and_narrowed(shop: Shop) -> None:
    made = invite(shop)
    api = shop.api()
    api.patch(f"/api/members/{made['id']}/", {"role": "viewer"}, format="json")
    token = api.post("/api/tokens/", {"name": "x"}, format="json").json()
    every = api.get("/api/audit/").json()["results"]
    assert [one["action"] for one in every][:3] == ["token.make", "member.role", "member.invite"]
    assert every[1]["detail"] == {"before": "analyst", "after": "viewer"}
    assert (every[1]["target"], every[1]["actor"].startswith("admin-")) == ("lin@example.com", True)
    assert token["token"] not in str(every)
    kinds = api.get("/api/audit/", {"action": "member"}).json()["results"]
    assert [one["action"] for one in kinds] == ["member.role", "member.invite"]
    assert len(api.get("/api/audit/", {"target": "lin@example.com"}).json()["results"]) == 2
    assert api.get("/api/audit/", {"after": "2099-01-01T00:00:00Z"}).json()["results"] == []
    assert api.get("/api/audit/", {"before": "soon"}).status_code == 400
    assert api.get("/api/audit/", {"colour": "red"}).status_code == 400
    first = api.get("/api/audit/", {"limit": 2}).json()
    rest = api.get(first["next"]).json()["results"]
    assert [one["id"] for one in first["results"] + rest] == [one["id"] for one in every]
    assert Shop().get("/api/audit/")["results"] == []


def test_nobody_can_change_the_record(shop: Shop) -> None:
    invite(shop)
    before = Audit.objects.count()
    for method in ("put", "patch", "delete", "post"):
        assert getattr(shop.api(), method)("/api/audit/").status_code == 405
    assert Audit.objects.count() == before
