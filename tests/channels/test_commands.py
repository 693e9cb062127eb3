"""The commands print what contracts.md 7 says."""

import io
import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from channels import setup
from channels.models import Channel, Connector, WriteKey
from kernel.models import ApiToken, Member, Workspace
from kernel.web import access

pytestmark = pytest.mark.django_db


def said(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def told(*words: str) -> Any:
    return json.loads(said(*words))


def test_workspace_add_prints_its_slug() -> None:
    assert told("workspace", "add", "North Shops")["workspace"] == "north-shops"
    assert told("workspace", "add", "North Shops")["workspace"] == "north-shops-2"
    made = told("workspace", "add", "汇流", "--timezone", "Europe/Berlin", "--currency", "eur")
    found = Workspace.objects.get(slug=made["workspace"])
    assert (found.name, found.timezone, found.currency) == ("汇流", "Europe/Berlin", "EUR")


@pytest.mark.parametrize("wrong", [("--timezone", "Mars/Olympus"), ("--currency", "EURO")])
def test_workspace_add_says_what_is_wrong(wrong: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="use"):
        said("workspace", "add", "X", *wrong)


def test_channel_add_prints_channel_connector_and_key() -> None:
    made = told("channel", "add", "Web shop", "--kind", "web")
    assert made["channel"] == "web-shop"
    connector = Connector.objects.get(uuid=uuid.UUID(made["connector"]))
    assert WriteKey.objects.get(key=made["write_key"]).connector == connector
    channel = Channel.objects.get(slug="web-shop")
    assert (channel.workspace.slug, channel.currency, channel.timezone) == ("main", "CNY", "Asia/Shanghai")
    assert (
        told("channel", "add", "天猫", "--kind", "marketplace", "--currency", "USD")["channel"]
        == "marketplace"
    )
    with pytest.raises(CommandError):
        said("channel", "add", "X", "--kind", "web", "--workspace", "nowhere")


def test_connector_add_and_channel_list() -> None:
    first = told("channel", "add", "App", "--kind", "app")
    second = told("connector", "add", "app")
    assert second["write_key"] != first["write_key"]
    [listed] = [json.loads(line) for line in said("channel", "list").splitlines()]
    assert listed["channel"] == "app"
    assert listed["connectors"] == [first["connector"], second["connector"]]
    with pytest.raises(CommandError, match="no channel"):
        said("connector", "add", "nothing")


def test_token_prints_the_token_alone_and_makes_the_user() -> None:
    token = said("token", "lin", "--role", "viewer").strip()
    kept = ApiToken.objects.get(digest=access.digest(token))
    assert (kept.role, kept.workspace.slug, kept.user.username) == ("viewer", "main", "lin")
    assert not User.objects.get(username="lin").has_usable_password()
    assert Member.objects.get(user__username="lin").role == "viewer"
    assert token not in ApiToken.objects.values_list("digest", "prefix").first()


def test_rotating_a_key_keeps_the_connector() -> None:
    added = setup.add_channel(setup.workspace(), "Shop", "web")
    fresh = setup.rotate(added.connector)
    assert [key.key for key in setup.keys(added.connector)] == [fresh]
    assert WriteKey.objects.get(key=added.key).revoked_at is not None
