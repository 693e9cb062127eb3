"""The limit of a connector: one count for all web processes of a machine, set by admins, told to the sender."""

import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from channels import buckets
from channels.buckets import Buckets
from channels.keys import Source
from channels.models import Connector
from channels.setup import Added
from kernel.models import Audit, Member

TAKER = """
import sys, uuid
from pathlib import Path
from channels.buckets import Buckets
from channels.keys import Source
mine = Buckets(Path(sys.argv[1]))
source = Source(1, 1, uuid.UUID(sys.argv[2]), "", True, 1000, "")
print(sum(mine.wait(source, 50.0) == 0 for _turn in range(2000)))
"""
HOLDER = """
import fcntl, sys
with open(sys.argv[1], "r+b") as held:
    fcntl.lockf(held, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


def source(rate: int | None) -> Source:
    return Source(1, 1, uuid.uuid4(), "", True, rate, "")


def test_no_limit_is_no_limit() -> None:
    assert {Buckets().wait(source(None), 1.0) for _turn in range(1000)} == {0.0}


@pytest.mark.parametrize("shared", [False, True])
def test_a_second_s_worth_passes_and_then_as_much_as_time(shared: bool, tmp_path: Path) -> None:
    some, one = Buckets(tmp_path / "run" / "buckets" if shared else None), source(5)
    assert [some.wait(one, 10.0) for _turn in range(5)] == [0.0] * 5
    assert some.wait(one, 10.0) == pytest.approx(0.2)
    assert some.wait(one, 10.2) == 0.0
    assert some.wait(one, 10.2) > 0
    assert [some.wait(one, 99.0) == 0 for _turn in range(7)] == [True] * 5 + [False] * 2


def test_one_connector_s_limit_is_no_other_s(tmp_path: Path) -> None:
    some, one, other = Buckets(tmp_path / "buckets"), source(1), source(1)
    assert some.wait(one, 10.0) == 0
    assert some.wait(one, 10.0) > 0
    assert some.wait(other, 10.0) == 0


def test_many_connectors_find_their_places(tmp_path: Path) -> None:
    some = Buckets(tmp_path / "buckets")
    many = [source(1) for _turn in range(1000)]
    assert sum(some.wait(one, 10.0) == 0 for one in many) == 1000
    assert sum(some.wait(one, 10.0) == 0 for one in many) < 20


def test_processes_count_together(tmp_path: Path) -> None:
    """Two at once take no more than one may, but for the doubles of a lock that could not be had."""
    words = [sys.executable, "-c", TAKER, str(tmp_path / "buckets"), str(uuid.uuid4())]
    takers = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _turn in range(3)]
    passed = [int(taker.communicate(timeout=60)[0]) for taker in takers]
    assert 1000 <= sum(passed) <= 1010


def test_a_process_stopped_while_it_counts_holds_nobody_up(tmp_path: Path) -> None:
    some, one = Buckets(tmp_path / "buckets"), source(1)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "buckets")], stdin=-1, stdout=-1, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert some.wait(one, 10.0) == 0
        assert some.wait(one, 10.0) > 0
        holder.communicate("")


def test_a_file_from_before_the_machine_was_started_anew_closes_nobody_out(tmp_path: Path) -> None:
    one = source(1)
    assert Buckets(tmp_path / "buckets").wait(one, 1_000_000.0) == 0
    assert Buckets(tmp_path / "buckets").wait(one, 3.0) == 0


def test_where_no_file_can_be_had_each_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    some, one = Buckets(tmp_path / "file" / "buckets"), source(1)
    assert some.wait(one, 10.0) == 0
    assert some.wait(one, 10.0) > 0


def test_a_limit_of_nothing_lets_nothing_in() -> None:
    assert Buckets().wait(source(0), 10.0) == buckets.CLOSED_SECONDS


# ---- the page --------------------------------------------------------------------------------------


@pytest.fixture
def added(db: None) -> Any:
    from channels import setup

    return setup.add_channel(setup.workspace(), "Web shop", "web")


def signed_in(added: Added, role: str) -> Client:
    user = User.objects.create_user(role)
    Member.objects.create(workspace=added.channel.workspace, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def page_of(added: Added) -> str:
    """The address of a connector's page."""
    return f"/channels/{added.channel.slug}/connectors/{added.connector.uuid}/"


def test_an_admin_sets_and_lifts_the_limit(added: Added) -> None:
    client, address = signed_in(added, "admin"), page_of(added) + "limit/"
    for typed, limit in (("25", 25), ("", None), ("100000", 100_000)):
        assert client.post(address, {"limit": typed}).status_code == 302
        assert Connector.objects.get(pk=added.connector.pk).rate_limit == limit
    assert 'value="100000"' in client.get(page_of(added)).content.decode()
    assert Audit.objects.filter(action="connector.limit").count() == 3


@pytest.mark.parametrize(
    "typed", ["0", "-1", "1.5", "many", "²", "1000000", "0000000019999999999", "9" * 50, "9" * 5_000, "\x00"]
)
def test_what_is_no_limit_is_refused(added: Added, typed: str) -> None:
    address = page_of(added) + "limit/"
    assert signed_in(added, "admin").post(address, {"limit": typed}).status_code == 400
    assert Connector.objects.get(pk=added.connector.pk).rate_limit is None


def test_only_an_admin_of_the_workspace_sets_it(added: Added) -> None:
    from channels import setup

    address = page_of(added) + "limit/"
    assert signed_in(added, "analyst").post(address, {"limit": "5"}).status_code == 403
    other = setup.add_channel(setup.add_workspace("Other"), "Web shop", "web")
    assert signed_in(other, "admin").post(address, {"limit": "5"}).status_code == 404
    assert Connector.objects.get(pk=added.connector.pk).rate_limit is None
