"""A process ends with its parent for sure; and which process is which, here and now."""

import os
import subprocess
import sys
import time

from kernel.process import ties
from tests.live import eventually
from tests.test_up import living

STUBBORN = """
import os, signal, sys, time
from kernel.process.ties import die_with_parent, end_for_sure
if os.fork():
    time.sleep(600)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
die_with_parent()
end_for_sure(1.0)
print(os.getpid(), flush=True)
os.read(os.pipe()[0], 1)  # for ever
"""


def test_a_process_that_takes_a_stop_for_a_wish_ends_a_moment_after_its_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
    child = int(parent.stdout.readline())
    assert living({child})
    parent.kill()
    parent.wait()
    time.sleep(0.3)
    assert living({child})  # the kernel's signal alone did not end it
    eventually(lambda: not living({child}))


def test_a_number_is_a_process_only_with_its_start() -> None:
    own = ties.signature(os.getpid())
    where, _, which = own.partition(" ")
    pid, _, start = which.partition(".")
    assert where == ties.place()
    assert int(pid) == os.getpid()
    assert ties.lives(int(pid), start)
    assert not ties.lives(int(pid), str(int(start) + 1))  # a later one with its number
    gone = subprocess.Popen(["sleep", "60"])
    name = ties.signature(gone.pid)
    gone.kill()
    eventually(
        lambda: not ties.lives(gone.pid, name.rpartition(".")[2])
    )  # also while nobody has waited for it
    gone.wait()
    assert not ties.lives(gone.pid, name.rpartition(".")[2])
