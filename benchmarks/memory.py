"""How much memory a running `make run` holds: the proportional set size of its whole tree, process by process.

`python -m benchmarks.memory` looks at this checkout's run (HUILIU_VAR for another); it starts nothing and only reads
/proc. Shared pages are divided among those who share them, so the sum is what the machine would get back.
"""

import argparse
import json
import re
from pathlib import Path

from cdp.databases import state, var_folder

PROC = Path("/proc")
KILOBYTES = re.compile(r"^(Pss|Rss|Private_Dirty):\s+(\d+) kB", re.MULTILINE)
LIMIT_MB = 700  # idle, after the demo
WORDS = 70  # of a command line that are shown
PARTS = (
    ("postgres", "PostgreSQL"),
    ("valkey", "Valkey"),
    ("granian", "web"),
    (" beat", "beat"),
    ("celery", "worker"),
    ("manage.py up", "supervisor"),
)


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


def measure(root: int) -> dict[str, object]:
    """The sums by part, and all of it."""
    sums: dict[str, float] = {}
    for process in tree(root):
        size, words = memory(process), command(process)
        if not size:
            continue
        sums[part(words)] = sums.get(part(words), 0.0) + size["Pss"]
        print(f"{size['Pss']:8.1f} {size['Rss']:8.1f} {size['Private_Dirty']:8.1f}  {words[:WORDS]}")
    return {name: round(value, 1) for name, value in sums.items()} | {"total": round(sum(sums.values()), 1)}


def main() -> None:
    """Prints each process, then one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pid", type=int, default=None, help="of another supervisor")
    asked = parser.parse_args()
    root = asked.pid or state(var_folder()).get("pid")
    if root is None:
        raise SystemExit("Nothing runs here: start `make run`, wait for the demo, then measure.")
    print("  Pss MB   Rss MB dirty MB  command")
    found = measure(int(root))
    print(json.dumps(found | {"limit": LIMIT_MB}))


if __name__ == "__main__":
    main()
