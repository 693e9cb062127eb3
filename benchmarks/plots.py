"""Draws docs/images/performance-*.svg from benchmarks/results/*.json (written with --keep). What was not measured is
not drawn.

    .venv/bin/python -m benchmarks.plots
"""

import json
import statistics
from typing import Any

from benchmarks.drawing import Axis, Bar, Line, bars, lines
from benchmarks.ground import KEPT, ROOT

IMAGES = ROOT / "docs" / "images"
LIMITS = (  # program, figure, title, ours
    ("front_door", "batch_bare_cpu", "bare callable, batches of 100", False),
    ("front_door", "batch_ours_cpu", "front door, batches of 100", True),
    ("pipeline", "copy_per_cpu", "raw COPY", False),
    ("front_door", "single_bare_cpu", "bare callable, single events", False),
    ("front_door", "single_ours_cpu", "front door, single events", True),
    ("pipeline", "per_cpu", "pipeline, all the product does", True),
    ("rebuild", "rebuild_cpu", "rebuild", True),
    ("front_door", "batch_naive_cpu", "naive peer, batches", False),
    ("front_door", "single_naive_cpu", "naive peer, single events", False),
    ("pipeline", "naive_lean", "naive loop, only the event", False),
    ("pipeline", "naive", "naive loop, the same work", False),
)
Results = dict[str, dict[str, Any]]


def main() -> None:
    """Every picture whose figures are there."""
    results = {path.stem: json.loads(path.read_text())["figures"] for path in sorted(KEPT.glob("*.json"))}
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        picture = draw(results)
        if picture:
            (IMAGES / f"performance-{name}.svg").write_text(picture)
            print(f"docs/images/performance-{name}.svg")


def _limits(results: Results) -> str:
    rows = [
        Bar(title, found["median"], f"{found['median']:,.0f}", ours)
        for program, figure, title, ours in LIMITS
        if (found := results.get(program, {}).get(figure))
    ]
    rows.sort(key=lambda row: -row.value)
    note = "Events per CPU second of servers and database; each step of the scale is tenfold. Grey: limits and peers."
    return bars("Between the limit and the peer", note, rows, log=True) if rows else ""


def _stages(results: Results) -> str:
    stages = results.get("pipeline", {}).get("stages", {})
    total = sum(stages.values())
    rows = [
        Bar(name, seconds / total, f"{seconds / total:.1%}")
        for name, seconds in sorted(stages.items(), key=lambda item: -item[1])
    ]
    return (
        bars("Where a batch's time goes", "Share of the time of one worker, by stage.", rows) if rows else ""
    )


def _latency(results: Results) -> str:
    found = results.get("latency", {})
    series = [
        Line(title, [(value, (n + 1) / len(took) * 100) for n, value in enumerate(sorted(took))])
        for key, title in (("rest_ms", "at rest"), ("load_ms", "at 70 % of the pipeline's rate"))
        if (took := found.get(key))
    ]
    note = "How many of the probes were visible in the read API after so long."
    across = Axis("milliseconds from when the event was to be sent", log=True)
    return lines("Sent to visible", note, series, across, Axis("per cent of probes")) if series else ""


def _pages(results: Results) -> str:
    sizes = sorted((float(name[6:-1]), name) for name in results if name.startswith("reads-"))
    if not sizes:
        return ""
    million, name = sizes[-1]
    rows = [
        Bar(title, found["p95"], f"{found['p95']:.0f} ms", must=found["must"])
        for title, found in results[name].items()
        if isinstance(found, dict) and "p95" in found
    ]
    rows.sort(key=lambda row: -row.value)
    profiles = results[name]["size"]["profiles"]
    note = f"95th percentile of each page and path, {profiles:,} profiles; dashed: the most that it may take."
    return bars(f"Pages at {million:g} million events", note, rows)


def _growth(results: Results) -> str:
    found = results.get("growth", {})
    series = []
    for key, title in (("cost", "of everybody"), ("alike", "of as many people as at first")):
        sizes = {
            float(name.removeprefix(f"{key}_")): value["median"]
            for name, value in found.items()
            if name.startswith(f"{key}_") and "rate" not in name
        }
        series += [Line(title, sorted(sizes.items()))] if sizes else []
    across = Axis("millions of events in the database", log=True)
    note = "CPU of everything for one new event."
    up = Axis("microseconds an event")
    return lines("An event's cost as the database grows", note, series, across, up) if series else ""


def _growing_pages(results: Results) -> str:
    sizes: dict[float, list[float]] = {}
    for key, value in results.get("growth", {}).items():
        size, gap, _page = key.partition(" million: ")
        if gap and isinstance(value, dict):
            sizes.setdefault(float(size), []).append(value["p95"])
    if not sizes:
        return ""
    series = [
        Line(title, [(size, choose(found)) for size, found in sorted(sizes.items())])
        for title, choose in (("slowest page", max), ("page in the middle", statistics.median))
    ]
    across = Axis("millions of events in the database", log=True)
    note = "95th percentile over all pages and paths of the read API."
    return lines("Pages as the database grows", note, series, across, Axis("milliseconds"))


def _memory(results: Results) -> str:
    samples = results.get("memory", {}).get("samples", [])
    if not samples:
        return ""
    series = [
        Line(title, [(sent, choose(sizes[part])) for sent, sizes in samples if part in sizes])
        for part, title, choose in (
            ("worker", "worker, largest process", max),
            ("web", "web, largest process", max),
            ("PostgreSQL", "PostgreSQL, all", sum),
        )
    ]
    note = "Proportional set size while events are worked in full batches."
    return lines("Memory over events", note, series, Axis("millions of events worked"), Axis("megabytes"))


PICTURES = {
    "limits": _limits,
    "stages": _stages,
    "latency": _latency,
    "pages": _pages,
    "growth": _growth,
    "growing-pages": _growing_pages,
    "memory": _memory,
}


if __name__ == "__main__":
    main()
