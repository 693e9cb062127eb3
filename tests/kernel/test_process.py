"""Who takes turns shares a CPU, and gives it back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdp.kernel.process import Beside
from tests.live import eventually

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="needs two CPUs"
)


def sleeper() -> "subprocess.Popen[bytes]":
    """A process that is called `sleep`, which it is only a moment after Popen has returned."""
    other = subprocess.Popen(["sleep", "60"])
    eventually(lambda: Path(f"/proc/{other.pid}/comm").read_text() == "sleep\n")
    return other


def test_two_share_a_cpu_while_they_are_told_to() -> None:
    before = os.sched_getaffinity(0)
    other = sleeper()
    try:
        beside = Beside(other.pid, "sleep")
        beside(together=True)
        assert os.sched_getaffinity(0) == os.sched_getaffinity(other.pid)
        assert len(os.sched_getaffinity(0)) == 1
        beside(together=False)
        assert os.sched_getaffinity(0) == os.sched_getaffinity(other.pid) == before
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("name", ["postgres", ""])
def test_a_number_that_is_another_process_is_left_alone(name: str) -> None:
    before = os.sched_getaffinity(0)
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        Beside(other.pid, name)(together=True)
        assert os.sched_getaffinity(0) == os.sched_getaffinity(other.pid) == before
    finally:
        other.kill()
        other.wait()


def test_who_is_left_alone_goes_where_it_likes() -> None:
    before = os.sched_getaffinity(0)
    other = sleeper()
    beside = Beside(other.pid, "sleep")
    beside(together=True)
    assert len(os.sched_getaffinity(0)) == 1
    other.kill()
    other.wait()
    beside(together=False)
    assert os.sched_getaffinity(0) == before


def test_a_process_that_is_gone_changes_nothing() -> None:
    before = os.sched_getaffinity(0)
    Beside(0, "postgres")(together=True)
    other = sleeper()
    beside = Beside(other.pid, "sleep")
    other.kill()
    other.wait()
    beside(together=True)
    assert os.sched_getaffinity(0) == before
