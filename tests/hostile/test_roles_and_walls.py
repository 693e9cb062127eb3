"""A viewer finds no contact data anywhere, changes nothing; another workspace's ids open nothing.

Seeded in every field a sender can fill, looked for at every address a visitor can reach. Not here: masking itself.
"""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from channels.models import Channel, WriteKey
from kernel.models import ApiToken, Audit
from tests.hostile import routing
from tests.hostile.crawl import UUIDS, Crawler, plain
from tests.shop import Shop, identify, order, track

PHONE, MAIL = "13917654321", "secret.person@raw-contact.cn"
FORMS = (PHONE, "+86" + PHONE, "139-1765-4321", "+86 139 1765 4321", "86-" + PHONE)
SAID = f"call 139 1765 4321, tel:+86{PHONE} or write to <{MAIL}>, {MAIL.upper()}; wx-{PHONE}, id_{PHONE}"
ADDRESS = f"https://hemu.cn/?email={MAIL.replace('@', '%40')}&tel=%2B86{PHONE}&t={PHONE}&x=a%3D{PHONE}#{MAIL}"
MARK = "behind-the-wall"


def seeded() -> Shop:
    """Contact data wherever a sender can put it."""
    shop = Shop()
    deep = {
        "contacts": [{"phone": PHONE, "deeper": [{"note": SAID, PHONE: MAIL, MAIL: 1}]}],
        "numeric": int(PHONE),
    }
    context = {
        "page": {"url": ADDRESS, "referrer": ADDRESS},
        "traits": {"phone": PHONE, "email": MAIL},
        "said": SAID,
    }
    everything: dict[str, Any] = {"phone": PHONE, "email": MAIL, "note": SAID, "deep": deep, "mobile": PHONE}
    shop.sends(
        identify("u1", name=f"Lin {PHONE}", city=SAID, **everything) | {"context": context},
        *(identify("u1", phone=form) for form in FORMS),
        identify("u2", phone=PHONE, email=MAIL),
        *(identify(f"shared-{n}", email=MAIL, phone=PHONE) for n in range(6)),
        identify(MAIL, name=MAIL),
        identify("u3", name=f"Lin{PHONE}"),
        identify("u4", name="林" + "".join(chr(ord(sign) + 0xFEE0) for sign in PHONE)),
        track(f"Called {PHONE} {MAIL}", MAIL, **everything) | {"context": context},
        track("Product Viewed", "u1", anonymous=PHONE, message_id=f"id-{MAIL}", name=SAID, url=ADDRESS),
        track("Product Viewed", "u1", message_id=PHONE, identifiers=[
            {"kind": "line", "value": MAIL}, {"kind": "phone", "value": PHONE}, {"kind": "wechat", "value": PHONE}]),
        {"type": "page", "name": ADDRESS, "userId": "u1", "properties": {"url": ADDRESS, "title": SAID}},
        {"type": "group", "groupId": MAIL, "userId": "u1", "traits": everything},
        {"type": "alias", "previousId": PHONE, "userId": "u1"},
        {"type": "alias", "previousId": MAIL, "userId": "u9"},
        order(f"o-{PHONE}", "10", "u1", store=SAID, coupon=SAID, products=[
            {"sku": "S", "name": SAID, "category": SAID, "price": "1", "quantity": 1}]),
        order("o2", "20", MAIL, recipient=SAID, address=SAID),
        track("Order Refunded", "u1", order_id="o2", total="1", reason=SAID),
        track("Return Received", "u1", order_id="o2", store=SAID),
        track("Feedback Given", "u1", score=5, text=SAID, about=SAID),
        track("Ticket Opened", "u1", ticket_id=MAIL, topic=SAID),
        track("Campaign Touched", "u1", campaign=SAID, source=MAIL, medium=PHONE),
        track("Order Completed", "u1", message_id=f"bad-{PHONE}", said=SAID, **everything),
        track("Order Completed", MAIL, order_id=PHONE, total=SAID),
        {"type": "track", "event": "", "userId": MAIL, "properties": everything},
        {"type": SAID, "userId": MAIL},
        track("Order Completed", "u1", order_id="o3", total="5", currency=MAIL, order_channel=PHONE),
        track("Product Viewed", "u1", at=f"{PHONE}, {MAIL}"),
    )  # fmt: skip
    shop.sends_raw('{"batch":[{"type":"track","userId":"' + MAIL + '","x":"' + SAID + '"', 1)
    escaped = '"m":"secret.person\\u0040raw-contact.cn"'
    shop.sends_raw(
        '{"type":"track","event":"E","userId":"u1","properties":{' + escaped + "}}", 1, door="track"
    )
    shop.records({"type": "price", "sku": "S", "price": MAIL}, {"type": "product", "sku": "S", "name": "Sock"},
                 {"type": "spend", "amount": MAIL, "campaign": SAID, "date": "2026-03-01"})  # fmt: skip
    return shop


def leaks(text: str) -> list[str]:
    """Contact data found in an answer, with what stands around it."""
    read = plain(text)
    return [
        read[max(0, found.start() - 150) : found.end() + 60]
        for found in re.finditer(f"{PHONE}|{re.escape(MAIL)}", read)
    ]


def test_a_viewer_finds_no_contact_data(db: None) -> None:
    seen = Crawler(seeded(), "viewer").goes()
    found = {address: leaks(text)[:2] for address, (_status, text) in seen.items() if leaks(text)}
    assert found == {}
    assert sum(status == 200 for status, _text in seen.values()) > 60
    assert any("/life/" in address and status == 200 for address, (status, _text) in seen.items())
    reached = {
        re.sub(r"[0-9a-f-]{36}", "*", address.partition("?")[0])
        for address, (status, _) in seen.items()
        if status == 200
    }
    assert {"/customers/*/", "/rejects/*/", "/api/profiles/*/joins/"} <= reached


def test_an_analyst_sees_it_so_the_crawler_can(db: None) -> None:
    analyst = Crawler(seeded(), "analyst")
    for address in (
        "/api/events/",
        "/api/rejects/",
        "/api/profiles/",
        "/api/metrics/refunds/rows/",
        "/live/",
        "/customers/",
    ):
        assert leaks(analyst.get(address)[1]), address


# ---- walls ------------------------------------------------------------------------------------------


def behind() -> Shop:
    """A workspace whose every text carries a mark."""
    shop = Shop(MARK)
    shop.channel(f"{MARK} kiosk", "store")
    shop.sends(
        identify(f"{MARK}-u1", name=f"{MARK} Lin", phone=PHONE),
        identify(f"{MARK}-u2", name=f"{MARK} Wang", phone=PHONE),
        track(f"{MARK} event", f"{MARK}-u1", message_id=f"{MARK}-m"),
        order(f"{MARK}-o", "10", f"{MARK}-u1", products=[{"sku": MARK, "price": "1", "quantity": 1}]),
        track("Order Completed", f"{MARK}-u1", message_id=f"{MARK}-bad"),
        to=f"{MARK}-kiosk",
    )
    shop.records({"type": "product", "sku": MARK, "name": MARK}, to=f"{MARK}-kiosk")
    return shop


@pytest.fixture
def two(db: None) -> tuple[Shop, Shop]:
    """Ours with the same kinds of things in it, and theirs."""
    ours = Shop()
    ours.sends(
        identify("u1", name="Lin", phone=PHONE), order("o1", "5", "u1"), track("Order Completed", "u1")
    )
    return ours, behind()


def test_another_workspaces_addresses_show_nothing(two: tuple[Shop, Shop]) -> None:
    ours, theirs = two
    there = Crawler(theirs, "admin").goes(3)
    marked = [address for address, (status, text) in there.items() if status == 200 and MARK in text]
    assert len(marked) > 30
    us = Crawler(ours, "admin")
    for address in there:
        status, text = us.get(address)
        for typed in re.findall(rf"{MARK}[\w-]*", address):
            text = text.replace(typed, "")  # what we typed may be said back to us
        assert MARK not in text, address
        if address in marked and (
            UUIDS.search(address.partition("?")[0]) or MARK in address.partition("?")[0]
        ):
            assert status in (400, 404), (address, status)


def test_another_workspaces_ids_cannot_be_acted_on(two: tuple[Shop, Shop]) -> None:
    ours, theirs = two
    us, here = ours.api(), Crawler(ours, "admin").pages
    them = [one["id"] for one in theirs.get("/api/profiles/")["results"]]
    mine = ours.get("/api/profiles/")["results"][0]["id"]
    reject = theirs.get("/api/rejects/")["results"][0]
    connector = theirs.connectors[f"{MARK}-kiosk"]
    there = f"/channels/{connector.channel.slug}/connectors/"
    before = theirs.get(f"/api/profiles/{them[0]}/"), WriteKey.objects.filter(connector=connector).count()
    pair = {
        "a": {"kind": "user_id", "value": f"{MARK}-u1"},
        "b": {"kind": "phone", "value": PHONE},
        "reason": "x",
    }
    for path, body in (
        (f"/api/profiles/{them[0]}/merge/", {"other": them[1], "reason": "x"}),
        (f"/api/profiles/{mine}/merge/", {"other": them[0], "reason": "x"}),
        (f"/api/profiles/{them[0]}/merge/", {"other": mine, "reason": "x"}),
        (f"/api/profiles/{them[0]}/split/", pair),
        (f"/api/profiles/{mine}/split/", pair),
        ("/api/rejects/replay/", {"all": True, "connector": str(connector.uuid)}),
    ):
        assert us.post(path, body, format="json").status_code in (400, 404), path
    said = us.post("/api/rejects/replay/", {"ids": [reject["id"]]}, format="json")
    assert said.status_code in (400, 404) or said.json()["replayed"] == 0
    for path, form in (
        (f"/rejects/{reject['id']}/mend/", {"raw": '{"type":"track","event":"x","userId":"x"}'}),
        ("/rejects/replay/", {"ids": reject["id"]}),
        (f"{there}{connector.uuid}/key/", {"what": "rotate"}),
        (f"{there}{connector.uuid}/key/", {"what": "revoke", "key": "1"}),
        (f"{there}{connector.uuid}/set/", {"name": "x"}),
        (f"{there}{connector.uuid}/pause/", {}),
        (f"/channels/web-shop/connectors/{connector.uuid}/pause/", {}),
        (f"{there}add/http/", {"name": "x"}),
        ("/preferences/workspace/", {"workspace": theirs.workspace.slug}),
    ):
        answer = here.post(path, form)
        assert answer.status_code in (302, 400, 404), path
        assert MARK not in answer.content.decode().replace(theirs.workspace.slug, ""), path
    theirs.drains()
    assert (
        theirs.get(f"/api/profiles/{them[0]}/"),
        WriteKey.objects.filter(connector=connector).count(),
    ) == before
    assert theirs.get(f"/api/rejects/?connector={connector.uuid}")["results"][0]["state"] == "open"


# ---- roles ------------------------------------------------------------------------------------------

FREE = ("/signin/", "/signout/", "/preferences/language/", "/preferences/theme/", "/preferences/workspace/")
BY_LINK = ("/invitation/<str:key>/<str:token>/",)  # 404 for who has none (tests/kernel/people)
OF_ONE = "/channels/<slug:slug>/connectors/<uuid:key>/"
ADMINS = (
    "/channels/add/",
    "/channels/<slug:slug>/connectors/add/<slug:name>/",
    *(OF_ONE + act for act in ("set/", "test/", "pause/", "resume/", "restart/", "key/", "limit/")),
    "/workspace/",
    "/workspace/set/",
    "/workspace/members/invite/",
    *(f"/workspace/members/<int:number>/{act}" for act in ("", "role/", "link/", "remove/")),
    "/workspace/audit/",
)
NOBODYS = 10**9
OWN = ("/account/password/", "/workspace/tokens/make/")  # forms of everybody: 422 for what cannot be


def _parts(shop: Shop, place: routing.Route) -> dict[str, Any]:
    connector = shop.connectors["web-shop"]
    reject = shop.get("/api/rejects/")["results"][0]["id"]
    profile = shop.get("/api/profiles/")["results"][0]["id"]
    key = reject if "reject" in place.pattern else profile
    if "/connectors/" in place.pattern and not place.is_api:
        key = str(connector.uuid)
    return {
        "key": key,
        "slug": "web-shop",
        # A token's is nobody's: his own he may revoke, and could do nothing more.
        "number": NOBODYS if "tokens" in place.pattern else connector.pk,
        "note": 1,
        "name": "http" if "/connectors/" in place.pattern else "gmv",
        "message_id": "m1",
        "position": 0,
        "act": "send",
    }


def _writes(role: str, shop: Shop) -> dict[str, int]:
    """A POST to every route, as this role: pattern -> status."""
    crawler = Crawler(shop, role)
    found = {}
    for place in routing.routes():
        if place.pattern in FREE:
            continue
        parts = {name: _parts(shop, place).get(name, "x") for name in place.parts}
        client = crawler.api if place.is_api else crawler.pages
        body = {"all": True, "reason": "x", "what": "rotate", "name": "New", "kind": "web", "raw": "{}"}
        more = {"format": "json"} if place.is_api else {}
        found[place.pattern] = client.post(routing.filled(place, parts), body, **more).status_code
    return found


@pytest.fixture
def shop(db: None) -> Shop:
    found = Shop()
    found.sends(
        identify("u1", name="Lin", phone=PHONE), track("Order Completed", "u1"), order("o1", "1", "u1")
    )
    return found


def test_a_viewer_can_change_nothing(shop: Shop) -> None:
    # A viewer may take a list, masked, and a token of his own that reaches no further.
    notes = Audit.objects.exclude(action__in=("export", "token.make", "contact.look"))
    rows = notes.count(), Channel.objects.count(), WriteKey.objects.count()
    for pattern, status in _writes("viewer", shop).items():
        reading = status in (200, 302, 400, 404, 503) and not pattern.startswith(
            "/api/"
        )  # a page that takes no notice of a form; 503: what it reads is not made yet
        own = (pattern == "/api/tokens/" and status in (201, 400)) or (pattern in OWN and status == 422)
        assert reading or own or status in (403, 405), (pattern, status)
    assert set(ApiToken.objects.filter(user__username__startswith="viewer").values_list("role")) == {
        ("viewer",)
    }
    assert (notes.count(), Channel.objects.count(), WriteKey.objects.count()) == rows
    assert {item["state"] for item in shop.get("/api/rejects/")["results"]} == {"open"}


def test_an_analyst_cannot_do_what_admins_do(shop: Shop) -> None:
    said = _writes("analyst", shop)
    assert {said[pattern] for pattern in ADMINS} == {403}
    assert said["/api/rejects/replay/"] not in (403, 405)


def test_a_viewer_sees_no_write_keys(shop: Shop) -> None:
    for address, (_status, text) in Crawler(shop, "viewer").goes(1).items():
        assert shop.key not in text, address
    assert shop.key not in Crawler(shop, "analyst").get("/channels/web-shop/")[1]
    assert shop.key in Crawler(shop, "admin").get("/channels/web-shop/")[1]


def test_a_stranger_gets_nothing(shop: Shop) -> None:
    client = Client()
    for place in routing.routes():
        if place.pattern in (*FREE, *BY_LINK, "/api/schema/", "/api/docs/"):
            continue
        path = routing.filled(
            place, {name: _parts(shop, place).get(name, uuid.uuid4()) for name in place.parts}
        )
        for method in ("get", "post"):
            answer = getattr(client, method)(path)
            assert answer.status_code in (302, 401, 403, 405), (path, method, answer.status_code)
            assert "Lin" not in answer.content.decode(), path


def test_a_token_holds_only_for_its_workspace_and_role(two: tuple[Shop, Shop]) -> None:
    ours, theirs = two
    client = ours.api("viewer")
    for header in (
        "Token",
        "Token ",
        "Token x",
        "Token \xe9",
        "Token " + "x" * 5_000,
        "Token \x00",
        "Basic Og==",
    ):
        assert Client().get("/api/profiles/", HTTP_AUTHORIZATION=header).status_code == 401, header
    names = [one["name"] for one in client.get("/api/profiles/").json()["results"]]
    assert names == ["Lin"]
    assert theirs.workspace.name not in client.get("/api/channels/").content.decode()
