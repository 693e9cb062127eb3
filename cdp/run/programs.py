"""The programs that make up the product, and the looks at them: may they start, are they ready, do they move.

Not here: running them (supervisor.py), the databases (embedded.py).
"""

import argparse
import http.client
import json
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kernel.errors import Trouble
from kernel.process.ties import place

PYTHON = sys.executable
WEB_WORKERS = 2
OVERLAP_SECONDS = 8  # a restart in turn (SIGHUP): so long a new process may load before its predecessor stops
FREE_MB = 500  # below this nothing is started: a full disk stops PostgreSQL
STALL_SECONDS = 45.0  # requests wait and nothing moves for so long: the worker is started anew
ANSWER_SECONDS = 5.0
SAME_SECONDS = 1.5  # two looks at one oldest request differ by less


def web(options: argparse.Namespace) -> list[str]:
    """Granian. Without the respawn and kill flags one lost worker ends it, and a stop can hang for ever."""
    return [
        PYTHON, "-m", "granian", "--interface", "asginl", "--host", options.host, "--port", str(options.port),
        "--workers", str(WEB_WORKERS), "--respawn-failed-workers", "--respawn-interval", str(OVERLAP_SECONDS),
        "--workers-kill-timeout", "8", "--no-access-log", "--log-level", "warning", "cdp.serve.server:application",
    ]  # fmt: skip


def worker() -> list[str]:
    """One Celery worker with one child."""
    return [
        PYTHON, "-m", "celery", "-A", "cdp.celery", "--skip-checks", "--quiet", "worker", "--pool", "prefork",
        "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "warning",
        "--hostname", "huiliu@%h",
    ]  # fmt: skip


def beat(var: Path) -> list[str]:
    """The clock; its own file stands in var, a lost one costs nothing."""
    celery = [PYTHON, "-m", "celery", "-A", "cdp.run.clock", "--skip-checks", "--quiet", "beat"]
    return [*celery, "--pidfile=", "-s", str(var / "run" / "beat"), "--loglevel", "warning"]


def hosts(host: str) -> str:
    """Who may be asked for: this machine's names, and any when the operator opens it to all."""
    opened = ["*"] if host in {"0.0.0.0", "::"} else [host]  # noqa: S104 (compared, not bound)
    return ",".join(["localhost", "127.0.0.1", "[::1]", *opened])


def enough_disk(var: Path) -> None:
    """PostgreSQL stops at a full disk: say so before it does."""
    free = shutil.disk_usage(var).free // 1_000_000
    if free < FREE_MB:
        raise Trouble(f"only {free} MB are free on the disk of {var}, {FREE_MB} are needed: make room.")


def free_address(host: str, port: int) -> None:
    """Granian would share a used port in silence and take half of its requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise Trouble(
                f"{host}:{port} cannot be used ({problem.strerror}): choose another port, make run PORT={port + 1}."
            ) from problem


def readiness(address: str) -> tuple[int, dict[str, Any]]:
    """The answer of /readyz: its status and its facts; 0 when nobody answers."""
    link = http.client.HTTPConnection(address.partition("//")[2], timeout=ANSWER_SECONDS)
    try:  # not urllib: it would load every certificate of this machine, 25 MB
        link.request("GET", "/readyz")
        answer = link.getresponse()
        return answer.status, _facts(answer.read())
    except (OSError, ValueError, http.client.HTTPException):
        return 0, {}
    finally:
        link.close()


def _facts(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Progress:
    """Whether the work goes on: by what our worker says of itself, and while it says nothing by the inbox.

    A worker that is slow begins something now and then, or stands in a statement, which has a time of its own
    (guard.py); one that hangs does neither, or is silent.
    """

    def __init__(self) -> None:
        self.seen: tuple[Any, ...] = ()
        self.oldest, self.requests, self.since = 0.0, 0, 0.0

    def stalled(self, now: float, facts: Mapping[str, Any], worker: int) -> bool:
        """True once per stall: requests wait and nothing has moved for STALL_SECONDS. `worker`: the process we keep."""
        lag = facts.get("lag") or {}
        requests, oldest = int(lag.get("requests") or 0), now - float(lag.get("seconds") or 0)
        own = [
            one
            for one in facts.get("workers") or []
            if (one.get("place"), one.get("parent")) == (place(), worker)
        ]
        seen = tuple((one.get("moves"), one.get("live") and one.get("at")) for one in own)
        moves = requests < self.requests or abs(oldest - self.oldest) > SAME_SECONDS
        if requests == 0 or seen != self.seen or (not own and moves):
            self.seen, self.oldest, self.requests, self.since = seen, oldest, requests, now
        elif now - self.since > STALL_SECONDS:
            self.since = now
            return True
        return False


def greeting(address: str, laid: Mapping[str, Any]) -> str:
    """What a person needs now."""
    logins = "\n".join(f"    {name} / {word}" for name, word in laid["logins"].items())
    body = '{"event": "Product Viewed", "userId": "u-1", "properties": {"sku": "A-1"}}'
    return (
        f"\nREADY  {address}/\n\n  Sign in as (name / password):\n{logins}\n\n  Send an event:\n"
        f"    curl {address}/v1/track -u {laid['write_key']}: -H 'Content-Type: application/json' \\\n"
        f"      -d '{body}'\n\n  Ctrl-C stops everything.\n"
    )
