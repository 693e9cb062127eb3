"""`manage.py user`, and the first login that `prepare` makes: from the command to the page one signs in at."""

import io
import json
import sys
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from cdp.management.commands import prepare
from kernel.models import Member

pytestmark = pytest.mark.django_db
WORD = "nine wild horses"


def told(*words: str) -> list[Any]:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def prepared(*words: str) -> str:
    """What `prepare` says where nobody signs in yet."""
    out = io.StringIO()
    call_command("prepare", "--served", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def typed(monkeypatch):
    """What stands in the standard input."""

    def type_in(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    type_in("")
    return type_in


def signs_in(name: str, word: str) -> bool:
    return Client().post("/signin/", {"username": name, "password": word}).status_code == 302


def test_an_added_person_signs_in_with_the_printed_password_and_has_the_role(typed):
    place = told("workspace", "add", "North Shops")[0]["workspace"]
    (said,) = told("user", "add", "mei", "--role", "analyst", "--workspace", place)
    assert said == {"user": "mei", "role": "analyst", "workspace": place, "password": said["password"]}
    assert signs_in("mei", said["password"])
    assert [(one.role, one.workspace.slug) for one in Member.objects.filter(user__username="mei")] == [
        ("analyst", place)
    ]


def test_a_password_from_the_input_is_taken_as_it_is_and_never_printed(typed):
    typed(f"{WORD} \r\nanother line\n")
    assert told("user", "add", "lin", "--role", "viewer", "--password-stdin") == [
        {"user": "lin", "role": "viewer", "workspace": "main"}
    ]
    assert signs_in("lin", f"{WORD} ")
    assert not signs_in("lin", WORD)


def test_a_terminal_is_asked_twice(monkeypatch, typed):
    answers = [WORD, WORD, WORD, "something else"]
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _ask: answers.pop(0))
    told("user", "add", "lin", "--role", "viewer")
    assert signs_in("lin", WORD)
    with pytest.raises(CommandError, match="differ"):
        told("user", "password", "lin")
    assert signs_in("lin", WORD)


@pytest.mark.parametrize(
    ("words", "word", "said"),
    [
        (["add", "lin", "--role", "viewer"], WORD, "'lin' is taken"),
        (["add", "LIN", "--role", "viewer"], WORD, "'LIN' is taken"),
        (["add", "mei", "--role", "boss"], WORD, "invalid choice: 'boss'"),
        (["add", "mei"], WORD, "--role"),
        (["add", "mei", "--role", "viewer", "--workspace", "nowhere"], WORD, "no workspace 'nowhere'"),
        (["add", "mei", "--role", "viewer"], "short", "at least 12"),
        (["add", "mei", "--role", "viewer"], "", "at least 12"),
        (["add", "two words", "--role", "viewer"], WORD, "cannot be used"),
        (["add", " ", "--role", "viewer"], WORD, "cannot be used"),
        (["add", "m" * 151, "--role", "viewer"], WORD, "cannot be used"),
        (["password", "nobody"], WORD, "no user 'nobody'"),
        (["password", "lin"], "short", "at least 12"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(typed, words, word, said):
    typed(f"{WORD}\n")
    told("user", "add", "lin", "--role", "admin", "--password-stdin")
    before = told("user", "list")
    typed(f"{word}\n")
    with pytest.raises(CommandError, match=said):
        told("user", *words, "--password-stdin")
    assert told("user", "list") == before
    assert signs_in("lin", WORD)


def test_a_password_is_changed_and_open_sessions_end(typed):
    (made,) = told("user", "add", "lin", "--role", "viewer")
    page = Client()
    page.post("/signin/", {"username": "lin", "password": made["password"]})
    assert page.get("/channels/").status_code == 200
    (again,) = told("user", "password", "lin")
    assert again["password"] != made["password"]
    assert page.get("/channels/").status_code == 302
    assert signs_in("lin", again["password"])
    assert not signs_in("lin", made["password"])


def test_a_role_is_given_in_another_workspace_and_the_list_shows_all(typed):
    place = told("workspace", "add", "North Shops")[0]["workspace"]
    told("user", "add", "lin", "--role", "viewer")
    told("user", "role", "lin", "--role", "admin", "--workspace", place)
    told("user", "role", "lin", "--role", "analyst")
    call_command("token", "bot", "--role", "viewer", stdout=io.StringIO())
    assert told("user", "list") == [
        {"user": "bot", "roles": {"main": "viewer"}, "signs_in": False},
        {"user": "lin", "roles": {"main": "analyst", place: "admin"}, "signs_in": True},
    ]
    with pytest.raises(CommandError, match="no user 'mei'"):
        told("user", "role", "mei", "--role", "viewer")


# ---- the first login ---------------------------------------------------------------------------


@pytest.fixture
def alone(settings, tmp_path):
    """An installation without databases of its own, as in a container."""
    settings.VAR = tmp_path
    settings.ADMIN_PASSWORD = ""
    User.objects.all().delete()


@pytest.mark.usefixtures("alone")
def test_where_nobody_signs_in_prepare_makes_an_admin_once_and_says_so():
    call_command("token", "bot", "--role", "viewer", stdout=io.StringIO())  # signs in nowhere
    word = prepared().partition("admin / ")[2].split()[0]
    assert signs_in("admin", word)
    assert Member.objects.get(user__username="admin").role == "admin"
    assert "admin" not in prepared()
    assert signs_in("admin", word)


@pytest.mark.usefixtures("alone")
def test_the_first_password_comes_from_the_environment_and_is_not_printed(settings):
    settings.ADMIN_PASSWORD = WORD
    said = prepared("--json")
    assert WORD not in said
    assert "HUILIU_ADMIN_PASSWORD" in said
    assert json.loads(said.splitlines()[-1])["write_key"]
    assert signs_in("admin", WORD)
    settings.ADMIN_PASSWORD = "another long word"
    assert prepared() == ""
    assert signs_in("admin", WORD)


@pytest.mark.usefixtures("alone")
def test_a_first_password_that_is_too_short_stops_the_start(settings):
    settings.ADMIN_PASSWORD = "short"
    with pytest.raises(CommandError, match=r"HUILIU_ADMIN_PASSWORD: .*at least 12"):
        prepared()
    assert not User.objects.exists()


@pytest.mark.usefixtures("alone")
def test_an_admin_who_only_held_tokens_becomes_the_first_login():
    call_command("token", "admin", "--role", "viewer", stdout=io.StringIO())
    word = prepared().partition("admin / ")[2].split()[0]
    assert signs_in("admin", word)
    assert Member.objects.get(user__username="admin").role == "admin"


@pytest.mark.usefixtures("alone")
def test_beside_databases_of_its_own_it_is_the_password_that_up_shows(settings):
    shown = prepare.passwords(settings.VAR)["LOGIN_PASSWORD"]
    assert f"admin / {shown}" in prepared()
    assert signs_in("admin", shown)


@pytest.mark.usefixtures("alone")
def test_up_and_a_lone_command_get_no_login_of_it():
    assert prepared("--no-login") == ""
    assert not User.objects.exists()
    assert "The first login" not in prepared("--users", "--json")
    assert sorted(User.objects.values_list("username", flat=True)) == ["admin", "analyst", "viewer"]


def test_compose_lays_down_a_login_and_shows_it():
    """The service that runs before all others is the one that makes it: no option of it says otherwise."""
    lines = (prepare.settings.BASE_DIR / "docker-compose.yml").read_text().splitlines()
    (command,) = [line for line in lines if '"prepare"' in line]
    assert "--no-login" not in command
    assert "--users" not in command
