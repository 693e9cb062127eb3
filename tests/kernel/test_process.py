"""Who takes turns shares a CPU, and gives it back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.process.ties import CpuAffinity
from tests.live import eventually

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="needs two CPUs"
)


def sleeper() -> "tuple[subprocess.Popen[bytes], str]":
    """Another process, and what it is called here: `sleep` as a rule. It has that name a moment after it is there."""
    other, ours = subprocess.Popen(["sleep", "60"]), name_of("self")
    eventually(lambda: name_of(other.pid) != ours)
    return other, name_of(other.pid)


def name_of(process: int | str) -> str:
    return Path(f"/proc/{process}/comm").read_text().strip()


def test_two_share_a_cpu_while_they_are_told_to() -> None:
    before = os.sched_getaffinity(0)
    other, name = sleeper()
    try:
        beside = CpuAffinity(other.pid, name)
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
        CpuAffinity(other.pid, name)(together=True)
        assert os.sched_getaffinity(0) == os.sched_getaffinity(other.pid) == before
    finally:
        other.kill()
        other.wait()


def test_who_is_left_alone_goes_where_it_likes() -> None:
    before = os.sched_getaffinity(0)
    other, name = sleeper()
    beside = CpuAffinity(other.pid, name)
    beside(together=True)
    assert len(os.sched_getaffinity(0)) == 1
    other.kill()
    other.wait()
    beside(together=False)
    assert os.sched_getaffinity(0) == before


def test_a_process_that_is_gone_changes_nothing() -> None:
    before = os.sched_getaffinity(0)
    CpuAffinity(0, "postgres")(together=True)
    other, name = sleeper()
    beside = CpuAffinity(other.pid, name)
    other.kill()
    other.wait()
    beside(together=True)
    assert os.sched_getaffinity(0) == before
