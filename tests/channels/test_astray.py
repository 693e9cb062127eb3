"""Senders at the wrong address: other dialects, clients that know only the host, forms without a token, broken calls.

Over HTTP to the real web server, and through Django where its settings are at stake. Not here: broken bytes on the
wire (tests/hostile/test_transfer.py).
"""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from channels import protocol
from channels.setup import Added
from tests.channels.conftest import Reply, Server
from tests.shop import Shop

SHOP = "https://shop.example"
EVENT = json.dumps({"event": "Seen", "userId": "u1"})
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
# (method, path, what it is), as their own clients send them.
DIALECTS = (
    ("POST", "/", "only the host"),
    ("POST", "/?writeKey=k", "only the host"),
    ("POST", "/track", "the host without /v1"),
    ("POST", "/batch", "the host without /v1"),
    ("POST", "/v1/v1/batch/", "/v1 twice"),
    ("POST", "/api/track", "an older server"),
    ("POST", "/com.snowplowanalytics.snowplow/tp2", "Snowplow"),
    ("GET", "/i?e=pv&p=web&tv=js-3.1&url=https%3A%2F%2Fshop.example%2F", "Snowplow"),
    ("POST", "/g/collect?v=2&tid=G-1&en=page_view", "GA4"),
    ("POST", "/mp/collect?measurement_id=G-1&api_secret=s", "GA4, by servers"),
    ("POST", "/debug/mp/collect", "GA4, by servers"),
    ("POST", "/collect", "Universal Analytics"),
    ("GET", "/matomo.php?idsite=1&rec=1", "Matomo"),
    ("POST", "/matomo.php", "Matomo"),
    ("POST", "/capture/", "PostHog"),
    ("POST", "/e/?ip=1&ver=1.2", "PostHog"),
    ("POST", "/i/v0/e/", "PostHog"),
    ("POST", "/decide/?v=3", "PostHog"),
    ("POST", "/flags/?v=2", "PostHog"),
    ("POST", "/batch/", "PostHog"),
    ("GET", "/array/phc_1/config.js", "PostHog"),
    ("POST", "/track/?verbose=1", "Mixpanel"),
    ("POST", "/engage", "Mixpanel"),
    ("POST", "/groups", "Mixpanel"),
    ("POST", "/import?strict=1", "Mixpanel"),
    ("POST", "/2/httpapi", "Amplitude"),
    ("POST", "/identify", "Amplitude"),
    ("GET", "/analytics.js/v1/k/analytics.min.js", "Segment's CDN"),
    ("GET", "/next-integrations/integrations/vendor.js", "Segment's CDN"),
    ("POST", "/api/event", "Plausible"),
    ("POST", "/api/send", "Umami"),
    ("POST", "/api/v1/s2s/event", "Jitsu"),
    ("POST", "/api/2/envelope/", "Sentry"),
    ("POST", "/events", "a path that a page has"),
    ("POST", "/events/", "a path that a page has"),
    ("POST", "/signin/", "a path that a form has"),
    ("POST", "/hooks/00000000-0000-0000-0000-000000000000/", "a hook that is not there"),
    ("PUT", "/track", "another method"),
    ("DELETE", "/customers/", "another method"),
    ("PATCH", "/", "another method"),
    ("BREW", "/pot", "no method"),
)


def told(reply: Reply) -> None:
    """An answer that a program can read, on any page, and that says where events go."""
    assert reply.status in {404, 405}, reply
    assert reply.headers["content-type"] == "application/json", reply.headers
    assert reply.headers["access-control-allow-origin"] == SHOP
    assert reply.code == {404: "not_found", 405: "not_allowed"}[reply.status]
    assert "/v1/track" in reply.json["message"]
    assert "/v1/batch" in reply.json["message"]
    assert len(reply.body) < 1_000
    assert reply.status == 404 or reply.headers["allow"].endswith("OPTIONS")


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_a_sender_of_another_dialect_reads_what_is_wrong(web: Server, kind: str) -> None:
    for method, path, _whose in DIALECTS:
        body = None if method == "GET" else EVENT
        reply = web.ask(method, path, body, origin=SHOP, accept="*/*", content_type=kind)
        told(reply)
        assert path.startswith("/api/") or set(protocol.SHOWN) == set(reply.json["paths"])
    java = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"  # what HttpURLConnection accepts unasked
    for path in ("/", "/capture/", "/track", "/matomo.php"):
        told(web.ask("POST", path, EVENT, origin=SHOP, accept=java, content_type=kind))
    reply = web.ask("GET", "/i?x=%00&%00=1", accept="*/*", content_type=kind)
    assert (reply.status, reply.code, reply.headers["access-control-allow-origin"]) == (
        400,
        "bad_request",
        "*",
    )


def test_the_paths_that_are_told_are_there_and_the_nearest_is_named(web: Server, shop: Added) -> None:
    paths = web.ask("POST", "/capture/", EVENT).json["paths"]
    assert {"/v1/track", "/v1/batch", "/v1/records", "/beacon/v1/batch", "/pixel/v1/page"} <= set(paths)
    for path in paths:
        reply = web.ask("GET" if "pixel" in path else "POST", f"{path}?writeKey={shop.key}&userId=u", EVENT)
        assert reply.status == 200 or reply.code == "empty_batch", (path, reply)
    for path, meant in (("/track", "/v1/track"), ("/x/batch/", "/v1/batch"), ("/v1/v1/page", "/v1/page")):
        assert f"Did you mean {meant}?" in web.ask("POST", path, EVENT).json["message"]
    for path in ("/i", "/capture/", "/v1/nothing"):
        assert "mean" not in web.ask("POST", path, EVENT).json["message"]


def test_large_and_packed_bodies_at_the_wrong_address_are_read_before_the_answer(web: Server) -> None:
    link = web.ask("POST", "/2/httpapi", b"x" * 4_000_000, origin=SHOP)
    told(link)
    assert web.ask("POST", "/2/httpapi", b"x" * 6_000_000, origin=SHOP).status == 413


def test_a_preflight_lets_a_page_ask_and_see_the_answer(web: Server) -> None:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "x-a,content-type"}
    pages = ("/", "/events/")
    for path in (*pages, "/capture/", "/com.snowplowanalytics.snowplow/tp2", "/api/event", "/api", "/v1/x"):
        reply = web.ask("OPTIONS", path, origin=SHOP, **asked)
        assert (reply.status, reply.body) == (200, b"")
        assert reply.headers["access-control-allow-headers"] == "x-a,content-type"
        assert "POST" in reply.headers["access-control-allow-methods"]
        if path in pages:  # our own are asked from elsewhere without cookies only
            assert reply.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in reply.headers
        else:
            assert reply.headers["access-control-allow-origin"] == SHOP
            assert reply.headers["access-control-allow-credentials"] == "true"


def test_a_head_has_the_status_and_no_body(web: Server) -> None:
    for path in ("/i", "/capture/", "/v1/nothing", "/api/nothing/"):
        reply = web.ask("HEAD", path, accept="*/*", origin=SHOP)
        assert (reply.status, reply.body) == (404, b"")
        assert reply.headers["content-type"] == "application/json"
        assert reply.headers["access-control-allow-origin"] == SHOP


def test_a_person_who_goes_to_a_wrong_address_sees_a_page(web: Server) -> None:
    for path in ("/nothing-here/", "/i?e=pv", "/capture/"):
        reply = web.ask("GET", path, accept=HTML)
        assert (reply.status, b"<html" in reply.body) == (404, True)
        assert reply.headers["content-type"].startswith("text/html")
    reply = web.ask("GET", "/nothing-here/", hx_request="true", accept="*/*")
    assert (reply.status, b"<html" in reply.body) == (404, True)
    form = {"accept": HTML, "content_type": "application/x-www-form-urlencoded"}
    reply = web.ask("POST", "/signin/", "username=a&password=b", **form)  # cookies are off
    assert (reply.status, b"<html" in reply.body) == (403, True)


def test_forms_and_scripts_with_a_session_go_on_to_their_page(
    web: Server, transactional_db: None, shop: Added
) -> None:
    User.objects.create_user("lin", password="a long password")
    form = web.ask("GET", "/signin/", accept="*/*")
    cookie = form.headers["set-cookie"].partition(";")[0]
    token = form.body.partition(b'csrfmiddlewaretoken" value="')[2][:64].decode()
    words = f"username=lin&password=a+long+password&csrfmiddlewaretoken={token}"
    kind = "application/x-www-form-urlencoded"
    reply = web.ask("POST", "/signin/", words, cookie=cookie, content_type=kind, accept="*/*")
    assert (reply.status, reply.headers["location"]) == (302, "/")
    for path in (
        "/signin/",
        "/signout/",
        "/channels/add/",
    ):  # a cookie and no token: 403, to each in their form
        for accept, html in (("*/*", False), (HTML, True)):
            reply = web.ask("POST", path, "a=b", cookie=cookie, content_type=kind, accept=accept)
            assert (reply.status, b"<html" in reply.body) == (403, html)
            assert html or (reply.code, "/v1/track" in reply.json["message"]) == ("no_token", True)


# ---- the read API's errors ------------------------------------------------------------------------


ACCEPTED = (None, "application/json", "text/html", HTML, "image/png", "", "x", "*/*;q=x")


def test_every_error_under_api_is_json_whatever_is_accepted(db: None) -> None:
    api: Any = Shop().api()
    for accept in ACCEPTED:
        in_json(api, {} if accept is None else {"HTTP_ACCEPT": accept})


def in_json(api: Any, more: dict[str, str]) -> None:
    """Each kind of error, with these headers."""
    many = "&".join(f"channel={number}" for number in range(1_100))
    cases = (
        ("get", "/api/nothing/", 404),
        ("get", "/api/", 404),
        ("post", "/api/nothing/", 404),
        ("get", "/api/profiles/none/", 404),
        ("post", "/api/events/", 405),
        ("delete", "/api/profiles/", 405),
        ("get", "/api/rejects/replay/", 405),
        ("get", "/api/events/?nothing=1", 400),
        ("get", "/api/events/?properties.%00=x", 400),
        ("get", "/api/events/?%00=x", 400),
        ("get", "/api/events/?properties.=x", 400),
        ("get", f"/api/events/?properties.{'k' * 3_000}=x", 400),
        ("get", f"/api/events/?{'k' * 60_000}=x", 400),
        ("get", f"/api/events/?{many}", 400),
        ("get", f"/api/events/?{many[:6_000]}", 400),
        ("get", "/api/profiles/none/?nothing=1", 400),
        ("get", "/api/profiles/?format=xml", 404),
    )
    for method, path, status in cases:
        answer = getattr(api, method)(path, **more)
        assert answer.status_code == status, (method, path[:60], answer.content[:200])
        assert answer["content-type"] == "application/json"
        assert set(answer.json()) == {"code", "message"}, (method, path[:60])
    for path in ("/api/docs/", "/api/schema/"):  # these have forms of their own, and errors in ours
        answer = api.post(path, **more)
        assert (answer.status_code in {405, 406}, set(answer.json())) == (True, {"code", "message"})
    assert api.get("/api/events/?limit=1", **more).status_code == 200
    assert Client().get("/api/events/", **more).json()["code"] == "not_authenticated"
    answer = Client().get("/api/events/", headers={"host": "evil.test"}, **more)
    assert (answer.status_code, set(answer.json())) == (400, {"code", "message"})


@pytest.mark.parametrize(
    "key", ["a.b", 'a"b', "a'b", "%s", "%(w)s", "$.a[0]", "{a,b}", "a]", "\\", "é", "٣", " "]
)
def test_a_property_may_have_any_name(db: None, key: str) -> None:
    shop = Shop()
    shop.sends({"type": "track", "event": "Seen", "userId": "u1", "properties": {key: "x"}})
    assert len(shop.get("/api/events/", **{f"properties.{key}": "x"})["results"]) == 1
    assert shop.get("/api/events/", **{f"properties.{key}": "y"})["results"] == []
    assert shop.get("/api/events/", **{f"properties.{key} ": "x"})["results"] == []


def test_what_breaks_is_told_in_json_to_programs(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from profiles import queries

    def breaks(*_given: Any, **_more: Any) -> None:
        raise ZeroDivisionError("as if")

    monkeypatch.setattr(queries, "find", breaks)
    api: Any = Shop().api()
    api.raise_request_exception = False
    for accept in ("application/json", "text/html"):
        answer = api.get("/api/profiles/", HTTP_ACCEPT=accept)
        assert (answer.status_code, answer["content-type"]) == (500, "application/json")
        assert answer.json()["code"] == "internal_error"
        assert "ZeroDivision" not in answer.json()["message"]


def test_a_cookie_with_a_nul_in_it_is_as_if_it_had_not_come(db: None) -> None:
    client = Client(raise_request_exception=False)
    for name in ("sessionid", "csrftoken", "language", "theme", "messages"):
        given = {"HTTP_COOKIE": f'{name}="abcdefghij\\000klmnop"; other=1'}
        assert client.get("/signin/", **given).status_code == 200, name
        assert client.get("/", **given).status_code == 302, name
        assert client.get("/api/events/", **given).status_code == 401, name
