"""Connectors as an admin makes, changes and reads them on pages: every kind from its own form, without a developer."""

import html
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from channels import connectors
from channels.connect import connections
from channels.connect import setup as connecting
from channels.connectors.base import API
from channels.inbox import unsigned
from channels.models import Connector
from console.channel import connector_words
from kernel.models import Audit
from tests.channels.hooking import connector, deliver, signed
from tests.pages.test_numbers import person, text
from tests.shop import Shop, track

KEPT = "a-Secret-that-nobody-reads"
WEBHOOK = "/channels/web-shop/connectors/add/webhook/"
EVENT = {"type": "track", "event": "Store Visited", "userId": "u1", "properties": {"store": "Hubin"}}
KINDS = list(connectors.KINDS.values())


@pytest.fixture
def shop(db):
    return Shop()


def form(page, action):
    """A form's fields with their values, as a browser would send it."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert found, action
    fields = {}
    for tag in re.findall(r"<input\b[^>]*>", found[0]):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if said.get("type") == "checkbox" and not re.search(r"\bchecked\b", tag):
            continue
        if "name" in said and said["name"] != "csrfmiddlewaretoken":
            fields[said["name"]] = html.unescape(said.get("value", ""))
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', found[0], re.DOTALL):
        options = re.findall(r'<option value="([^"]*)"( selected)?', inside)
        fields[name] = next((value for value, selected in options if selected), options[0][0])
    for name, inside in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', found[0], re.DOTALL
    ):
        fields[name] = html.unescape(inside)
    return fields


def sample(spec):
    """Something that a setting without a default takes."""
    if spec["examples"]:
        return str(spec["examples"][0])
    return {"number": str(spec["least"] or 1), "choice": str((spec["choices"] or [""])[0])}.get(
        spec["type"], "x"
    )


def filled(kind, page, action):
    """The form with what it asks for, and every secret."""
    found = form(page, action)
    needed = {f"setting-{one['name']}": sample(one) for one in connections.fields(kind) if one["needed"]}
    return found | needed | {f"secret-{one.name}": f"{KEPT}-{one.name}" for one in kind.secrets}


def address(one, act=""):
    return f"/channels/{one.channel.slug}/connectors/{one.uuid}/{act}"


def state(answer):
    """The word on a connector."""
    return re.search(r'id="connector-state"[^>]*>([^<]*)<', answer.content.decode())[1].strip()


def posts(one, *messages, secret="s"):
    body = json.dumps(list(messages)).encode()
    return deliver(one, body, {"X-Signature": signed(body, secret)})


# ---- making one ------------------------------------------------------------------------------------


def test_every_kind_is_offered_with_which_way_its_data_comes(shop):
    client = person(shop)
    assert "/channels/web-shop/connectors/add/" in client.get("/channels/web-shop/").content.decode()
    page = client.get("/channels/web-shop/connectors/add/")
    said = text(page)
    for kind in KINDS:
        assert str(kind.label) in said
        assert html.escape(str(kind.about)) in page.content.decode()
        assert str(connector_words.WAYS[kind.direction][1]) in said
        assert f'href="/channels/web-shop/connectors/add/{kind.name}/"' in page.content.decode()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_connector_of_each_kind_is_made_of_its_form(shop, kind):
    client, where = person(shop), f"/channels/web-shop/connectors/add/{kind.name}/"
    page = client.get(where)
    for step in (*kind.guide.steps, *kind.guide.untold):
        assert html.escape(str(step)) in page.content.decode()
    if kind.guide.source:
        assert ("not verified against the platform" in text(page)) is not kind.guide.verified
    typed = filled(kind, page.content.decode(), where)
    answer = client.post(where, typed | {"name": "Mine"})
    assert answer.status_code == 302, text(answer)
    made = Connector.objects.get(workspace=shop.workspace, name="Mine")
    assert answer["Location"] == address(made)
    assert (made.kind, made.channel.slug) == (kind.name, "web-shop")
    assert set(made.settings[connections.OWN]) == {one["name"] for one in connections.fields(kind)}
    assert connecting.secrets_set(made) == sorted(one.name for one in kind.secrets)
    assert made.keys.count() == (1 if kind.direction == API else 0)
    note = Audit.objects.get(action="connector.add")
    assert (note.actor, note.target, note.detail["kind"]) == ("admin", str(made.uuid), kind.name)
    page = client.get(address(made)).content.decode()
    assert (f"http://testserver/hooks/{made.uuid}/" in page) is (kind.verify is not None)
    for place in (address(made), address(made, "now/"), "/channels/web-shop/", "/api/connectors/"):
        assert KEPT not in client.get(place).content.decode(), place
    assert KEPT not in json.dumps(list(Audit.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_the_page_shows_can_be_sent_again_and_changes_nothing(shop, kind):
    client, where = person(shop), f"/channels/web-shop/connectors/add/{kind.name}/"
    client.post(where, filled(kind, client.get(where).content.decode(), where) | {"name": "Mine"})
    made = Connector.objects.get(workspace=shop.workspace, name="Mine")
    client.get(address(made))  # it says that it was added
    again = form(client.get(address(made)).content.decode(), address(made, "set/"))
    client.post(address(made, "set/"), again)
    assert "Nothing was different." in text(client.get(address(made)))
    after = Connector.objects.get(pk=made.pk)
    assert (after.settings, connecting.secrets_set(after)) == (made.settings, connecting.secrets_set(made))
    assert not Audit.objects.filter(action="connector.change").exists()


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("setting-window", "5", "A number from 10 to 86,400."),
        ("setting-window", "soon", "A number from 10 to 86,400."),
        ("setting-window", "1e400", "A number from 10 to 86,400."),
        ("setting-digest", "md5", "Choose one of these: sha1, sha256, sha512."),
        ("setting-header", "X Signature", "look for spaces and odd signs"),
        ("name", "n" * 121, "A name needs 1 to 120 characters."),
        ("secret-secret", KEPT * 1_000, "A secret is a text of at most 20,000 characters."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(shop, field, typed, said):
    client = person(shop)
    sent = form(client.get(WEBHOOK).content.decode(), WEBHOOK)
    sent |= {"setting-time_header": "X-Time", "secret-secret": KEPT, field: typed}
    answer = client.post(WEBHOOK, sent)
    page = answer.content.decode()
    assert said in html.unescape(re.search(rf'id="{field}-hint"[^>]*>(.*?)</div>', page, re.DOTALL)[1])
    assert page.count('aria-invalid="true"') == 1
    assert form(page, WEBHOOK)["setting-time_header"] == "X-Time"
    if field.startswith("setting-") and field != "setting-digest":
        assert form(page, WEBHOOK)[field] == typed
    assert KEPT not in page
    assert "enter them once more" in text(answer)
    assert not Connector.objects.filter(workspace=shop.workspace, kind="webhook").exists()
    assert not Audit.objects.filter(action="connector.add").exists()


def test_a_kind_that_there_is_not_has_no_form(shop):
    assert person(shop).get("/channels/web-shop/connectors/add/telepathy/").status_code == 404


# ---- its page --------------------------------------------------------------------------------------


def test_settings_and_secrets_are_changed_and_noted(shop):
    client, one = person(shop), connector(shop, "webhook", {}, {"secret": "first"})
    sent = form(client.get(address(one)).content.decode(), address(one, "set/"))
    assert sent["secret-secret"] == ""
    client.post(address(one, "set/"), sent | {"name": "Tills", "setting-digest": "sha512"})
    one.refresh_from_db()
    assert (one.name, one.settings["own"]["digest"]) == ("Tills", "sha512")
    assert connections.unsealed(str(one.uuid), one.secrets) == {"secret": "first"}
    note = Audit.objects.get(action="connector.change")
    assert note.detail["changed"] == {"name": ["webhook", "Tills"], "digest": ["sha256", "sha512"]}
    client.post(
        address(one, "set/"), sent | {"name": "Tills", "secret-secret": KEPT, "setting-digest": "sha512"}
    )
    one.refresh_from_db()
    assert connections.unsealed(str(one.uuid), one.secrets) == {"secret": KEPT}
    assert Audit.objects.filter(action="connector.change").latest("id").detail["changed"] == {
        "secret": "changed"
    }
    page = client.get(address(one))
    assert KEPT not in page.content.decode()
    assert "Secret set" in text(page)
    client.post(
        address(one, "set/"), form(page.content.decode(), address(one, "set/")) | {"forget-secret": "yes"}
    )
    assert connecting.secrets_set(Connector.objects.get(pk=one.pk)) == []
    assert "Secret not set" in text(client.get(address(one)))


def test_a_wrong_change_is_said_on_the_page_and_nothing_is_saved(shop):
    client, one = person(shop), connector(shop, "webhook", {}, {"secret": KEPT})
    sent = form(client.get(address(one)).content.decode(), address(one, "set/"))
    answer = client.post(
        address(one, "set/"), sent | {"setting-window": "0", "name": "Tills", "secret-secret": "new"}
    )
    assert "A number from 10 to 86,400." in text(answer)
    assert form(answer.content.decode(), address(one, "set/"))["name"] == "Tills"
    before = (one.name, one.settings, one.secrets)
    one.refresh_from_db()
    assert (one.name, one.settings, one.secrets) == before


def test_it_is_paused_resumed_and_tested_each_noted(shop):
    client, one = person(shop), connector(shop, "webhook")
    assert client.post(address(one, "pause/"))["Location"] == address(one)
    said = text(client.get(address(one)))
    assert "This connector is paused" in said
    assert "paused" in text(client.get("/channels/web-shop/"))
    assert Connector.objects.get(pk=one.pk).enabled is False
    client.post(address(one, "resume/"))
    assert Connector.objects.get(pk=one.pk).enabled is True
    client.post(address(one, "test/"))
    assert "The secret is not set yet." in text(client.get(address(one)))
    connecting.change(one, secrets={"secret": "x"})
    client.post(address(one, "test/"))
    assert "Have the platform send a test" in text(client.get(address(one)))
    notes = Audit.objects.filter(target=str(one.uuid)).order_by("id")
    assert [(note.action, note.detail["ok"]) for note in notes] == [
        ("connector.pause", True),
        ("connector.resume", True),
        ("connector.test", False),
        ("connector.test", True),
    ]


def test_what_came_is_shown_with_what_became_of_it(shop):
    client, one = person(shop), connector(shop, "webhook", {}, {"secret": "s"})
    assert "Waiting for the first delivery" in text(client.get(address(one)))
    posts(one, {**EVENT, "messageId": "m1"}, {**EVENT, "messageId": "m2"})
    assert "waiting × 2" in text(client.get(address(one)))
    shop.drains()
    page = client.get(address(one))
    assert "stored × 2" in text(page)
    assert "and 1 more" in text(page)
    assert f"/events/m1/?connector={one.uuid}" in page.content.decode()
    assert state(page) == "healthy"
    posts(one, {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "b"})
    posts(one)
    shop.drains()
    page = client.get(address(one))
    assert "nothing to keep" in text(page)
    assert "Field missing" in text(page)
    assert state(page) == "rejecting"
    opened = re.search(r'href="(/rejects/\?[^"]*open=[^"]*)"', page.content.decode())[1]
    assert "Order Completed" in text(client.get(html.unescape(opened)))
    shop.sends(track("Signed In", "u9"))
    both, alone = (
        client.get(f"/live/stream/{asked}").content.decode() for asked in ("", f"?connector={one.uuid}")
    )
    assert ("Store+Visited" in both, "Signed+In" in both) == (True, True)
    assert ("Store+Visited" in alone, "Signed+In" in alone) == (True, False)


def test_an_open_page_is_told_what_is_new_and_nothing_else(shop):
    client, one = person(shop), connector(shop, "webhook", {}, {"secret": "s"})
    piece = client.get(address(one, "now/")).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', piece)[1]
    nothing = client.get(address(one, "now/"), {"seen": seen})
    assert (nothing.status_code, nothing.content) == (204, b"")
    posts(one, {**EVENT, "messageId": "m1"})
    shop.drains()
    piece = client.get(address(one, "now/"), {"seen": seen})
    assert f"/events/m1/?connector={one.uuid}" in piece.content.decode()
    assert (state(piece), "hx-swap-oob" in piece.content.decode()) == ("healthy", True)


@pytest.mark.parametrize("code", [*connector_words.REFUSALS, "a_code_of_its_own"])
def test_refused_deliveries_are_told_with_why_and_what_to_do(shop, code):
    client, one = person(shop), connector(shop, "webhook")
    unsigned.keep(connection, Counter({(shop.workspace.pk, one.pk, code): 1_234}))
    said = text(client.get(address(one)))
    assert "1,234 deliveries were refused for their signature in 7 days" in said
    words = connector_words.REFUSALS.get(code, ("a_code_of_its_own", "Compare the settings and secrets"))
    assert html.escape(str(words[0])) in said
    assert html.escape(str(words[1])) in said
    assert "Failing: every delivery so far" in said
    assert "failing" in text(client.get("/channels/web-shop/"))


def test_what_is_taken_again_is_failing_no_more(shop):
    client, one = person(shop), connector(shop, "webhook", {}, {"secret": "s"})
    posts(one, {**EVENT, "messageId": "m1"})
    shop.drains()
    ago = datetime.now(UTC) - timedelta(hours=2)
    with connection.cursor() as cursor:
        cursor.execute("update channels_minute set minute = %s where connector_id = %s", [ago, one.pk])
    unsigned.keep(connection, Counter({(shop.workspace.pk, one.pk, "bad_signature"): 1}))
    page = client.get(address(one))
    assert "Failing: since" in text(page)
    assert state(page) == "failing"
    posts(one, {**EVENT, "messageId": "m2"})
    shop.drains()
    page = client.get(address(one))
    assert state(page) == "healthy"
    assert "1 delivery was refused for its signature" in text(page)


def test_one_that_a_newer_version_made_is_shown_without_a_form(shop):
    client, one = person(shop), connector(shop, "webhook", {}, {"secret": "s"})
    Connector.objects.filter(pk=one.pk).update(kind="from_tomorrow")
    said = text(client.get(address(one)))
    assert "A newer version made this connector" in said
    assert "from_tomorrow" in text(client.get("/channels/web-shop/"))
    assert address(one, "set/") not in client.get(address(one)).content.decode()
    for act in ("set/", "test/"):
        answer = client.post(address(one, act), {"name": "x"})
        assert answer.status_code == 400, act
    assert client.post(address(one, "pause/")).status_code == 302


# ---- a connector with write keys -------------------------------------------------------------------


def test_keys_limit_and_what_alias_means(shop):
    client, one = person(shop), shop.connectors["web-shop"]
    page = client.get(address(one)).content.decode()
    assert shop.key in page
    assert "/hooks/" not in page
    client.post(address(one, "key/"), {"what": "rotate"})
    [fresh] = one.keys.filter(revoked_at=None)
    assert fresh.key != shop.key
    assert client.post(address(one, "key/"), {"what": "shout"}).status_code == 400
    client.post(address(one, "limit/"), {"limit": "50"})
    sent = form(client.get(address(one)).content.decode(), address(one, "set/"))
    assert "accounts" not in sent
    client.post(address(one, "set/"), sent | {"name": "Tills", "accounts": "yes"})
    one.refresh_from_db()
    assert (one.name, one.rate_limit, one.settings["previous_id"]) == ("Tills", 50, "user_id")
    sent = form(client.get(address(one)).content.decode(), address(one, "set/"))
    assert sent.pop("accounts") == "yes"
    client.post(address(one, "set/"), sent)
    one.refresh_from_db()
    assert "previous_id" not in one.settings
    assert one.rate_limit == 50
    client.post(address(one, "key/"), {"what": "revoke", "key": fresh.pk})
    assert "No active key" in text(client.get(address(one)))
    assert "Code to send with" in text(client.get(address(one)))


# ---- who may -----------------------------------------------------------------------------------------


ACTS = ("set/", "test/", "pause/", "resume/", "key/", "limit/")


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_others_see_state_and_guide_and_change_nothing(shop, role):
    one = connector(shop, "webhook", {"header": "X-Not-Yours"}, {"secret": KEPT})
    client = person(shop, role)
    page = client.get(address(one))
    said = text(page)
    assert "Waiting for the first delivery" in said
    assert "Have it send a test" in said
    raw = page.content.decode()
    for hidden in (f"/hooks/{one.uuid}", "secret-secret", "X-Not-Yours", address(one, "set/"), KEPT):
        assert hidden not in raw, hidden
    assert shop.key not in client.get(address(shop.connectors["web-shop"])).content.decode()
    assert "connectors/add/" not in client.get("/channels/web-shop/").content.decode()
    for place in ("/channels/web-shop/connectors/add/", WEBHOOK):
        assert client.get(place).status_code == 403
    assert client.post(WEBHOOK, {"name": "x"}).status_code == 403
    for act in ACTS:
        assert (
            client.post(address(one, act), {"name": "x", "what": "rotate", "limit": "1"}).status_code == 403
        )
    one.refresh_from_db()
    assert (one.name, one.enabled, one.rate_limit) == ("webhook", True, None)


def test_another_workspaces_connector_is_none_of_ours(shop):
    other = Shop()
    one = connector(other, "webhook")
    client = person(shop)
    assert client.get(address(one)).status_code == 404
    for act in ACTS:
        assert client.post(address(one, act), {"what": "add"}).status_code == 404
    assert client.get(address(one, "now/")).status_code == 404
    elsewhere = address(one).replace("web-shop", "store")
    assert person_of(other).get(elsewhere).status_code == 404


def person_of(shop):
    """Another workspace's admin."""
    from django.test import Client

    from kernel.models import Member

    shop.api()
    client = Client()
    client.force_login(Member.objects.get(workspace=shop.workspace).user)
    return client


def test_what_changes_takes_no_get(shop):
    client, one = person(shop), connector(shop, "webhook")
    for act in ACTS:
        assert client.get(address(one, act)).status_code == 405, act
