"""How many requests the front door commits a second: single events and batches of 100, beside a plain COPY.

    .venv/bin/python -m benchmarks.front_door [--seconds 5] [--workers 2] [--connections 50]

It starts a PostgreSQL, a Valkey and granian of its own on a folder that goes away; fsync is on. The load comes from
`wrk` (apt-get install wrk) on the same machine, so it shares the cores.
"""

import argparse
import contextlib
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from cdp.embedded import Servers, free_port
from cdp.kernel.process import tied

ROOT = Path(__file__).resolve().parent.parent
BATCH = 100
START_SECONDS = 30
COPY_ROWS, COPY_ROUNDS = 1000, 40
EVENT_TABLE = """
create table bench_event (id bigint generated always as identity, source int, message uuid, profile int,
    occurred_at timestamptz, body jsonb, unique (source, message, occurred_at));
create index on bench_event (profile, occurred_at);
"""
SCRIPT = """
local head = '{"messageId":"'
local tail = %s
local count = %d
local number = 0
local id = 0
function setup(thread) number = number + 1; thread:set("id", number) end
function init() n = 0 end
function item() n = n + 1; return head .. id .. "-" .. n .. tail end
function request()
    if count == 1 then return wrk.format("POST", "/v1/track", nil, item()) end
    local items = {}
    for i = 1, count do items[i] = item() end
    return wrk.format("POST", "/v1/batch", nil, '{"batch":[' .. table.concat(items, ",") .. ']}')
end
bad = 0
function response(status) if status ~= 200 then bad = bad + 1 end end
function done(summary, latency)
    io.write(string.format("RESULT %%d %%d %%f %%f %%d\\n", summary.requests, summary.duration,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        summary.errors.status + summary.errors.timeout + summary.errors.read + summary.errors.write))
end
"""


def event() -> dict[str, object]:
    """About 550 bytes, as a shop's page sends them."""
    return {
        "type": "track",
        "event": "Product Viewed",
        "anonymousId": str(uuid.uuid4()),
        "userId": "customer-4711",
        "timestamp": "2026-11-24T08:15:30.123Z",
        "properties": {
            "sku": "HM-2231-L",
            "name": "Linen shirt",
            "price": 329,
            "currency": "CNY",
            "quantity": 1,
        },
        "context": {
            "page": {"path": "/p/hm-2231", "url": "https://shop.example/p/hm-2231", "title": "Linen shirt"},
            "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15",
            "locale": "zh-CN",
        },
    }


def load(port: int, key: str, count: int, options: argparse.Namespace) -> tuple[float, float, float, int]:
    """Requests a second, p50 and p99 in milliseconds, errors."""
    tail = json.dumps('",' + json.dumps(event())[1:])
    token = b64encode(f"{key}:".encode()).decode()
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % (tail, count))
        script.flush()
        command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--timeout", "10s"]
        command += ["-s", script.name, "-H", f"Authorization: Basic {token}", f"http://127.0.0.1:{port}/"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)", said)
    assert found, said
    requests, micros, p50, p99, errors = (float(part) for part in found.groups())
    return requests / (micros / 1e6), p50, p99, int(errors)


def wait_for(port: int) -> None:
    """Until the server answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    sys.exit("granian did not start")


def copied(url: str) -> float:
    """Rows a second of COPY with one connection, a commit each 1,000: what the machine can do."""
    parts = urlsplit(url)
    db = psycopg2.connect(
        host=parts.hostname,
        port=parts.port,
        user=parts.username,
        password=parts.password,
        dbname=parts.path[1:],
    )
    body = json.dumps(event())
    with db, db.cursor() as cursor:
        cursor.execute(EVENT_TABLE)

    begin = time.perf_counter()
    for _round in range(COPY_ROUNDS):
        lines = "".join(f"1\t{uuid.uuid4()}\t{n}\t2026-11-24\t{body}\n" for n in range(COPY_ROWS))
        with db, db.cursor() as cursor:
            cursor.copy_expert(
                "copy bench_event (source, message, profile, occurred_at, body) from stdin",
                io.StringIO(lines),
            )
    return COPY_ROUNDS * COPY_ROWS / (time.perf_counter() - begin)


def cpu(main: int) -> float:
    """Seconds of CPU of a process and its children: a figure that a busy machine does not spoil."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if main in (int(stat.parent.name), int(fields[1])):
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def manage(environment: dict[str, str], *words: str) -> str:
    """One command of the product."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def measure(options: argparse.Namespace, servers: Servers, folder: Path) -> None:
    """Start, load, print."""
    url = servers.postgres.url()
    environment = os.environ | {
        "HUILIU_VAR": str(folder),
        "DATABASE_URL": url,
        "REDIS_URL": servers.valkey.url(0),
    }
    manage(environment, "migrate", "--skip-checks")
    key = json.loads(manage(environment, "channel", "add", "Bench", "--kind", "web"))["write_key"]
    anchor = copied(url)
    print(f"COPY, one connection: {anchor:,.0f} events/s")
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--port", str(port)]
    command += ["--workers", str(options.workers), "--no-access-log", "--log-level", "warning"]
    command += ["--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "8"]
    command.append("cdp.server:application")
    web = subprocess.Popen(command, env=environment, cwd=ROOT, preexec_fn=tied(signal.SIGTERM))
    try:
        wait_for(port)
        for count, name in ((1, "single"), (BATCH, f"batch of {BATCH}")):
            before = cpu(web.pid)
            rate, p50, p99, errors = load(port, key, count, options)
            spent = (cpu(web.pid) - before) / (rate * options.seconds) * 1000
            print(
                f"{name}: {rate:,.0f} requests/s, {rate * count:,.0f} events/s ({rate * count / anchor:.2f} x COPY), "
                f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, {spent:.3f} ms CPU a request, errors {errors}",
                flush=True,
            )
    finally:
        web.terminate()
        web.wait()


def main() -> None:
    """Read the options, run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=50)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("The load comes from wrk: apt-get install wrk.")
    folder = Path(tempfile.mkdtemp(prefix="huiliu-bench-"))
    folder.chmod(0o711)
    os.environ["HUILIU_VAR"] = str(folder)
    servers = Servers(folder)
    servers.start()
    try:
        measure(options, servers, folder)
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
