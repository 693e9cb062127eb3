"""The process beside the web server: it answers, ends when idle, hangs nobody, and leaves the web server light."""

import subprocess
import sys
import time

import pytest

from kernel.errors import TryAgain
from metrics.anomalies import judge
from metrics.anomalies.process import COMMAND, Judge

VALUES = [100.0 + day % 7 for day in range(60)] + [0.0]
PATIENT = 120.0  # seconds: the first question waits for imports, on a busy machine


def test_it_answers_as_the_function_does_and_again_after_it_was_killed() -> None:
    asked = Judge(patience=PATIENT)
    try:
        for how in ("low", "high"):
            assert asked.judged(VALUES, how, counts=False) == judge.judged(VALUES, how)
        process = asked._process
        assert process is not None
        process.kill()
        process.wait()
        assert asked.judged(VALUES, "low", counts=False) == judge.judged(VALUES, "low")
    finally:
        asked.end()


def test_one_that_hangs_is_ended_and_said() -> None:
    asked = Judge((sys.executable, "-c", "import time; time.sleep(60)"), patience=0.5)
    begin = time.monotonic()
    with pytest.raises(TryAgain):
        asked.judged(VALUES, "low", counts=False)
    assert time.monotonic() - begin < 30
    assert asked._process is None


def test_one_that_breaks_is_said() -> None:
    asked = Judge((sys.executable, "-c", "raise SystemExit(1)"), patience=PATIENT)
    with pytest.raises(TryAgain):
        asked.judged(VALUES, "low", counts=False)


def test_it_ends_when_nobody_asks_and_when_its_parent_is_gone() -> None:
    asked = Judge(patience=PATIENT, idle=0.2)
    asked.judged(VALUES[:5], "low", counts=False)
    until = time.monotonic() + 30
    while asked._process is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert asked._process is None
    alone = subprocess.run(COMMAND, input="", capture_output=True, text=True, timeout=PATIENT, check=False)
    assert alone.returncode == 0


def test_the_web_server_imports_none_of_it() -> None:
    """numpy, scipy and pandas would be 150 MB more in every process of the front door."""
    code = (
        "import os, sys, django; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'cdp.settings'); django.setup();"
        "import cdp.urls; print([name for name in ('numpy', 'scipy', 'pandas', 'statsmodels') if name in sys.modules])"
    )
    found = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, timeout=PATIENT, check=True
    )
    assert found.stdout.strip() == "[]"
