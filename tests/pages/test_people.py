"""Pages of members, tokens, the audit log, workspace settings and one's own password: who may, what is shown once."""

import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from channels import setup
from console.workspace import audit_words
from kernel.models import ApiToken, Audit, Member, Role, Workspace
from kernel.people import members
from tests.pages.conftest import PASSWORD
from tests.shop import START, Shop, identify

pytestmark = pytest.mark.django_db
WORD = "a long and quiet word"
OWN = ("/workspace/tokens/", "/account/password/")
ADMINS = ("/workspace/", "/workspace/members/", "/workspace/audit/", "/workspace/audit/export.csv")


@pytest.fixture
def shop(db):
    return Shop()


def enter(shop, role="admin", name=""):
    """A browser of somebody with a role in the shop."""
    user = User.objects.create_user(name or f"{role}@{shop.workspace.slug}.com", password=PASSWORD)
    Member.objects.create(workspace=shop.workspace, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def member(shop, name):
    return Member.objects.get(workspace=shop.workspace, user__username=name)


def text(answer):
    return answer.content.decode()


def notes(shop, action):
    return list(
        Audit.objects.filter(workspace=shop.workspace, action=action)
        .order_by("id")
        .values_list("target", "detail")
    )


def link_in(page):
    return re.search(r"http://testserver(/invitation/[^<]+/)</code>", page)[1]


# ---- who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_who_is_no_admin_has_tokens_and_a_password_and_no_more(shop, role):
    client = enter(shop, role)
    for address in OWN:
        page = client.get(address)
        assert page.status_code == 200
        assert [f'href="{one}"' in text(page) for one in (*OWN, *ADMINS)] == [True, True, *[False] * 4]
    for address in ADMINS:
        assert client.get(address).status_code == 403
    one = member(shop, f"{role}@{shop.workspace.slug}.com")
    for address in (
        "/workspace/set/",
        "/workspace/members/invite/",
        *(f"/workspace/members/{one.pk}/{act}/" for act in ("role", "link", "remove")),
    ):
        assert client.post(address, {"role": "admin", "email": "a@b.co", "name": "x"}).status_code == 403
    assert member(shop, one.user.username).role == role


def test_no_form_is_taken_without_its_token(shop):
    enter(shop, name="admin@a.co")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="admin@a.co"))
    one = member(shop, "admin@a.co")
    for address in (
        "/workspace/set/",
        "/workspace/members/invite/",
        f"/workspace/members/{one.pk}/remove/",
        "/workspace/tokens/make/",
        "/account/password/",
    ):
        assert client.post(address, {"name": "Taken"}).status_code == 403
    assert Member.objects.filter(pk=one.pk).exists()


def test_nothing_of_another_workspace_is_there(shop):
    other = Shop()
    enter(other, name="wang@b.co")
    there = member(other, "wang@b.co")
    key = ApiToken.objects.create(
        workspace=other.workspace, user=there.user, role="admin", digest="d", prefix="hl_x"
    )
    client = enter(shop)
    assert client.get(f"/workspace/members/{there.pk}/").status_code == 404
    for act in ("role", "link", "remove"):
        assert client.post(f"/workspace/members/{there.pk}/{act}/", {"role": "viewer"}).status_code == 404
    assert client.post(f"/workspace/tokens/{key.pk}/revoke/").status_code == 404
    for address in ("/workspace/members/", "/workspace/tokens/", "/workspace/audit/"):
        assert "wang@b.co" not in text(client.get(address))


# ---- members ----------------------------------------------------------------------------------------


def test_an_invitation_is_shown_once_lets_in_and_ends_with_the_removal(shop):
    client = enter(shop)
    done = client.post(
        "/workspace/members/invite/", {"email": "Lin@Example.com", "role": "analyst"}, follow=True
    )
    page = text(done)
    assert "2 people, 1 invitation open until" in page
    link = link_in(page)
    assert link not in text(client.get("/workspace/members/"))
    theirs = Client()
    assert theirs.post(link, {"password": WORD, "again": WORD}).status_code == 302
    assert theirs.get("/customers/").status_code == 200
    one = member(shop, "lin@example.com")
    assert (one.seen_at is not None, one.link_until) == (True, None)
    client.post(f"/workspace/members/{one.pk}/remove/")
    refused = theirs.get("/customers/")
    assert (refused.status_code, "You belong to no workspace" in text(refused)) == (403, True)
    assert [
        action
        for (action,) in Audit.objects.filter(workspace=shop.workspace).order_by("id").values_list("action")
    ] == ["member.invite", "member.join", "member.remove"]


def test_a_newer_link_ends_the_older_one_and_a_removal_every_one(shop):
    client = enter(shop)
    first = link_in(
        text(client.post("/workspace/members/invite/", {"email": "lin@a.co", "role": "viewer"}, follow=True))
    )
    one = member(shop, "lin@a.co")
    second = link_in(text(client.post(f"/workspace/members/{one.pk}/link/", follow=True)))
    assert [Client().get(link).status_code for link in (first, second)] == [404, 200]
    client.post(f"/workspace/members/{one.pk}/remove/")
    assert Client().get(second).status_code == 404


def test_an_invitation_that_is_over_says_so_and_is_renewed(shop):
    client = enter(shop)
    client.post("/workspace/members/invite/", {"email": "lin@a.co", "role": "viewer"})
    Member.objects.filter(user__username="lin@a.co").update(link_until=timezone.now() - timedelta(days=1))
    assert "2 people, 1 invitation is over." in text(client.get("/workspace/members/"))
    one = member(shop, "lin@a.co")
    assert "Renew the invitation" in text(client.get(f"/workspace/members/{one.pk}/"))


@pytest.mark.parametrize(
    ("email", "role", "said"),
    [
        ("nobody", "viewer", "is not an e-mail address"),
        ("a@b.co", "king", "There is no role"),
        ("", "", "e-mail"),
    ],
)
def test_a_wrong_invitation_is_said_on_the_form_with_what_was_typed(shop, email, role, said):
    answer = enter(shop).post("/workspace/members/invite/", {"email": email, "role": role})
    assert (answer.status_code, said in text(answer), f'value="{email}"' in text(answer)) == (422, True, True)
    assert Member.objects.filter(workspace=shop.workspace).count() == 1


def test_the_only_admin_who_can_sign_in_stays(shop):
    client = enter(shop)
    one = member(shop, f"admin@{shop.workspace.slug}.com")
    client.post("/workspace/members/invite/", {"email": "second@a.co", "role": "admin"})  # never signed in
    for act in ("remove", "role"):
        answer = client.post(f"/workspace/members/{one.pk}/{act}/", {"role": "viewer"})
        assert (answer.status_code, "at least one admin" in text(answer)) == (422, True)
    assert "Nobody else can let people in" in text(client.get(f"/workspace/members/{one.pk}/"))
    enter(shop, name="third@a.co")
    assert client.post(f"/workspace/members/{one.pk}/role/", {"role": "viewer"}).status_code == 302
    assert client.get("/workspace/members/").status_code == 403


def test_tokens_come_down_with_a_role(shop):
    client = enter(shop)
    enter(shop, "analyst", "lin@a.co")
    one = member(shop, "lin@a.co")
    for role in ("viewer", "analyst"):
        ApiToken.objects.create(workspace=shop.workspace, user=one.user, role=role, digest=role, prefix=role)
    client.post(f"/workspace/members/{one.pk}/role/", {"role": "viewer"})
    assert set(ApiToken.objects.filter(user=one.user).values_list("role", flat=True)) == {"viewer"}
    assert notes(shop, "member.role") == [("lin@a.co", {"before": "analyst", "after": "viewer"})]


def test_who_belongs_elsewhere_too_gets_no_link_here(shop):
    client, other = enter(shop), Shop()
    enter(shop, "viewer", "both@a.co")
    one = member(shop, "both@a.co")
    Member.objects.create(workspace=other.workspace, user=one.user, role="viewer")
    assert "They belong to another workspace too" in text(client.get(f"/workspace/members/{one.pk}/"))
    assert client.post(f"/workspace/members/{one.pk}/link/").status_code == 422


# ---- tokens -----------------------------------------------------------------------------------------


def test_a_token_is_shown_once_works_and_is_taken_back(shop):
    client = enter(shop, "analyst")
    page = text(
        client.post(
            "/workspace/tokens/make/", {"name": "Nightly", "role": "viewer", "days": "30"}, follow=True
        )
    )
    token = re.search(r'<code id="once">(hl_[\w-]+)</code>', page)[1]
    assert token not in text(client.get("/workspace/tokens/"))
    program = Client(headers={"authorization": f"Token {token}"})
    assert program.get("/api/profiles/").status_code == 200
    made = ApiToken.objects.get(name="Nightly")
    assert (made.role, made.expires_at - made.created_at > timedelta(days=29)) == ("viewer", True)
    assert client.post(f"/workspace/tokens/{made.pk}/revoke/").status_code == 302
    assert program.get("/api/profiles/").status_code == 401


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "", "role": "viewer", "days": ""},
        {"name": "x", "role": "admin", "days": ""},
        {"name": "x", "role": "viewer", "days": "0"},
        {"name": "x", "role": "viewer", "days": "soon"},
        {"name": "x" * 81, "role": "viewer", "days": "30"},
    ],
    ids=str,
)
def test_what_no_token_can_be_is_said(shop, typed):
    assert enter(shop, "analyst").post("/workspace/tokens/make/", typed).status_code == 422
    assert not ApiToken.objects.filter(workspace=shop.workspace).exists()


def test_an_admin_sees_everybodys_tokens_others_their_own(shop):
    enter(shop, "viewer", "lin@a.co").post(
        "/workspace/tokens/make/", {"name": "Lins", "role": "viewer", "days": ""}
    )
    assert "Lins" in text(enter(shop).get("/workspace/tokens/"))
    analyst = enter(shop, "analyst")
    assert "Lins" not in text(analyst.get("/workspace/tokens/"))
    assert (
        analyst.post(f"/workspace/tokens/{ApiToken.objects.get(name='Lins').pk}/revoke/").status_code == 404
    )


# ---- the audit log -----------------------------------------------------------------------------------


def test_the_log_is_narrowed_by_its_address_and_taken_as_a_file(shop):
    client = enter(shop)
    client.post("/workspace/members/invite/", {"email": "lin@a.co", "role": "viewer"})
    client.post("/workspace/tokens/make/", {"name": "Nightly", "role": "viewer", "days": ""})
    every = text(client.get("/workspace/audit/"))
    assert ("invited somebody" in every, "made a token" in every, "2 entries" in every) == (True, True, True)
    found = text(client.get("/workspace/audit/", {"action": "member", "target": "lin@a.co"}))
    assert ("invited somebody" in found, "made a token" in found) == (True, False)
    today = timezone.now().date()
    assert "No entry" in text(client.get("/workspace/audit/", {"to": f"{today - timedelta(days=2)}"}))
    assert "No entry" in text(client.get("/workspace/audit/", {"actor": "nobody"}))
    wrong = client.get("/workspace/audit/", {"from": "soon"})
    assert (wrong.status_code, "is a date like" in text(wrong)) == (200, True)
    file = client.get("/workspace/audit/export.csv", {"action": "token"})
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert (len(lines), "token.make" in lines[1]) == (2, True)


def test_the_log_goes_on_page_by_page(shop):
    client = enter(shop)
    for n in range(60):
        Audit.objects.create(
            workspace=shop.workspace, actor="lin", action="board.add", target=f"board-{n:02}"
        )
    first = text(client.get("/workspace/audit/"))
    assert ("board-59" in first, "board-09" in first) == (True, False)
    address = re.search(r'rel="next"[^>]*href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = text(client.get("/workspace/audit/" + address))
    assert ("board-09" in second, "board-59" in second) == (True, False)


# ---- settings ----------------------------------------------------------------------------------------


def typed(**more):
    return {"name": "Hemu", "timezone": "Asia/Shanghai", "currency": "CNY", "language": ""} | more


def test_zone_and_currency_can_be_changed_until_something_came(shop):
    client = enter(shop)
    client.post("/workspace/set/", typed(name="Hemu Home", timezone="Europe/Berlin", currency="eur"))
    place = Workspace.objects.get(pk=shop.workspace.pk)
    assert (place.name, place.timezone, place.currency) == ("Hemu Home", "Europe/Berlin", "EUR")
    assert {(one.currency, one.timezone) for one in place.channel_set.all()} == {("EUR", "Europe/Berlin")}
    shop.sends(identify("u1", name="Lin"))
    page = text(client.get("/workspace/"))
    assert ("Fixed since the first event arrived" in page, 'name="currency"' in page) == (True, True)
    refused = client.post("/workspace/set/", typed(currency="USD"))
    assert (refused.status_code, "Fixed since" in text(refused)) == (422, True)
    assert client.post("/workspace/set/", {"name": "Hemu", "language": "zh-hans"}).status_code == 302
    place.refresh_from_db()
    assert (place.name, place.currency) == ("Hemu", "EUR")
    assert notes(shop, "workspace.change")[1][1] == {
        "name": ["Hemu Home", "Hemu"],
        "language": ["", "zh-hans"],
    }


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"timezone": "Mars"}, {"currency": "yuan"}, {"language": "fr"}], ids=str
)
def test_wrong_settings_are_said(shop, wrong):
    assert enter(shop).post("/workspace/set/", typed(**wrong)).status_code == 422


def test_pages_speak_the_workspaces_language_to_who_chose_none(shop):
    client = enter(shop)
    client.post("/workspace/set/", {"language": "zh-hans"})
    assert 'lang="zh-hans"' in text(client.get("/channels/"))[:200]
    client.post("/preferences/language/", {"language": "en"})
    assert '<html lang="en"' in text(client.get("/channels/"))[:200]


def test_settings_over_the_api(shop):
    assert shop.get("/api/workspace/", "viewer")["fixed"] == []
    api = shop.api()
    said = api.patch("/api/workspace/", {"name": "Hemu Home", "currency": "EUR"}, format="json").json()
    assert (said["name"], said["currency"], said["slug"]) == ("Hemu Home", "EUR", shop.workspace.slug)
    shop.sends(identify("u1"))
    assert shop.get("/api/workspace/")["fixed"] == ["timezone", "currency"]
    for asked, status in (
        ({"currency": "USD"}, 409),
        ({"currency": "EUR"}, 200),
        ({"currency": 5}, 400),
        ({"slug": "x"}, 400),
        ({"language": "fr"}, 400),
    ):
        assert api.patch("/api/workspace/", asked, format="json").status_code == status, asked
    assert shop.api("analyst").patch("/api/workspace/", {"name": "x"}, format="json").status_code == 403


# ---- one's own password --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "word", "again", "said"),
    [
        ("wrong", WORD, WORD, "That is not your password"),
        (PASSWORD, "short", "short", "too short"),
        (PASSWORD, WORD, WORD + "x", "differ"),
    ],
)
def test_a_password_that_cannot_be_is_said_beside_its_field(shop, old, word, again, said):
    client = enter(shop, "viewer")
    answer = client.post("/account/password/", {"old": old, "password": word, "again": again})
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert User.objects.get(username__startswith="viewer").check_password(PASSWORD)


def test_another_password_signs_out_everywhere_else(shop):
    client = enter(shop, "viewer", "lin@a.co")
    elsewhere = Client()
    elsewhere.force_login(User.objects.get(username="lin@a.co"))
    assert (
        client.post("/account/password/", {"old": PASSWORD, "password": WORD, "again": WORD}).status_code
        == 302
    )
    assert client.get("/channels/").status_code == 200
    assert elsewhere.get("/channels/").status_code == 302
    assert User.objects.get(username="lin@a.co").check_password(WORD)


# ---- from workspace to workspace ------------------------------------------------------------------------


@pytest.fixture
def two(shop):
    """Somebody of two workspaces, in the first of them; both have a channel of the same slug."""
    other = setup.add_workspace("Second brand")
    setup.add_channel(other, "Web shop", "web")
    client = enter(shop, name="both@a.co")
    Member.objects.create(workspace=other, user=User.objects.get(username="both@a.co"), role=Role.VIEWER)
    return client, other


def test_who_belongs_to_two_goes_from_one_to_the_other(shop, two):
    client, other = two
    shop.sends(identify("u1", name="Lin Xia"))
    (person,) = shop.get("/api/profiles/")["results"]
    assert 'id="workspaces"' in text(client.get("/channels/"))
    assert client.post("/preferences/workspace/", {"workspace": other.slug})["Location"] == "/"
    assert client.get(f"/customers/{person['id']}/").status_code == 404
    assert "Lin Xia" not in text(client.get("/customers/"))
    assert client.get("/workspace/members/").status_code == 403  # a viewer there
    assert client.post("/preferences/workspace/", {"workspace": "somebodys"}).status_code == 404
    client.post("/preferences/workspace/", {"workspace": shop.workspace.slug})
    assert client.get(f"/customers/{person['id']}/").status_code == 200


def test_a_page_left_open_in_another_workspace_writes_and_shows_nothing_here(shop, two):
    client, other = two
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = client.cookies
    page = text(careful.get("/workspace/"))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    Member.objects.filter(workspace=other).update(role=Role.ADMIN)
    moved = careful.post("/preferences/workspace/", {"workspace": other.slug, "csrfmiddlewaretoken": token})
    assert moved.status_code == 302
    late = careful.post("/workspace/set/", {"name": "Wrong one", "csrfmiddlewaretoken": token})
    assert late.status_code == 403
    assert Workspace.objects.get(pk=other.pk).name == "Second brand"
    piece = careful.get("/frame/freshness/", headers={"x-workspace": shop.workspace.slug})
    assert (piece.status_code, piece["HX-Refresh"]) == (204, "true")
    assert careful.get("/frame/freshness/", headers={"x-workspace": other.slug}).status_code == 200


def test_a_link_is_never_kept_as_it_is(shop):
    client = enter(shop)
    client.post("/workspace/members/invite/", {"email": "lin@a.co", "role": "viewer"})
    assert "invitation" not in str(dict(client.session))
    assert members.invited("x", "y") is None


def test_what_an_entry_names_can_be_opened(shop):
    # Of one person's two names the later one holds.
    shop.sends(identify("u1", name="Lin Xia"), identify("u2", START - timedelta(hours=1), name="Wang"))
    one, other = (shop.profile(f"user_id:{name}")["id"] for name in ("u1", "u2"))
    client = enter(shop)
    client.get(f"/customers/{one}/")
    looks = text(client.get("/workspace/audit/", {"action": "contact", "target": one}))
    assert re.search(rf'<a href="/customers/{one}/"[^>]*>Lin Xia</a>', looks)
    shop.api().post(f"/api/profiles/{one}/merge/", {"other": other, "reason": "one person"}, format="json")
    client.get("/events/m1/")
    client.get("/live/")
    page = text(client.get("/workspace/audit/"))
    links = set(re.findall(r'<td class="wrap on">\s*<a href="([^"]+)"', page))
    assert {f"/customers/{one}/", "/events/m1/", "/live/"} <= links
    assert [address for address in links if client.get(address, follow=True).status_code != 200] == []
    assert ("Lin Xia" in page, "joined two customers" in page, "one person" in page) == (True, True, True)


def test_what_a_command_did_stands_there_too(shop, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(WORD + "\n" + WORD + "\n"))
    place = f"--workspace={shop.workspace.slug}"
    call_command("user", "add", "lin@a.co", "--role=analyst", "--password-stdin", place)
    call_command("user", "role", "lin@a.co", "--role=viewer", place)
    call_command("token", "lin@a.co", "--role=viewer", place)
    call_command("channel", "add", "Kiosk", "--kind=store", place)
    found = (
        Audit.objects.filter(workspace=shop.workspace).order_by("id").values_list("actor", "action", "target")
    )
    deeds = [(action, target) for actor, action, target in found if actor == "manage.py"]
    assert [action for action, _ in deeds] == ["member.add", "member.role", "token.make", "channel.add"]
    assert deeds[1][1] == "lin@a.co"
    assert "manage.py" in text(enter(shop).get("/workspace/audit/"))


@pytest.mark.parametrize(
    ("said", "words", "address"),
    [
        ("plan", "Tracking plan", "/quality/plan/"),
        (
            "plan Order/Completed",
            "Tracking plan · Order/Completed",
            "/quality/plan/event/?name=Order%2FCompleted",
        ),
        ("import 7", "Imports · 7", "/imports/7/"),
        (f"mapping {UUID(int=7)}", f"Mapping · {UUID(int=7)}", ""),
        ("journey-retention-people", "Customers of a cohort", ""),  # of which one the address does not say
        ("payments-rows", "Rows behind payments", ""),  # whose conditions it does not say
        ("consistency-people", "Customers who met a gap", ""),
        ("m-1", "m-1", "/events/m-1/"),
    ],
)
def test_a_look_leads_to_what_was_looked_at(said, words, address):
    assert audit_words.target("contact.look", said) == (words, address)
