"""Worker processes of a benchmark: each does at its parent's word what a Celery worker does when it is woken.

A parent uses `Workers`; the child is `python -m benchmarks.workers`. Not here: Celery, whose messages only wake.
"""

import json
import os
import select
import subprocess
import sys
from typing import Any

from benchmarks.ground import python

STILL_SECONDS = 0.02  # between looks at an empty inbox


class Workers:
    """Some workers, started and still."""

    def __init__(self, count: int) -> None:
        self.processes = [_started() for _ in range(count)]
        for process in self.processes:
            _answer(process)

    @property
    def pids(self) -> list[int]:
        """Their processes."""
        return [process.pid for process in self.processes]

    def drain(self, count: int) -> list[dict[str, Any]]:
        """So many of them work the inbox until it is empty; what each did."""
        for process in self.processes[:count]:
            _say(process, "drain")
        return [_answer(process) for process in self.processes[:count]]

    def begin(self) -> None:
        """All of them work batch after batch, until `rest`."""
        for process in self.processes:
            _say(process, "work")

    def rest(self) -> int:
        """They finish their batch and stop; how many events were stored since `begin`."""
        for process in self.processes:
            _say(process, "rest")
        return sum(int(_answer(process)["events"]) for process in self.processes)

    def stop(self) -> None:
        """Ends them."""
        for process in self.processes:
            process.terminate()
            process.wait()


def _started() -> subprocess.Popen[str]:
    command = python("-m", "benchmarks.workers")
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _say(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(word + "\n")
    process.stdin.flush()


def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit("A worker ended.")
    return dict(json.loads(line))


# ---- the child ----------------------------------------------------------------------------------


def main() -> None:
    """Words come in by line, answers go out by line."""
    import signal

    from kernel.process.ties import die_with_parent

    die_with_parent(signal.SIGTERM)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
    import django

    django.setup()
    from cdp.pipeline import batches

    _tell({"ready": os.getpid()})
    for line in sys.stdin:
        if line.strip() == "drain":
            _tell(batches.drain(wait=True))
        elif line.strip() == "work":
            _tell({"events": _work()})


def _work() -> int:
    from django.db import connection

    from cdp.pipeline import batches
    from kernel.process.timing import StageTimer

    watch, total, pause = StageTimer(), 0, 0.0
    while not select.select([sys.stdin], [], [], pause)[0]:
        with batches.gc_paused():
            counts = batches.step(connection, watch)
        total += counts["events"] if counts else 0
        pause = 0.0 if counts else STILL_SECONDS
    return total


def _tell(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
