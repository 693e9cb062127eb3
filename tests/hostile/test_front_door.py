"""Whatever bytes come to the front door: 2xx or 4xx, no memory kept, and the good messages beside them are stored.

Over a real socket to the real web server; then the real pipeline works what was taken. Not here: the read side.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels import setup
from tests.channels.conftest import Server, basic, start, stop
from tests.hostile import payloads
from tests.hostile.wire import Wire, memory

LONG, SHORT = 10_000, 700  # generated requests
GROWTH_MB = 60  # of the web server, over all of them
UNTIL_WARM = 100


@pytest.fixture(scope="module")
def door(django_db_setup: None) -> Iterator[Server]:
    """A web server for this file alone, so that its memory is ours."""
    import os

    from django.conf import settings as product

    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + product.DATABASES["default"]["NAME"]
    server = start(os.environ | {"DATABASE_URL": url})
    yield server
    stop(server)


@pytest.fixture
def made(transactional_db: None) -> Iterator[setup.Added]:
    """A connector; all that came through it is taken away afterwards."""
    from tests.live import empty

    workspace = setup.add_workspace("Fortress", currency="CNY", timezone="Asia/Shanghai")
    yield setup.add_channel(workspace, "Web shop", "web")
    empty()


class Sender:
    """Sends hostile requests and remembers the good messages among those that were taken."""

    def __init__(self, server: Server, key: str) -> None:
        self.wire, self.pid = Wire(server.port), server.process.pid
        self.auth = (b"Authorization", basic(key).encode())
        self.sent = self.taken = 0
        self.good: list[str] = []
        self.warm = 0

    def send(
        self, method: str, path: bytes, headers: list[tuple[bytes, bytes]], body: bytes | None = None
    ) -> int:
        """One request; anything but 2xx and 4xx is a failure, silence too."""
        said = self.wire.send(method, path, headers, body)
        assert 200 <= said.status < 300 or 400 <= said.status < 500, (
            said,
            method,
            path,
            headers,
            (body or b"")[:500],
        )
        self.sent += 1
        if self.sent == UNTIL_WARM:
            self.warm = memory(self.pid)
        return said.status

    def batch(self, hostile: list[str], shared: str, form: str, door: str) -> None:
        """Hostile items between two good ones."""
        names = [f"good-{len(self.good) + place}" for place in range(2)]
        if door == "records":
            good = [f'{{"type":"product","sku":"{name}"}}' for name in names]
        else:
            good = [
                f'{{"type":"track","event":"Good","userId":"{name}","messageId":"{name}"}}' for name in names
            ]
        items = ",".join([good[0], *hostile, good[1]])
        text = f'{{"{door}":[{items}]{shared}}}'
        body, headers = payloads.wrapped(form, text.encode("utf-8", payloads.SURROGATES))
        status = self.send("POST", f"/v1/{door}".encode(), [self.auth, *headers], body)
        if status == 200 and form in payloads.HARMLESS:
            self.good += names
        self.taken += status == 200


shared = st.one_of(
    st.just(""),
    payloads.values.map(lambda value: f',"context":{value}'),
    payloads.scalars.map(lambda value: f',"sentAt":{value}'),
    payloads.values.map(lambda value: f',"\\u0000":{value},"batch\\u0000":1'),
)


def generated(count: int, **strategies: Any) -> Any:
    """`given`, so many times, without a clock."""
    usual = settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: usual(given(**strategies)(test))


def much(request: pytest.FixtureRequest, share: float) -> int:
    """How many of the generated requests are a test's."""
    return int((LONG if request.config.getoption("--long") else SHORT) * share)


def all_stored(sender: Sender, made: setup.Added) -> None:
    """The pipeline took everything, and every good neighbour is there."""
    from django.db import connection

    from cdp.pipeline import batches
    from kernel.db import rows

    batches.drain()
    workspace = made.connector.workspace_id
    left = rows(connection, "select count(*) from channels_inbox_open")
    assert left[0][0] == 0
    stored = {
        row[0]
        for row in rows(
            connection, "select message_id from profiles_event where workspace_id = %(w)s", w=workspace
        )
    } | {
        row[0]
        for row in rows(connection, "select sku from metrics_product where workspace_id = %(w)s", w=workspace)
    }
    assert [name for name in sender.good if name not in stored] == []
    assert memory(sender.pid) - (sender.warm or 10_000) < GROWTH_MB


def test_batches_of_hostile_items_harm_no_neighbour(
    door: Server, made: setup.Added, request: pytest.FixtureRequest
) -> None:
    sender = Sender(door, made.key)

    @generated(
        much(request, 0.5),
        hostile=st.lists(payloads.items, min_size=1, max_size=4),
        shared=shared,
        form=st.one_of(st.just("plain"), st.sampled_from(payloads.FORMS)),
    )
    def attack(hostile: list[str], shared: str, form: str) -> None:
        sender.batch(hostile, shared, form, "batch")

    attack()
    assert sender.taken > sender.sent * 0.3
    all_stored(sender, made)


def test_hostile_records_harm_no_neighbour(
    door: Server, made: setup.Added, request: pytest.FixtureRequest
) -> None:
    sender = Sender(door, made.key)

    @generated(much(request, 0.2), hostile=st.lists(payloads.records, min_size=1, max_size=4))
    def attack(hostile: list[str]) -> None:
        sender.batch(hostile, "", "plain", "records")

    attack()
    assert sender.taken > sender.sent * 0.3
    all_stored(sender, made)


SINGLES = (
    "/v1/track",
    "/v1/identify/",
    "/v1/alias",
    "/v1/group",
    "/v1/webhook",
    "/api/s/event",
    "/v1/merge",
    "/v1/page",
)


def test_single_calls_and_what_is_no_json(
    door: Server, made: setup.Added, request: pytest.FixtureRequest
) -> None:
    sender = Sender(door, made.key)

    @generated(
        much(request, 0.2),
        text=st.one_of(payloads.messages, payloads.broken),
        path=st.sampled_from((*SINGLES, "/v1/batch", "/v1/records")),
        form=st.sampled_from(("plain", *payloads.FORMS)),
    )
    def attack(text: str, path: str, form: str) -> None:
        body, headers = payloads.wrapped(form, text.encode("utf-8", payloads.SURROGATES))
        sender.send("POST", path.encode(), [sender.auth, *headers], body)

    attack()
    all_stored(sender, made)


visible = st.binary(max_size=30).map(lambda raw: bytes(b for b in raw if b > 32 and b != 127) or b"x")
PATHS = (
    b"/v1/batch", b"/v1/track/", b"/v1/projects/%00/settings", b"/v1/projects/%ff%fe/settings", b"/pixel/v1/track",
    b"/sourceConfig", b"/v1/%2e%2e/healthz", b"//v1//batch", b"/v1/batch%00", b"/v1/" + b"a" * 5_000, b"/api/s/%00",
    b"/healthz", b"/readyz", b"/metrics", b"/", b"/api/profiles/", b"/%", b"/%zz", b"/static/%00", b"/static/../../x",
    b"/customers/%00/", b"/v1/webhook", b"/hooks/none/", b"*", b"/api/events/%ff/life/", b"/signin/",
)  # fmt: skip
QUERIES = (
    b"", b"?writeKey=%00", b"?writeKey=%ff", b"?data=%7B", b"?" + b"a=b&" * 2_000, b"?writeKey[]=1", b"?%00=%00",
    b"?next=%0d%0aSet-Cookie:x", b"?" + b"properties." * 50 + b"x=1", b"?userId=%ED%A0%BD&event=x", b"?cursor=%00",
)  # fmt: skip
HEADERS = (
    b"Host", b"Authorization", b"Cookie", b"Content-Type", b"Origin", b"Referer", b"X-Forwarded-For",
    b"X-Forwarded-Proto", b"Accept-Language", b"Accept-Encoding", b"X-Write-Key", b"Content-Encoding", b"Range",
    b"Access-Control-Request-Headers", b"HX-Request", b"If-Modified-Since", b"If-None-Match", b"X-CSRFToken",
)  # fmt: skip
HEADER_VALUES = (
    b"", b"Basic " + b"A" * 4_000, b"Basic \xff\xfe", b"Basic AAAA====", b"Basic gIGCg4Q6", b"Token \xe4\xbd\xa0",
    b"Token", b"Bearer \xff", b"evil.test", b"evil.test:99999", b"[::1", b"localhost:0", b"a" * 3_000, b"\xe4\xbd\xa0",
    b"sessionid=\xff; csrftoken=\xfe", b"language=../../etc", b"text/html; charset=nothing",
    b"application/json;charset=\xff",
    b"multipart/form-data; boundary=", b"bytes=0-99999999999", b"gzip, gzip, br", b"xx-\xff;q=a", b"*;q=1e999",
    b"Thu, 99 Foo 0000 00:00:00 GMT", b"null", b"http://evil.test\x01", b"*",
)  # fmt: skip


def test_strange_methods_paths_and_headers(
    door: Server, made: setup.Added, request: pytest.FixtureRequest
) -> None:
    sender = Sender(door, made.key)

    @generated(
        much(request, 0.3),
        method=st.sampled_from(
            ("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "BREW", "get")
        ),
        path=st.sampled_from(PATHS),
        query=st.one_of(st.sampled_from(QUERIES), visible.map(lambda raw: b"?" + raw.replace(b"#", b""))),
        headers=st.lists(
            st.tuples(st.sampled_from(HEADERS), st.one_of(st.sampled_from(HEADER_VALUES), visible)),
            max_size=4,
        ),
        body=st.sampled_from(
            (None, b"", b"{}", b"\x00", b'{"writeKey":"\\u0000"}', b"a=b&c=%00", b"{" * 5_000)
        ),
    )
    def attack(
        method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes | None
    ) -> None:
        said = sender.wire.send(method, path + query, headers, body)
        assert said.status < 500 or (path == b"/readyz" and said.status == 503), (
            said,
            method,
            path,
            query,
            headers,
        )

    attack()
    assert sender.wire.send("GET", b"/healthz", []).status == 200


def test_what_is_too_much_is_refused_and_forgotten(door: Server, made: setup.Added) -> None:
    sender = Sender(door, made.key)
    before = memory(sender.pid)
    big = b'{"type":"track","userId":"u","event":"' + b"x" * (6 << 20) + b'"}'
    for _round in range(5):
        for form in ("plain", "gzip", "bomb"):
            body, headers = payloads.wrapped(form, big)
            assert sender.send("POST", b"/v1/track", [sender.auth, *headers], body) == 413
    bombs = b'{"batch":[' + b"[" * 2_000_000
    many = b'{"batch":[' + b"{}," * 1_200_000 + b"{}]}"
    assert sender.send("POST", b"/v1/batch", [sender.auth], bombs) == 400
    assert sender.send("POST", b"/v1/batch", [sender.auth], many) == 413
    assert sender.send("POST", b"/v1/track", [(b"Cookie", b"a" * 40_000)], b"{}") == 431
    good = {"type": "track", "event": "Good", "userId": "u", "messageId": "good-after-all"}
    assert sender.send("POST", b"/v1/track", [sender.auth], json.dumps(good).encode()) == 200
    sender.good, sender.warm = ["good-after-all"], before
    all_stored(sender, made)
