"""Requests as they are promised, from outside: paths, keys, codes, sizes, browsers, limits."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from channels import setup
from channels.models import Connector
from channels.protocol import MB
from tests.channels.conftest import basic
from tests.channels.outside import Outside, iso, seen

LIST = ("identify", "track", "page", "screen", "group", "alias")

# ---- the request ----------------------------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/"])
def test_every_path_makes_the_event_it_names(out: Outside, slash: str) -> None:
    more = {"event": "Seen", "groupId": "g", "previousId": "p", "userId": "u1"}
    for kind in LIST:
        assert out.sends(f"/v1/{kind}{slash}", more | {"type": "track", "messageId": kind}).status == 200
        assert out.sends(f"/v1/{kind[0]}{slash}", more | {"messageId": f"short {kind}"}).status == 200
    for path in ("batch", "import", "b"):
        assert out.sends(f"/v1/{path}{slash}", {"batch": [seen(messageId=path)]}).status == 200
    assert {event["message_id"]: event["type"] for event in out.events()} == (
        {kind: kind for kind in LIST}
        | {f"short {kind}": kind for kind in LIST}
        | dict.fromkeys(("batch", "import", "b"), "track")
    )
    assert out.rejects() == []


def test_errors_are_json_with_code_and_message_whatever_the_method(out: Outside) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD"):
        for path in ("/v1/track", "/v1/batch/", "/v1/records", "/beacon/v1/batch", "/v1/t"):
            reply = out.web.ask(method, path, authorization=basic(out.key))
            assert (reply.status, reply.headers["content-type"]) == (405, "application/json"), (method, path)
            if method != "HEAD":
                assert (reply.code, bool(reply.json["message"])) == ("not_allowed", True)
    for path in ("/v1", "/v1/", "/v1/nothing", "/v1/track/more", "/pixel/v1/nothing", "/v1//track"):
        reply = out.web.post(path, seen(), out.key)
        assert (reply.status, reply.code, bool(reply.json["message"])) == (404, "not_found", True), path
    assert out.web.ask("POST", "/pixel/v1/track", "{}").status == 405
    assert out.web.ask("POST", f"/v1/projects/{out.key}/settings", "{}").status == 405


def test_a_request_may_have_exactly_five_megabytes_packed_or_not(out: Outside) -> None:
    start, end = b'{"batch":[' + json.dumps(seen()).encode() + b'],"pad":"', b'"}'
    exact = start + b"x" * (5 * MB - len(start) - len(end)) + end
    for body, status in ((exact, 200), (exact + b" ", 413)):
        assert out.web.post("/v1/batch", body, out.key).status == status
        packed = out.web.post("/v1/batch", gzip.compress(body), out.key, content_encoding="gzip")
        assert packed.status == status
        assert status == 200 or packed.code == "too_large"
    out.shop.drains()
    assert len(out.events()) == 2


def test_cookies_origins_and_content_types_play_no_part(out: Outside) -> None:
    for number, kind in enumerate(
        (
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "image/png",
            "",
        )
    ):
        reply = out.web.post(
            "/v1/track",
            seen(messageId=str(number)),
            out.key,
            content_type=kind,
            cookie="sessionid=x; csrftoken=y",
            origin="https://elsewhere.example",
            referer="https://elsewhere.example/",
        )
        assert (reply.status, reply.headers.get("set-cookie")) == (200, None)
    out.shop.drains()
    assert len(out.events()) == 5


def test_each_place_of_a_key_is_tried_until_one_holds_a_known_key(out: Outside) -> None:
    body, key = json.dumps(seen()), out.key
    for path, text, headers in (
        ("/v1/track", body, {"authorization": basic(key, ":password")}),
        ("/v1/track", body, {"authorization": "basic " + basic(key).partition(" ")[2]}),
        (f"/v1/track?writeKey={key}", body, {"authorization": basic("other")}),
        (f"/v1/track?writeKey={key}", json.dumps(seen(writeKey="***")), {"x-write-key": "other:secret"}),
        ("/v1/track?writeKey=other", body, {"x-write-key": key}),
        ("/v1/track", json.dumps(seen(writeKey=key)), {"x-write-key": "other", "authorization": "Basic"}),
        ("/v1/track", json.dumps(seen(writeKey=None)), {"authorization": f"Bearer {key}"}),
        ("/v1/track", json.dumps(seen(writeKey=7)), {"x-write-key": f"{key}:secret"}),
        ("/v1/batch", json.dumps({"batch": [seen()], "writeKey": key}), {}),
    ):
        named = {name.replace("-", "_"): value for name, value in headers.items()}
        assert out.web.ask("POST", path, text, **named).status == 200, (path, headers)
    for path in ("/v1/track", "/v1/track?writeKey=other", "/pixel/v1/page?writeKey=other&userId=u1"):
        reply = out.web.ask("GET" if "pixel" in path else "POST", path, None if "pixel" in path else body)
        assert (reply.status, reply.code) == (401, "unknown_key")
    out.shop.drains()
    assert len(out.events()) == 9


def test_a_write_key_reads_nothing(out: Outside) -> None:
    for header in (basic(out.key), f"Token {out.key}", f"Bearer {out.key}"):
        assert out.web.ask("GET", "/api/events/", authorization=header).status in {401, 403}
    assert out.web.ask("GET", f"/api/profiles/?writeKey={out.key}").status in {401, 403}


def test_beacon_and_pixel_make_events(out: Outside) -> None:
    batch = json.dumps(
        {"batch": [seen(messageId="b1"), seen(messageId="b2")], "sentAt": iso(datetime.now(UTC))}
    )
    reply = out.web.ask("POST", f"/beacon/v1/batch/?writeKey={out.key}", batch, content_type="text/plain")
    assert reply.status == 200
    query = (
        f"writeKey={out.key}&anonymousId=a1&event=Email%20Opened&properties.campaign=%E6%98%A5&messageId=p1"
    )
    assert out.web.ask("GET", f"/pixel/v1/track?{query}").body.startswith(b"GIF89a")
    assert (
        out.web.ask("GET", f"/pixel/v1/page/?writeKey={out.key}&userId=u1&name=Home&messageId=p2").status
        == 200
    )
    out.shop.drains()
    stored = {event["message_id"]: event for event in out.events()}
    assert set(stored) == {"b1", "b2", "p1", "p2"}
    assert (stored["p1"]["name"], stored["p1"]["properties"]) == ("Email Opened", {"campaign": "春"})
    assert (stored["p2"]["type"], stored["p2"]["name"]) == ("page", "Home")


def test_the_settings_documents_may_be_read_by_any_page(out: Outside) -> None:
    for path in (f"/v1/projects/{out.key}/settings", f"/v1/projects/{out.key}/settings/"):
        reply = out.web.ask("GET", path, origin="https://shop.example")
        assert (reply.status, reply.headers["access-control-allow-origin"]) == (200, "https://shop.example")
        assert reply.json["integrations"]["Segment.io"]["apiKey"] == out.key
    for path in ("/sourceConfig", "/sourceConfig/"):
        asked = out.web.ask(
            "OPTIONS", path, origin="https://shop.example", access_control_request_headers="authorization"
        )
        assert (asked.status, asked.headers["access-control-allow-headers"]) == (200, "authorization")
        reply = out.web.ask("GET", f"{path}?writeKey={out.key}", origin="https://shop.example")
        assert reply.json["source"]["enabled"] is True
        assert out.web.ask("GET", path, authorization=basic("other")).status == 401


# ---- limits ---------------------------------------------------------------------------------------


def test_a_limit_says_when_to_come_again_and_other_connectors_do_not_feel_it(out: Outside) -> None:
    second = setup.add_connector(out.shop.connectors["web-shop"].channel)
    Connector.objects.filter(pk=second.connector.pk).update(rate_limit=1)
    replies = [out.web.post("/v1/track", seen(), second.key) for _ in range(5)]
    refused = [reply for reply in replies if reply.status != 200]
    assert refused
    for reply in refused:
        assert (reply.status, reply.code, int(reply.headers["retry-after"]) >= 1) == (429, "too_many", True)
    assert out.web.post("/v1/track", seen(), out.key).status == 200


def test_a_preflight_is_answered_on_every_path_of_the_clients(out: Outside) -> None:
    for path in ("/v1/track", "/v1/t/", "/v1/batch", "/v1/b", "/v1/m", "/beacon/v1/batch", "/v1/records"):
        reply = out.web.ask(
            "OPTIONS",
            path,
            origin="null",
            access_control_request_method="POST",
            access_control_request_headers="Authorization,X-Anything",
        )
        assert reply.status == 200
        assert reply.headers["access-control-allow-origin"] == "null"
        assert reply.headers["access-control-allow-headers"] == "Authorization,X-Anything"
        assert "POST" in reply.headers["access-control-allow-methods"]
