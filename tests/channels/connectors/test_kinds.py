"""Every kind of connector is whole: on the list, with a delivery of its own, described; secrets are never read."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from channels import connectors
from channels.connect import connections, document
from channels.connectors.base import API, CATEGORIES, HOOK, ConnectorKind
from channels.models import Connector
from kernel.errors import BadRequest
from tests.channels.hooking import connector
from tests.shop import Shop

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
HOOKS = [kind for kind in connectors.KINDS.values() if kind.direction == HOOK]


def test_no_kind_is_forgotten_by_the_list() -> None:
    found = set()
    for module in pkgutil.iter_modules(connectors.__path__):
        named = vars(importlib.import_module(f"channels.connectors.{module.name}"))
        found |= {(module.name, one.name) for one in named.values() if isinstance(one, ConnectorKind)}
    forgotten = {module for module, name in found if name not in connectors.KINDS}
    assert not forgotten, f"channels/connectors/__init__.py does not list what stands in {forgotten}"


@pytest.mark.parametrize("kind", connectors.KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_says_what_an_admin_needs(kind: ConnectorKind) -> None:
    assert kind.category in CATEGORIES
    assert kind.guide.steps
    assert all(one["title"] != one["name"] for one in connections.fields(kind)), "each setting has a title"
    assert connections.checked(kind, {}) == connections.checked(kind, connections.checked(kind, {}))
    assert (kind.guide.source == "") == (kind.guide.read_on == "")


@pytest.mark.parametrize("kind", HOOKS, ids=lambda kind: kind.name)
def test_a_hook_has_a_delivery_to_be_tried_with(kind: ConnectorKind) -> None:
    assert list((SAMPLES / kind.name).glob("*")), f"tests/samples/{kind.name}/ holds no delivery"
    assert kind.messages is not None
    assert kind.verify is not None
    assert any(one.needed for one in kind.secrets)


def test_the_page_of_connectors_is_as_the_code_says() -> None:
    with translation.override("en"):
        assert Path("docs/connectors.md").read_text(encoding="utf-8") == document.text(), "make docs"


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"window": 5}, "Seconds a signature is good"),
        ({"window": "soon"}, "Seconds a signature is good"),
        ({"check": "magic"}, "Signature"),
        ({"header": "no header at all"}, "Header"),
        ({"nonsense": 1}, "nonsense"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused_by_their_title(said: dict[str, Any], where: str) -> None:
    with pytest.raises(BadRequest, match=where) as found:
        connections.checked(connectors.kind("webhook"), said)
    assert found.value.code == "bad_settings"


# ---- over the API -----------------------------------------------------------------------------------


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def test_the_api_lists_every_kind_with_its_form(shop: Shop) -> None:
    found = {one["kind"]: one for one in shop.get("/api/connector-kinds/")}
    assert list(found) == list(connectors.KINDS)
    assert found["webhook"]["settings_schema"]["properties"]["check"]["default"] == "hmac"
    assert [one["name"] for one in found["webhook"]["secrets"]] == ["secret"]
    assert found["http"]["direction"] == API


def test_a_connector_is_made_changed_tried_paused_over_the_api(shop: Shop) -> None:
    api = shop.api()
    asked = {
        "channel": "web-shop",
        "kind": "webhook",
        "name": "Payments",
        "settings": {"check": "token", "header": "X-Token"},
        "secrets": {"secret": "tell nobody"},
    }
    made = api.post("/api/connectors/", asked, format="json")
    assert made.status_code == 201, made.content
    one = made.json()
    assert one["hook_url"].endswith(f"/hooks/{one['connector']}/")
    assert (one["secrets_set"], one["settings"]["header"]) == (["secret"], "X-Token")
    address = f"/api/connectors/{one['connector']}/"
    changed = api.patch(
        address, {"settings": {"header": "X-Other"}, "secrets": {"secret": "new"}}, format="json"
    )
    assert (changed.status_code, changed.json()["settings"]["check"]) == (200, "token")
    tried = api.post(f"{address}test/").json()
    assert (tried["ok"], bool(tried["message"])) == (True, True)
    assert api.patch(address, {"secrets": {"secret": ""}}, format="json").json()["secrets_set"] == []
    assert api.post(f"{address}test/").json()["ok"] is False
    for act, state in (("pause", "paused"), ("resume", "ok")):
        assert api.post(f"{address}{act}/").json()["ok"] is True
        [listed] = [c for c in shop.get("/api/connectors/")["results"] if c["connector"] == one["connector"]]
        assert (listed["state"], listed["kind"], listed["hook_url"]) == (state, "webhook", one["hook_url"])
    assert api.post(f"{address}run/").status_code == 400
    assert api.post(f"{address}dance/").status_code == 404
    everything = b"".join(api.get(path).content for path in ("/api/connectors/", address))
    assert b"tell nobody" not in everything
    held = Connector.objects.get(uuid=one["connector"])
    assert "tell nobody" not in f"{held.settings}{held.secrets}"


def test_a_connector_with_a_write_key_is_told_it_once(shop: Shop) -> None:
    made = shop.api().post("/api/connectors/", {"channel": "web-shop", "kind": "http"}, format="json").json()
    assert (made["hook_url"], len(made["write_key"]) > 20) == (None, True)
    assert "write_key" not in shop.get(f"/api/connectors/{made['connector']}/")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"channel": "nowhere", "kind": "webhook"}, "unknown_channel"),
        ({"channel": "web-shop", "kind": "telepathy"}, "unknown_kind"),
        ({"channel": "web-shop", "kind": "webhook", "settings": {"window": 1}}, "bad_settings"),
        ({"channel": "web-shop", "kind": "webhook", "secrets": {"other": "x"}}, "unknown_secret"),
        ({"channel": "web-shop", "kind": "webhook", "secrets": {"secret": 7}}, "bad_secret"),
        ({"channel": "web-shop", "kind": "webhook", "settings": []}, "bad_request"),
        ({"channel": "web-shop", "kind": "webhook", "settings": "x"}, "bad_request"),
        ({"channel": "web-shop", "kind": "webhook", "colour": "red"}, "unknown_field"),
    ],
    ids=str,
)
def test_what_cannot_be_made_says_why_and_makes_nothing(shop: Shop, asked: dict[str, Any], code: str) -> None:
    before = Connector.objects.count()
    answer = shop.api().post("/api/connectors/", asked, format="json")
    if code == "bad_request" and asked["settings"] == []:
        assert answer.status_code == 201  # PHP's empty object
        return
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert Connector.objects.count() == before


def test_only_admins_may_and_only_in_their_workspace(shop: Shop) -> None:
    one = connector(shop, "webhook", {}, {"secret": "x"})
    address = f"/api/connectors/{one.uuid}/"
    for role in ("viewer", "analyst"):
        api = shop.api(role)
        assert (
            api.post("/api/connectors/", {"channel": "web-shop", "kind": "http"}, format="json").status_code
            == 403
        )
        assert api.patch(address, {"name": "x"}, format="json").status_code == 403
        assert api.post(f"{address}pause/").status_code == 403
        assert api.get("/api/connectors/").status_code == 200
    assert Shop().api().get(address).status_code == 404
