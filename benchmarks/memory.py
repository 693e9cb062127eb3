"""Memory, as proportional set size: of each process of a run of its own at rest, with a full worker, and over 2 million
events; or of the `make run` that is there.

    .venv/bin/python -m benchmarks.memory [--events 2000000 --people 50000]
    .venv/bin/python -m benchmarks.memory --running 1 [--pid 4711]      only looks

Shared pages are divided among those who share them, so sums are what the machine would get back. The first half of the
events warms; what grows after it is the slope. Not here: what holds the memory (tracemalloc tells).
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import driver, ground
from benchmarks.ground import python
from benchmarks.stream import Stream

PROC = Path("/proc")
KILOBYTES = re.compile(r"^(Pss|Rss|Private_Dirty):\s+(\d+) kB", re.MULTILINE)
MUST_IDLE, MUST_WEB, MUST_WORKER = 700, 150, 400  # MB: all at rest; a web process; the worker at full batch
WORDS = 70  # of a command line that are shown
PARTS = (
    ("postgres", "PostgreSQL"),
    ("valkey", "Valkey"),
    ("granian", "web"),
    (" beat", "beat"),
    ("celery", "worker"),
    ("manage.py up", "supervisor"),
)
START_SECONDS, REST_SECONDS = 90.0, 20.0
SAMPLE_SECONDS, PAUSE_SECONDS = 2.0, 0.1
LOOK_EACH = 20  # requests between looks at what waits
MOST_OPEN = 40_000  # events that wait: enough for full batches, and no more
MILLION = 1_000_000


def tree(root: int) -> list[int]:
    """A process and all that came from it."""
    children: dict[int, list[int]] = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found, open_ends = [], [root]
    while open_ends:
        process = open_ends.pop()
        found.append(process)
        open_ends += children.get(process, [])
    return found


def memory(process: int) -> dict[str, float]:
    """Megabytes by kind; nothing for one that ended."""
    try:
        text = (PROC / str(process) / "smaps_rollup").read_text()
    except OSError:
        return {}
    return {name: int(size) / 1024 for name, size in KILOBYTES.findall(text)}


def command(process: int) -> str:
    """Its command line."""
    try:
        return (PROC / str(process) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def part(words: str) -> str:
    """Which part of the product a process belongs to."""
    return next((name for mark, name in PARTS if mark in words), "other")


def measured(root: int, *, show: bool) -> dict[str, list[float]]:
    """Part -> the megabytes of each of its processes, largest first."""
    found: dict[str, list[float]] = {}
    for process in tree(root):
        size, words = memory(process), command(process)
        if not size:
            continue
        found.setdefault(part(words), []).append(round(size["Pss"], 1))
        if show:
            print(f"{size['Pss']:8.1f} {size['Rss']:8.1f} {size['Private_Dirty']:8.1f}  {words[:WORDS]}")
    return {name: sorted(sizes, reverse=True) for name, sizes in found.items()}


def _shown(root: int) -> dict[str, list[float]]:
    print("  Pss MB   Rss MB dirty MB  command")
    found = measured(root, show=True)
    total = sum(map(sum, found.values()))
    print(
        json.dumps({name: round(sum(sizes), 1) for name, sizes in found.items()} | {"total": round(total, 1)})
    )
    return found


# ---- a run of its own ---------------------------------------------------------------------------


class Product:
    """`manage.py up` on a folder that goes away, with a channel."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        os.environ["HUILIU_VAR"] = str(folder)
        words = [str(ground.ROOT / "manage.py"), "up", "--no-demo", "--with-parent", "--port", str(self.port)]
        self.process = subprocess.Popen(python(*words), stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        until = time.monotonic() + START_SECONDS
        while "READY" not in self.process.stdout.readline():
            if time.monotonic() > until or self.process.poll() is not None:
                raise SystemExit("The product did not start.")
        words = [str(ground.ROOT / "manage.py"), "channel", "add", "Bench", "--kind", "web"]
        said = subprocess.run(python(*words), stdout=subprocess.PIPE, text=True, check=True).stdout
        self.key = json.loads(said)["write_key"]

    def stop(self) -> None:
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def _own(options: Any) -> None:
    folder = Path(tempfile.mkdtemp(prefix="huiliu-benchmark-"))
    folder.chmod(0o711)
    product = Product(folder)
    try:
        from cdp.run.databases import borrowed

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
        with borrowed():
            import django

            django.setup()
            _measure(ground.Figures("memory", options), product, options)
    finally:
        product.stop()
        shutil.rmtree(folder, ignore_errors=True)


Sample = tuple[float, dict[str, list[float]]]  # millions of events sent, what parts hold


def _measure(figures: ground.Figures, product: Product, options: Any) -> None:
    root = product.process.pid
    time.sleep(REST_SECONDS)
    before = _shown(root)
    samples = _fed(product, options)
    time.sleep(REST_SECONDS)
    print("at rest again")
    after = _shown(root)
    figures.note("samples", samples)
    figures.note("rest", {"before": before, "after": after})
    for name, must in (("web", MUST_WEB), ("worker", MUST_WORKER), ("PostgreSQL", 0)):
        largest = [sizes[name][0] if name != "PostgreSQL" else sum(sizes[name]) for _sent, sizes in samples]
        figures.say(
            name, f"{name}, {'all' if name == 'PostgreSQL' else 'largest process'}, under load", largest, "MB"
        )
        if must:
            print(f"{'':52} must stay under {must}: {'reached' if max(largest) < must else 'NOT reached'}")
        half = len(samples) // 2
        slope = _slope([(sent, size) for (sent, _), size in zip(samples, largest, strict=True)][half:])
        print(f"{'   slope over the second half':52} {slope:12.1f} MB a million events")
        figures.note(f"{name}_slope", slope)
    for name, found in (("at rest, fresh", before), ("at rest, afterwards", after)):
        total = sum(map(sum, found.values()))
        word = "reached" if total < MUST_IDLE else "NOT reached"
        print(
            f"{'all processes ' + name:52} {total:12.1f} MB              must stay under {MUST_IDLE}: {word}"
        )
    figures.write()


def _fed(product: Product, options: Any) -> list[Sample]:
    """Batches of 100 over HTTP, as fast as the worker keeps up with full batches; a look now and then."""
    link = http.client.HTTPConnection("127.0.0.1", product.port, timeout=30)
    headers = {"Authorization": f"Basic {driver.token(product.key)}", "Content-Type": "application/json"}
    samples: list[Sample] = []
    sent, looked = 0, 0.0
    for number, (body, count) in enumerate(Stream(options.people).bodies(options.events)):
        link.request("POST", "/v1/batch", body.encode(), headers)
        answer = link.getresponse()
        answer.read()
        if answer.status != driver.OK:
            raise SystemExit(f"The front door answered {answer.status}.")
        sent += count
        while number % LOOK_EACH == 0 and _open() > MOST_OPEN:
            time.sleep(PAUSE_SECONDS)
        if time.monotonic() - looked > SAMPLE_SECONDS:
            looked = time.monotonic()
            samples.append((sent / MILLION, measured(product.process.pid, show=False)))
    while _open():
        time.sleep(PAUSE_SECONDS)
    return samples


def _open() -> int:
    return int(ground.one("select coalesce(sum(n), 0) from channels_inbox_open"))


def _slope(points: list[tuple[float, float]]) -> float:
    """Least squares."""
    if len(points) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def main() -> None:
    """Looks at what runs, or runs it."""
    options = ground.options(__doc__, events=2_000_000, people=50_000, running=0, pid=0)
    if not (options.running or options.pid):
        _own(options)
        return
    from cdp.run.databases import state, var_folder

    root = options.pid or state(var_folder()).get("pid")
    if root is None:
        raise SystemExit("Nothing runs here: start `make run`, wait for the demo, then measure.")
    _shown(int(root))


if __name__ == "__main__":
    main()
