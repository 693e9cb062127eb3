"""The front door over a real socket: what it takes, what it refuses, and that 200 means committed."""

import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from channels import setup
from channels.models import Connector
from channels.protocol import MB
from channels.setup import Added
from tests.channels.conftest import Server, basic, inbox

TRACK = {"type": "track", "event": "Product Viewed", "userId": "u1", "properties": {"sku": "A1"}}


def test_a_single_call_is_on_disk_when_it_is_answered(web: Server, shop: Added) -> None:
    reply = web.post("/v1/track", TRACK, shop.key)
    assert (reply.status, reply.json) == (200, {"success": True})
    [(door, n, body)] = inbox(shop.connector.id)
    assert (door, n, json.loads(body)) == ("track", 1, TRACK)


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/v1/identify", "identify"),
        ("/v1/identify/", "identify"),
        ("/v1/t", "track"),
        ("/v1/i", "identify"),
        ("/v1/p", "page"),
        ("/v1/s", "screen"),
        ("/v1/g", "group"),
        ("/v1/a", "alias"),
        ("/v1/merge", "merge"),
        ("/api/s/track", "track"),
        ("/api/s/s2s/page", "page"),
        ("/api/s/event", "item"),
    ],
)
def test_each_path_of_the_clients_has_its_door(web: Server, shop: Added, path: str, door: str) -> None:
    assert web.post(path, TRACK, shop.key).status == 200
    assert [row[0] for row in inbox(shop.connector.id)] == [door]


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import", "/v1/b", "/beacon/v1/batch", "/v1/batch/"])
def test_a_batch_is_one_row_and_counts_its_items(web: Server, shop: Added, path: str) -> None:
    assert (
        web.post(path, {"batch": [TRACK, 7, TRACK], "sentAt": "2026-11-24T00:00:00Z"}, shop.key).status == 200
    )
    [(door, n, _body)] = inbox(shop.connector.id)
    assert (door, n) == ("batch", 3)


def test_records_come_in_by_their_own_door(web: Server, shop: Added) -> None:
    reply = web.post("/v1/records", {"records": [{"type": "product", "sku": "A1"}]}, shop.key)
    assert (reply.status, [row[:2] for row in inbox(shop.connector.id)]) == (200, [("records", 1)])


def test_the_key_is_looked_for_in_every_place(web: Server, shop: Added) -> None:
    key = shop.key
    replies = [
        web.ask("POST", "/v1/track", json.dumps(TRACK), authorization=basic(key)),
        web.ask("POST", "/v1/track", json.dumps(TRACK), authorization=basic(key, "")),
        web.ask("POST", "/v1/track", json.dumps(TRACK | {"writeKey": key}), authorization=basic("nobody")),
        web.ask("POST", f"/beacon/v1/batch?writeKey={key}", json.dumps({"batch": [TRACK]})),
        web.ask("POST", "/api/s/track", json.dumps(TRACK | {"writeKey": "***"}), x_write_key=f"{key}:secret"),
        web.ask("POST", "/v1/track", json.dumps(TRACK), authorization=f"Bearer {key}"),
    ]
    assert [reply.status for reply in replies] == [200] * 6
    assert len(inbox(shop.connector.id)) == 6


def test_an_unknown_key_is_401_with_a_code_and_a_message(web: Server, shop: Added) -> None:
    for headers in ({}, {"authorization": basic("nobody")}, {"authorization": "Basic !!!"}):
        reply = web.ask("POST", "/v1/track", json.dumps(TRACK), **headers)
        assert (reply.status, reply.code) == (401, "unknown_key")
        assert reply.json["message"]
    assert web.ask("POST", "/v1/track", json.dumps(TRACK | {"writeKey": "a\x00b"})).status == 401


def test_a_revoked_key_ends_and_a_rotated_connector_stays(web: Server, shop: Added) -> None:
    assert web.post("/v1/track", TRACK, shop.key).status == 200
    fresh = setup.rotate(shop.connector)
    assert web.post("/v1/track", TRACK, fresh).status == 200
    until = time.monotonic() + 10
    while web.post("/v1/track", TRACK, shop.key).status == 200:
        assert time.monotonic() < until
        time.sleep(0.5)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/track", b"", 400, "bad_json"),
        ("/v1/track", b"{", 400, "bad_json"),
        ("/v1/track", b"{} x", 400, "bad_json"),
        ("/v1/track", b"\x00\xff\x01", 400, "bad_json"),
        ("/v1/track", b"[1]", 400, "not_an_object"),
        ("/v1/track", b"null", 400, "not_an_object"),
        ("/v1/batch", b"7", 400, "not_an_object"),
        ("/v1/batch", b"{}", 400, "empty_batch"),
        ("/v1/batch", b'{"batch":[]}', 400, "empty_batch"),
        ("/v1/batch", b'{"batch":null}', 400, "empty_batch"),
        ("/v1/batch", b'{"batch":{"a":1}}', 400, "empty_batch"),
        ("/v1/records", b'{"batch":[1]}', 400, "empty_batch"),
        ("/v1/nothing", b"{}", 404, "not_found"),
        ("/v1/batch", b'{"batch":["' + b"x" * (5 * MB) + b'"]}', 413, "too_large"),
        ("/v1/batch", b" " * (20 * MB), 413, "too_large"),
    ],
)
def test_what_is_wrong_with_a_request(
    web: Server, shop: Added, path: str, body: bytes, status: int, code: str
) -> None:
    reply = web.post(path, body, shop.key)
    assert (reply.status, reply.code) == (status, code)
    assert inbox(shop.connector.id) == []


def test_a_wrong_method_is_405(web: Server, shop: Added) -> None:
    reply = web.ask("GET", "/v1/track")
    assert (reply.status, reply.code, reply.headers["allow"]) == (405, "not_allowed", "POST, OPTIONS")


def test_just_under_five_megabytes_is_taken(web: Server, shop: Added) -> None:
    body = b'{"batch":["' + b"x" * (5 * MB - 20) + b'"]}'
    assert web.post("/v1/batch", body, shop.key).status == 200
    assert web.post("/v1/batch", gzip.compress(body), shop.key, content_encoding="gzip").status == 200


def test_gzip_whatever_the_content_type_says(web: Server, shop: Added) -> None:
    packed = gzip.compress(json.dumps({"batch": [TRACK]}).encode())
    kind = "application/x-www-form-urlencoded"
    assert web.post("/v1/batch", packed, shop.key, content_encoding="gzip", content_type=kind).status == 200
    two = gzip.compress(b'{"batch":') + gzip.compress(b"[1]}")
    assert web.post("/v1/batch", two, shop.key, content_encoding="gzip").status == 200
    assert [row[1] for row in inbox(shop.connector.id)] == [1, 1]


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b'{"batch":[1]}')[:-4], "gzip", 415),
        (gzip.compress(b'{"batch":[1]}') + b"junk", "gzip", 415),
        (b'{"batch":[1]}', "gzip", 415),
        (b'{"batch":[1]}', "br", 415),
        (gzip.compress(b" " * (60 * MB)), "gzip", 413),
    ],
    ids=["cut", "trailing", "not gzip", "brotli", "bomb"],
)
def test_broken_compression(web: Server, shop: Added, body: bytes, encoding: str, status: int) -> None:
    assert web.post("/v1/batch", body, shop.key, content_encoding=encoding).status == status


HOSTILE = {
    "lone surrogate": rb'"\ud83d"',
    "low surrogate": rb'"a\udc00b"',
    "escaped backslash": rb'"\\ud83d"',
    "nul escape": rb'"\u0000"',
    "bad utf-8": b'"\xff\xfe"',
    "nan": b'{"total": NaN, "x": [Infinity, -Infinity]}',
    "huge number": b"1e400",
    "long integer": b"9" * 5000,
    "deep": b"[" * 5000 + b"]" * 5000,
    "deep objects": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "emoji": rb'"\ud83d\ude00 and \uD83D"',
}


@pytest.mark.parametrize("bad", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_item_costs_no_neighbour(web: Server, shop: Added, bad: bytes) -> None:
    good = json.dumps(TRACK).encode()
    reply = web.post("/v1/batch", b'{"batch":[' + good + b"," + bad + b"," + good + b"]}", shop.key)
    assert reply.status == 200
    [(_door, n, body)] = inbox(shop.connector.id)
    items = json.loads(body, parse_int=str)["batch"]
    assert (n, items[0], items[2]) == (3, TRACK, TRACK)


def test_utf_16_and_a_byte_order_mark(web: Server, shop: Added) -> None:
    assert web.post("/v1/track", json.dumps(TRACK).encode("utf-16"), shop.key).status == 200
    assert web.post("/v1/track", b"\xef\xbb\xbf" + json.dumps(TRACK).encode(), shop.key).status == 200


def test_a_preflight_echoes_what_is_asked(web: Server) -> None:
    asked = "authorization,content-type,rsa-retry-attempt,anonymousid"
    reply = web.ask(
        "OPTIONS",
        "/v1/t",
        origin="https://shop.example",
        access_control_request_method="POST",
        access_control_request_headers=asked,
    )
    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == "https://shop.example"
    assert reply.headers["access-control-allow-headers"] == asked
    assert int(reply.headers["access-control-max-age"]) >= 600


def test_every_answer_may_be_read_by_the_page(web: Server, shop: Added) -> None:
    for reply in (
        web.post("/v1/track", TRACK, shop.key, origin="https://shop.example"),
        web.post("/v1/track", TRACK, "nobody", origin="https://shop.example"),
        web.post("/v1/batch", b" " * (6 * MB), shop.key, origin="https://shop.example"),
    ):
        assert reply.headers["access-control-allow-origin"] == "https://shop.example"


def test_the_browser_clients_boot_from_their_documents(web: Server, shop: Added) -> None:
    reply = web.ask("GET", f"/v1/projects/{shop.key}/settings", origin="https://shop.example")
    segment = reply.json["integrations"]["Segment.io"]
    assert segment["apiKey"] == shop.key
    assert (segment["apiHost"], segment["protocol"]) == (f"127.0.0.1:{web.port}/v1", "http")
    assert web.ask("GET", "/v1/projects/nobody/settings").status == 404
    source = web.ask(
        "GET", f"/sourceConfig/?p=npm&v=3&writeKey={shop.key}", authorization=basic(shop.key)
    ).json
    assert source["source"]["writeKey"] == shop.key
    assert source["source"]["destinations"] == []


def test_a_pixel_is_a_message(web: Server, shop: Added) -> None:
    query = f"writeKey={shop.key}&anonymousId=a1&event=Email+Opened&properties.campaign=spring"
    reply = web.ask("GET", f"/pixel/v1/track?{query}")
    assert (reply.status, reply.headers["content-type"], reply.body[:3]) == (200, "image/gif", b"GIF")
    [(door, n, body)] = inbox(shop.connector.id)
    assert (door, n) == ("pixel", 1)
    assert json.loads(body) == {
        "type": "track",
        "anonymousId": "a1",
        "event": "Email Opened",
        "properties": {"campaign": "spring"},
    }


def test_a_webhook_and_the_odd_paths(web: Server, shop: Added) -> None:
    assert web.ask("POST", f"/v1/webhook?writeKey={shop.key}", '{"order": 7}').status == 200
    assert web.ask("GET", f"/v1/webhook?writeKey={shop.key}&order=7").status == 200
    assert [row[0] for row in inbox(shop.connector.id)] == ["webhook", "webhook"]
    assert web.ask("POST", "/v1/m", "{}").json == {"success": True}
    assert web.ask("GET", "/health").status == web.ask("GET", "/version").status == 200
    assert web.ask("GET", "/robots.txt").body.startswith(b"User-agent")
    assert web.ask("HEAD", "/health").body == b""


def test_a_limit_of_a_connector_answers_429_with_retry_after(web: Server, shop: Added) -> None:
    Connector.objects.filter(pk=shop.connector.pk).update(rate_limit=2)
    replies = [web.post("/v1/track", TRACK, shop.key) for _ in range(6)]
    late = [reply for reply in replies if reply.status == 429]
    assert replies[0].status == 200
    assert late
    assert all(reply.code == "too_many" and int(reply.headers["retry-after"]) >= 1 for reply in late)


def test_a_connector_switched_off_is_404(web: Server, shop: Added) -> None:
    Connector.objects.filter(pk=shop.connector.pk).update(enabled=False)
    assert web.post("/v1/track", TRACK, shop.key).status == 404


def test_half_sent_bodies_hold_nobody_up_and_end_with_408(web: Server, shop: Added) -> None:
    head = f"POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: {basic(shop.key)}\r\nContent-Length: 500\r\n\r\n{{"
    slow = [web.open() for _ in range(60)]
    for link in slow:
        link.sendall(head.encode())
    begin = time.monotonic()
    assert web.post("/v1/track", TRACK, shop.key).status == 200
    assert time.monotonic() - begin < 1
    answer = slow[0].recv(1000)
    assert b"408" in answer.split(b"\r\n")[0]
    assert b"too_slow" in answer
    for link in slow:
        link.close()


def test_a_chunked_body_is_read_whole(web: Server, shop: Added) -> None:
    body = json.dumps(TRACK).encode()
    with web.open() as link:
        link.sendall(
            f"POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: {basic(shop.key)}\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
        )
        for piece in (body[:10], body[10:]):
            link.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        link.sendall(b"0\r\n\r\n")
        assert b" 200 " in link.recv(1000)
    assert len(inbox(shop.connector.id)) == 1


def test_long_headers_are_refused(web: Server, shop: Added) -> None:
    assert web.ask("POST", "/v1/track", json.dumps(TRACK), x_long="a" * 40_000).status in {400, 431}


def test_many_senders_at_once_lose_nothing(web: Server, shop: Added) -> None:
    def send(number: int) -> int:
        return web.post("/v1/track", TRACK | {"messageId": f"m{number}"}, shop.key).status

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(send, range(400)))
    assert statuses == [200] * 400
    stored = {json.loads(row[2])["messageId"] for row in inbox(shop.connector.id)}
    assert stored == {f"m{number}" for number in range(400)}


def test_probes_and_pages_answer(web: Server, shop: Added) -> None:
    assert web.ask("GET", "/healthz").status == 200
    ready: Any = web.ask("GET", "/readyz")
    assert (ready.status, ready.json["migrations"], ready.json["broker"]) == (200, "done", "up")
    assert b"huiliu_inbox_open_requests" in web.ask("GET", "/metrics").body
    assert web.ask("GET", "/certainly/not/a/page/").status == 404
