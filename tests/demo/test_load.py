"""Loading: keys and channels made once, requests in order and again after a refusal, an interrupted job goes on."""

import base64
import datetime as dt
import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from channels.models import Channel, Connector, WriteKey
from demo import load, outlets, send
from demo.load import Size
from demo.simulate import requests
from kernel.errors import Trouble
from kernel.models import Job, Member, Workspace
from tests.demo.reading import END

NOW = dt.datetime(2026, 11, 24, 6, 30, tzinfo=dt.UTC)


class Desk(BaseHTTPRequestHandler):
    """A front door that notes what it takes; every seventh request is refused once, every eleventh cut off."""

    protocol_version = "HTTP/1.1"
    taken: dict[str, list[str]]
    count = 0
    answer = 200

    def do_POST(self) -> None:
        kind = type(self)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind.count += 1
        if kind.count % 11 == 0:
            self.close_connection = True
            return
        if kind.count % 7 == 0:
            self._say(503, {"code": "try_again", "message": "not now"})
            return
        key = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode().rstrip(":")
        messages = next(iter(json.loads(body).values()))
        kind.taken[key] += [message.get("messageId") for message in messages]
        self._say(kind.answer, {"success": True})

    def _say(self, status: int, content: dict) -> None:
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@contextmanager
def desk(answer: int = 200) -> Iterator[tuple[str, dict[str, list[str]]]]:
    taken: dict[str, list[str]] = defaultdict(list)
    kind = type("OneDesk", (Desk,), {"taken": taken, "count": 0, "answer": answer})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", taken
    server.shutdown()
    server.server_close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No long pauses in tests."""
    monkeypatch.setattr(send, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(load, "LOOK_SECONDS", 0.01)


def test_everything_arrives_in_order_whatever_the_door_refuses(hasty: None) -> None:
    keys = {code: f"key-{code}" for code in outlets.CHANNEL_OF}
    sent = defaultdict(list)
    with desk() as (address, taken), send.Senders(address, keys) as senders:
        for request in requests(40, 20, 3, END):
            sent[keys[request.connector]] += [m.get("messageId") for m in next(iter(request.body.values()))]
            senders.send(request)
    assert {key: list(dict.fromkeys(ids)) for key, ids in taken.items()} == {
        key: list(dict.fromkeys(ids)) for key, ids in sent.items()
    }


def test_a_refusal_for_good_is_told_at_once(hasty: None) -> None:
    keys = dict.fromkeys(outlets.CHANNEL_OF, "key")

    def all_of_it() -> None:
        with desk(answer=401) as (address, _taken), send.Senders(address, keys) as senders:
            for request in requests(40, 20, 3, END):
                senders.send(request)

    with pytest.raises(Trouble, match="answered 401"):
        all_of_it()


@pytest.mark.django_db
def test_channels_have_their_colours_and_lanes_and_are_made_once() -> None:
    workspace = load.place()
    keys = load.connectors(workspace)
    assert load.connectors(load.place()) == keys
    assert set(keys) == set(outlets.CHANNEL_OF)
    channels = list(Channel.objects.filter(workspace=workspace).order_by("id"))
    assert [channel.slug for channel in channels] == [outlet.slug for outlet in outlets.OUTLETS]
    assert len({channel.color for channel in channels}) == 8
    assert [channel.settings["lane"] for channel in channels] == list(range(1, 9))
    assert Connector.objects.filter(workspace=workspace).count() == len(outlets.CHANNEL_OF)
    slugs = {WriteKey.objects.get(key=key).connector.channel.slug for key in keys.values()}
    assert slugs == set(outlets.CHANNEL_OF.values())
    assert (workspace.slug, workspace.timezone, workspace.currency) == ("demo", "Asia/Shanghai", "CNY")


@pytest.mark.django_db
def test_who_may_see_the_main_workspace_may_see_the_demo_in_the_same_role() -> None:
    main, _made = Workspace.objects.get_or_create(slug="main", defaults={"name": "Main"})
    user = User.objects.create_user("mei")
    Member.objects.create(workspace=main, user=user, role="analyst")
    load.place()
    workspace = load.place()
    assert Member.objects.get(workspace=workspace, user=user).role == "analyst"


@pytest.mark.django_db
def test_without_a_wish_the_demo_is_begun_once_and_gone_on_with_until_it_is_done() -> None:
    job = load.begun(None, NOW)
    assert job is not None
    assert load.begun(None, NOW + dt.timedelta(days=1)) == job
    Job.objects.filter(pk=job.pk).update(state="done")
    assert load.begun(None, NOW + dt.timedelta(days=1)) is None
    other = load.begun(Size(customers=10, days=5, seed=1, end=load.end_of(dt.date(2026, 11, 1), NOW)), NOW)
    assert other is not None
    assert other.detail["end"] == "2026-11-01T23:59:59+08:00"


@pytest.mark.django_db
def test_an_interrupted_load_keeps_the_end_that_it_began_with() -> None:
    job = load.begun(Size(10, 5, 1), NOW)
    assert job is not None
    later = NOW + dt.timedelta(hours=5)
    assert load.begun(Size(10, 5, 1), later) == job
    assert load.begun(Size(11, 5, 1), later) not in (None, job)
    Job.objects.filter(pk=job.pk).update(state="done")
    assert load.begun(Size(10, 5, 1), later) is None


@pytest.mark.django_db
def test_the_truth_of_the_demo_that_was_loaded_is_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="No such demo"):
        call_command("demo", "--truth")
    size = Size(300, 80, 5, load.end_of(None, NOW))
    job = load.begun(size, NOW)
    assert job
    simulation = size.simulation()
    job.total = sum(len(messages) for request in simulation.requests() for messages in request.body.values())
    job.save()
    call_command("demo", "--truth")
    said = json.loads(capsys.readouterr().out)
    assert said["outage"]["channel"] == outlets.TMALL
    assert said["outage"]["first"] < said["outage"]["last"]
    assert said["late"]["others"]["customers"] == simulation.findings.late.others.customers > 50
    assert [sale["name"] for sale in said["promotions"]] == ["autumn-home", "double-11"]
    job.total += 1
    job.save()
    with pytest.raises(CommandError, match="another version"):
        call_command("demo", "--truth")


def test_the_end_is_never_later_than_now() -> None:
    assert load.end_of(None, NOW) == load.end_of(dt.date(2026, 12, 31), NOW) == "2026-11-24T14:30:00+08:00"
