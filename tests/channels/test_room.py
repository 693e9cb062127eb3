"""Too little room is 503 before PostgreSQL runs into it; bodies are mended without loss; long answers go in pieces."""

import asyncio
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from cdp.serve.bridge import Bridge
from channels import readable
from channels.inbox.writer import CapacityGuard
from channels.receive import HEAD
from kernel.errors import TryAgain

PLENTY = 10**9  # MB


def test_a_nearly_full_disk_is_refused_early(tmp_path: Path) -> None:
    CapacityGuard(tmp_path, free_mb=0).check(None)
    with pytest.raises(TryAgain, match="disk"):
        CapacityGuard(tmp_path, free_mb=PLENTY).check(None)


@pytest.mark.django_db
def test_an_inbox_over_its_size_is_refused() -> None:
    CapacityGuard(None, 0, inbox_mb=PLENTY).check(connection)
    small = CapacityGuard(None, 0, inbox_mb=1)
    small._inbox = 1
    with pytest.raises(TryAgain, match="inbox"):
        small.check(connection)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_what_any_client_writes_is_read(value: Any) -> None:
    text, _head = readable.read(json.dumps({"batch": value}).encode(), HEAD)
    msgspec.json.decode(text)


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(body: bytes) -> None:
    with suppress(readable.Unreadable, readable.NotAnObject):
        text, _head = readable.read(body, HEAD)
        assert isinstance(json.loads(text), dict)


@given(st.lists(st.sampled_from(['"', "\\", "\\ud83d", "\\ude00", "[", "]", "{", "}", "NaN", ",", ":", "a"])))
def test_no_nearly_json_does_harm(parts: list[str]) -> None:
    with suppress(readable.Unreadable, readable.NotAnObject):
        readable.read(('{"batch":[' + "".join(parts) + "]}").encode(), HEAD)


def test_only_what_is_too_deep_is_cut() -> None:
    deep = '{"a":' * 3000 + "1" + "}" * 3000
    text, _head = readable.read(f'{{"batch":[{deep},{{"x":"[[["}},{deep}],"z":1}}'.encode(), HEAD)
    found = json.loads(text)
    assert found["batch"][1] == {"x": "[[["}
    assert (len(found["batch"]), found["z"]) == (3, 1)


def sent(application: Any) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    async def receive() -> dict[str, Any]:
        return await asyncio.get_running_loop().create_future()  # nobody hangs up

    scope = {
        "method": "GET",
        "path": "/ü",
        "headers": [(b"host", b"x"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x_a", b"1")],
        "query_string": b"q=1",
    }
    asyncio.run(Bridge(application).answer(scope, io.BytesIO(b"abc"), 3, send, receive))
    return messages


def test_a_request_reaches_the_application_whole() -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read(3))
        start("201 Created", [("X-One", "1")])
        return [b"a", b"b"]

    first, last = sent(application)
    assert (first["status"], first["headers"], last["body"]) == (201, [(b"x-one", b"1")], b"ab")
    assert (seen["HTTP_COOKIE"], seen["CONTENT_LENGTH"], seen["body"]) == ("a=1; b=2", "3", b"abc")
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/ü"
    assert "HTTP_X_A" not in seen


def test_a_long_answer_passes_in_pieces() -> None:
    def application(environ: dict[str, Any], start: Any) -> Any:
        start("200 OK", [])
        return (b"x" * 600_000 for _ in range(5))

    _first, *pieces = sent(application)
    assert sum(len(piece["body"]) for piece in pieces) == 3_000_000
    assert len(pieces) == 3
    assert [piece["more_body"] for piece in pieces] == [True, True, False]


def test_an_application_that_fails_is_a_500_and_not_a_silence() -> None:
    def application(environ: dict[str, Any], start: Any) -> Any:
        raise ValueError

    assert sent(application)[0]["status"] == 500
