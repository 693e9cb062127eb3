"""A door before the door: passes every request on as it came and remembers it. What arrived is held against what is
stored, so that no client's own word is needed for what it sent.
"""

import gzip
import http.client
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

SINGLE = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
TIMES = ("timestamp", "originalTimestamp", "sentAt")


class Sent(NamedTuple):
    """A request of a client."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def json(self) -> Any:
        packed = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if packed else self.body)


class Passing(BaseHTTPRequestHandler):
    """Passes a request on."""

    protocol_version = "HTTP/1.1"
    server: "Door"

    def log_message(self, *_args: Any) -> None:
        """Quiet."""

    def pass_on(self) -> None:
        """There and back, unless trouble is wanted."""
        recorder = self.server.recorder
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        trouble = recorder.trouble.pop(0) if recorder.trouble and self.command == "POST" else ""
        if trouble == "busy":
            self.busy()
            return
        status, headers, told = self.fetch(recorder.target, body)
        lower = {name.lower(): value for name, value in self.headers.items()}
        recorder.sent.append(Sent(self.command, self.path, lower, body, status))
        if trouble == "lost":
            self.close_connection = True
            return
        self.answer(status, headers, told)

    do_GET = do_POST = do_OPTIONS = do_HEAD = pass_on  # noqa: N815 (the server's names)

    def fetch(self, port: int, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """The product's answer to the very same request."""
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        link.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            link.putheader(name, value)
        link.endheaders(body)
        answer = link.getresponse()
        told = answer.read()
        link.close()
        return answer.status, answer.getheaders(), told

    def answer(self, status: int, headers: list[tuple[str, str]], told: bytes) -> None:
        """Back to the client."""
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(told)

    def busy(self) -> None:
        """What the product says when it cannot commit."""
        allowed = [
            ("Access-Control-Allow-Origin", self.headers.get("origin") or "*"),
            ("Access-Control-Allow-Credentials", "true"),
        ]
        told = b'{"code": "try_again", "message": "Send it again."}'
        self.answer(503, [("Retry-After", "1"), ("Content-Type", "application/json"), *allowed], told)


class Door(ThreadingHTTPServer):
    """The server of a recorder."""

    daemon_threads = True
    recorder: "Recorder"


class Recorder:
    """Listens on a port of its own and passes on to `target`, a port of this machine.

    `trouble` of the next POSTs: "busy" (refused with 503) or "lost" (taken, but the answer never arrives).
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.sent: list[Sent] = []
        self.trouble: list[str] = []
        self.server = Door(("127.0.0.1", 0), Passing)
        self.server.recorder = self
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def messages(self) -> list[dict[str, Any]]:
        """Every message that was sent, each with the request's sentAt and context and its path's type."""
        found = []
        for sent in self.sent:
            last = sent.path.partition("?")[0].rstrip("/").rpartition("/")[2]
            if sent.method != "POST" or last == "m":
                continue
            assert sent.status == 200, sent
            body = sent.json
            if "batch" in body:
                shared = {"sentAt": body.get("sentAt"), "context": body.get("context") or {}}
                found += [
                    shared | one | {"context": shared["context"] | (one.get("context") or {})}
                    for one in body["batch"]
                ]
            else:
                found.append(body | {"type": SINGLE.get(last, last)})
        return found

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


RESENT = "clock_suspect"  # what came again with X-Retry-Count: its time is left as it is


def moment(text: str) -> datetime:
    """A time as JSON has it."""
    return datetime.fromisoformat(text)


def occurred(message: dict[str, Any]) -> datetime:
    """When a message says it happened; its clock is this machine's, so nothing is corrected."""
    return moment(message.get("timestamp") or message["originalTimestamp"])


def compare(messages: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    """Each message is one event, equal field by field; nothing else is there."""
    stored = {event["message_id"]: event for event in events}
    assert len(stored) == len(events)
    assert sorted(one["messageId"] for one in messages) == sorted(stored)
    for message in messages:
        event = stored[message["messageId"]]
        assert event["type"] == message["type"]
        for part in ("properties", "traits", "context"):
            assert event[part] == (message.get(part) or {}), (part, message)
        wanted = {"track": message.get("event"), "page": message.get("name"), "screen": message.get("name")}
        assert event["name"] == (wanted.get(message["type"]) or ""), message
        for part in ("groupId", "previousId"):
            if message.get(part):
                assert event[part] == message[part]
        assert abs(moment(event["occurred_at"]) - occurred(message)) < timedelta(milliseconds=1), (
            event,
            message,
        )
        assert abs(moment(event["received_at"]) - datetime.now(UTC)) < timedelta(minutes=2)
        named = {(one["kind"], one["value"]) for one in event["identifiers"]}
        for field, kind in (("userId", "user_id"), ("anonymousId", "anonymous_id")):
            if message.get(field):
                assert (kind, message[field]) in named, (message, event)
        headless = "HeadlessChrome" in str((message.get("context") or {}).get("userAgent"))
        assert ("bot" in event["marks"]) is headless
        assert set(event["marks"]) <= {"large", "bot", RESENT}, event["marks"]
