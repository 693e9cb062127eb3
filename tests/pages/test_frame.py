"""The frame of every page: who gets in, language, theme, workspace, dead links."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from kernel.models import Job, Member, Workspace
from tests.pages.conftest import PASSWORD

PAGES = (
    "/", "/customers/", "/channels/", "/live/", "/rejects/", "/quality/", "/events/", "/jobs/", "/_components/",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_who_you_are_and_leads_back(workspace, page):
    answer = Client().get(page)
    assert answer.status_code == 302
    assert answer["Location"] == f"/signin/?next={page}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_an_empty_workspace_says_what_to_do(signed_in, page):
    answer = signed_in("viewer").get(page)
    assert answer.status_code == 200
    assert b"<h1" in answer.content


@pytest.mark.parametrize("page", PAGES)
def test_a_page_holds_no_inline_script_or_style(signed_in, shop, page):
    text = signed_in("admin").get(page).content.decode()
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", text)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("page", PAGES)
def test_no_link_of_a_page_is_dead(signed_in, shop, page):
    client = signed_in("admin")
    links = set(re.findall(r'href="([^"]+)"', client.get(page).content.decode()))
    for link in sorted(links):
        where = link.replace("&amp;", "&")
        if where.startswith("?"):
            where = page + where
        if where.startswith(("/static/", "#")):
            continue
        assert client.get(where.partition("#")[0]).status_code in {200, 302}, link


def test_signing_in_leads_to_where_one_wanted(workspace):
    user = User.objects.create_user("zhou", password=PASSWORD)
    Member.objects.create(workspace=workspace, user=user, role="analyst")
    form = {"username": "zhou", "password": PASSWORD, "next": "/customers/"}
    assert Client().post("/signin/", form)["Location"] == "/customers/"


FORM_ONLY = "/quality/conflicts/"


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/quality/?days=7#conflicts", "/quality/?days=7"),
        ("http://testserver", "/"),
        ("https://elsewhere.example/quality/", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_who_was_signed_out_meanwhile_comes_back_to_the_page_of_the_form(workspace, page, back):
    answer = Client().post(FORM_ONLY, headers={"Referer": page})
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == [back]


def test_an_address_that_only_a_form_sends_to_says_so(signed_in):
    client = signed_in("admin")
    page = client.get(FORM_ONLY, headers={"Accept": "text/html"})
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert b"only takes what a form sends" in page.content
    assert b"<h1" in page.content
    told = client.get(FORM_ONLY, headers={"Accept": "*/*"})
    assert (told.status_code, told["Allow"], told.json()["code"]) == (405, "POST", "wrong_method")


def test_signing_in_leads_to_no_foreign_place(workspace):
    user = User.objects.create_user("zhou", password=PASSWORD)
    Member.objects.create(workspace=workspace, user=user, role="analyst")
    form = {"username": "zhou", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert Client().post("/signin/", form)["Location"] == "/"


def test_a_wrong_password_is_said_and_the_name_kept(workspace):
    answer = Client().post("/signin/", {"username": "zhou", "password": "wrong"})
    assert b"do not match" in answer.content
    assert b'value="zhou"' in answer.content


def test_the_language_is_kept(signed_in):
    client = signed_in("viewer")
    assert (
        client.post("/preferences/language/", {"language": "zh-hans", "next": "/customers/"}).status_code
        == 302
    )
    text = client.get("/customers/").content.decode()
    assert '<html lang="zh-hans"' in text
    assert "客户" in text


def test_the_theme_is_kept(signed_in):
    client = signed_in("viewer")
    client.post("/preferences/theme/", {"theme": "dark"})
    assert 'data-bs-theme="dark"' in client.get("/customers/").content.decode()


def test_another_workspace_is_looked_at_only_by_its_members(signed_in, workspace):
    client = signed_in("viewer")
    other = Workspace.objects.create(slug="other", name="Other")
    assert client.post("/preferences/workspace/", {"workspace": "other"}).status_code == 404
    Member.objects.create(workspace=other, user=User.objects.get(username="viewer"), role="viewer")
    assert client.post("/preferences/workspace/", {"workspace": "other"}).status_code == 302
    assert "Other · China Time" in re.sub("<[^>]+>", "", client.get("/customers/").content.decode())


def test_a_wrong_period_gets_a_sentence_and_the_default(signed_in, shop):
    text = signed_in("viewer").get("/?from=2026-13-01&to=x").content.decode()
    assert "the last 30 days are shown" in text


def test_who_signs_out_is_out(signed_in):
    client = signed_in("viewer")
    client.post("/signout/")
    assert client.get("/").status_code == 302


def test_too_many_wrong_passwords_are_said_on_the_form(workspace, settings):
    client = Client()
    for _turn in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post("/signin/", {"username": "zhou", "password": "wrong"})
    assert answer.status_code == 429
    assert "Too many wrong passwords" in answer.content.decode()


def test_an_address_of_nothing_says_so_in_the_frame_of_the_product(signed_in):
    answer = signed_in("viewer").get("/no/such/page/", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert b"Page not found" in answer.content


def test_a_running_job_is_shown_and_ends_its_own_polling(signed_in, workspace):
    job = Job.objects.create(workspace=workspace, kind="demo", state="running", done=50, total=200)
    client = signed_in("viewer")
    assert "50 of 200 events" in client.get("/customers/").content.decode()
    Job.objects.filter(pk=job.pk).update(state="done", done=200)
    assert client.get(f"/frame/job/{job.pk}/").status_code == 286
