"""The process that judges series: one beside each web process, started by the first question, ended when idle.

statsmodels brings numpy, scipy and pandas: seconds to import and 150 MB, in a process that also is the front door. So
it is not imported there. The process ends by itself when its parent is gone: its input ends. Not here: judging
(judge.py).
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path

from django.utils.translation import gettext as _

from kernel.errors import TryAgain
from metrics.anomalies.judge import Expected, Values

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "metrics.anomalies.judge")
PATIENCE_SECONDS = 20.0  # for an answer; the first one has all imports before it
IDLE_SECONDS = 180.0  # without a question the process ends, and gives its memory back


class Judge:
    """Asks the process, one question at a time. Threads may share one."""

    def __init__(
        self,
        command: tuple[str, ...] = COMMAND,
        patience: float = PATIENCE_SECONDS,
        idle: float = IDLE_SECONDS,
    ) -> None:
        self._command, self._patience, self._idle = command, patience, idle
        self._turn = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._ending: threading.Timer | None = None

    def judged(
        self,
        values: Values,
        sensitivity: str,
        *,
        counts: bool = False,
        of: Values | None = None,
        share: bool = False,
    ) -> list[Expected | None]:
        """As judge.judged. Raises TryAgain where there is no answer in time."""
        line = json.dumps(
            {"values": values, "sensitivity": sensitivity, "counts": counts, "of": of, "share": share}
        )
        if not self._turn.acquire(timeout=self._patience):
            raise TryAgain(_("Anomalies take too long just now: try again in a moment."))
        try:
            return [None if one is None else Expected(*one) for one in json.loads(self._asked(line))]
        finally:
            self._turn.release()

    def end(self) -> None:
        """The process ends; the next question starts another."""
        with self._turn:
            self._stop()

    def _asked(self, line: str) -> str:
        if self._ending:
            self._ending.cancel()
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = self._start()
        try:
            text = _within(self._patience, lambda: _exchange(process, line))
        except (OSError, TooLate):
            text = ""
        if not text:  # it hangs, or is gone: not with the next question too
            self._stop()
            raise TryAgain(_("Anomalies take too long just now: try again in a moment."))
        self._ending = threading.Timer(self._idle, self.end)
        self._ending.daemon = True
        self._ending.start()
        return text

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # a series is small: more threads only take cores
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _exchange(process: "subprocess.Popen[str]", line: str) -> str:
    if process.stdin is None or process.stdout is None:
        return ""
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return process.stdout.readline()


def _within(seconds: float, ask: Callable[[], str]) -> str:
    """What a blocking question answers, in time; whoever still waits after that ends with the process asked."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(ask).result(timeout=seconds)
    finally:
        pool.shutdown(wait=False)


JUDGE = Judge()
