"""Segments at size: the count of a rule while somebody builds it, and all segments asked after time has passed.

    .venv/bin/python -m benchmarks.people [--people 2000 --events 100000 --clones 49 --segments 200 --rounds 12]

The default comes to 5 million events of 300 thousand people. Counts go over HTTP; beside each stands the plain SQL of
DuckDB on the same files, in the same run. Not here: how long an event waits for a worker (latency.py).
"""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from benchmarks import ground
from benchmarks.clones import Clones, sizes, step_seconds
from benchmarks.journeys import _duckdb
from benchmarks.stream import Stream

COUNT_MUST, REFRESH_MUST = 500.0, 60.0  # milliseconds, seconds
MET = (
    "select count(*) from (select c.profile from touches t join customers c using (sighting)"
    " where {where} group by 1{n})"
)
VIEWED = "t.name = 'Product Viewed'"
# A rule, and what it is in plain SQL.
ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "did": ({"did": "Product Viewed"}, MET.format(where=VIEWED, n="")),
    "did three times": (
        {"did": "Product Viewed", "times": {"gte": 3}},
        MET.format(where=VIEWED, n=" having count(*) >= 3"),
    ),
    "did with a property, in a while": (
        {"did": "Product Viewed[properties.sku=SKU-7]", "within": "365d"},
        MET.format(
            where=f"{VIEWED} and json_extract_string(properties, '/sku') = 'SKU-7'"
            " and occurred_at >= now()::timestamp - interval 365 day",
            n="",
        ),
    ),
    "sequence of 2": (
        {"sequence": ["Product Viewed", "Order Completed"], "within": "7d"},
        "with t as (select c.profile, t.occurred_at, t.name from touches t join customers c using (sighting)),"
        " a as (select profile, occurred_at as t1 from t where name = 'Product Viewed'),"
        " b as (select profile, occurred_at as t2 from t where name = 'Order Completed')"
        " select count(distinct a.profile) from a asof join b on a.profile = b.profile and t1 <= t2"
        " where t2 <= t1 + interval 7 day",
    ),
    "bought, not seen, spent": (
        {
            "all": [
                {"did": "Order Completed"},
                {"did_not": "Product Viewed", "within": "30d"},
                {"spent": {"gte": "500"}, "within": "365d"},
            ]
        },
        MET.format(where="t.name = 'Order Completed'", n=""),
    ),
    "with what people are": (
        {"all": [{"did": "Product Added"}, {"has": "phone"}, {"orders": {"gte": 2}}]},
        MET.format(where="t.name = 'Product Added'", n=""),
    ),
}


def main() -> None:
    """Fills, grows, mirrors; counts, then segments."""
    options = ground.options(__doc__, people=2_000, events=100_000, clones=49, segments=200, rounds=12)
    with ground.ground() as servers:
        figures = ground.Figures("people", options)
        workspace, connectors, _key = ground.place()
        stream = Stream(options.people, step=step_seconds(options.events))
        ground.fill(workspace.pk, connectors, stream.bodies(options.events))
        ground.drain()
        Clones(workspace.pk).grow(options.clones)
        ground.analyze()
        rows = {table: n for table, n, *_ in sizes()}
        from cdp.pipeline import mirroring

        mirroring.now(anew=True)
        print(
            f"   {rows.get('profiles_event', 0):,} events, {rows.get('profiles_summary', 0):,} people",
            flush=True,
        )
        _counts(figures, workspace, options.rounds)
        _refresh(figures, workspace, servers, options.segments)
        figures.write()


def _counts(figures: ground.Figures, workspace: Any, rounds: int) -> None:
    client, bare = ground.reader(workspace), _duckdb(workspace.pk)
    for name, (rule, sql) in ASKED.items():
        body = json.dumps({"rule": rule})

        def ours(body: str = body) -> int:
            answer = client.post("/api/segments/preview/", body, content_type="application/json")
            if answer.status_code != 200:
                raise SystemExit(f"{body}: {answer.status_code} {answer.content[:300]!r}")
            return int(answer.json()["count"])

        def theirs(sql: str = sql) -> int:
            return int(bare.execute(sql).fetchone()[0])

        found = ours(), theirs()
        mine, other = _timed(rounds, ours, theirs)
        p50, p95 = ground.percentile(mine, 0.5), ground.percentile(mine, 0.95)
        plain = ground.percentile(other, 0.5)
        met = "reached" if p95 < COUNT_MUST else "NOT reached"
        print(
            f"{name:34} {found[0]:>8,} people  p50 {p50:6.0f} ms  p95 {p95:6.0f} ms (must < {COUNT_MUST:.0f})  {met}"
            f"   bare {plain:6.0f} ms",
            flush=True,
        )
        figures.note(name, {"people": found[0], "p50": p50, "p95": p95, "bare_p50": plain})


def _timed(rounds: int, *asked: Callable[[], int]) -> list[list[float]]:
    """Milliseconds of each, side by side."""
    found: list[list[float]] = [[] for _ in asked]
    for _turn in range(rounds):
        for ask, times in zip(asked, found, strict=True):
            began = time.perf_counter()
            ask()
            times.append((time.perf_counter() - began) * 1000)
    return found


def _refresh(figures: ground.Figures, workspace: Any, servers: Any, segments: int) -> None:
    """Every rule in many sizes, asked once to be filled and once more when days have passed."""
    from django.db import connection
    from django.utils import timezone

    from cdp.pipeline import segmenting
    from metrics.mirror import reading
    from metrics.models import Segment
    from metrics.segments import members

    kinds = list(ASKED.values())
    Segment.objects.bulk_create(
        Segment(workspace=workspace, slug=f"s{n}", name=f"s{n}", rule=_varied(kinds[n % len(kinds)][0], n))
        for n in range(segments)
    )
    members.begin(connection, workspace.pk)
    for what, later in (("filled", timedelta(0)), ("after a day", timedelta(days=1))):
        moment = timezone.now() + later
        watch = ground.cpu(servers, reading._beside()._running().pid)
        asked = segmenting.now(lambda moment=moment: moment)  # type: ignore[misc]
        seconds, used = watch.since()
        met = "reached" if seconds < REFRESH_MUST else "NOT reached"
        print(
            f"{asked} segments {what}: {seconds:.1f} s (must < {REFRESH_MUST:.0f}) {met}, {used:.1f} CPU s",
            flush=True,
        )
        figures.note(what, {"segments": asked, "seconds": seconds, "cpu": used})


def _varied(rule: Any, n: int) -> Any:
    """A rule with a window of its own."""
    if isinstance(rule, list):
        return [_varied(one, n) for one in rule]
    if not isinstance(rule, dict):
        return rule
    changed = {name: _varied(value, n) for name, value in rule.items()}
    if ("did" in rule and "within" not in rule) or ("within" in rule and "sequence" not in rule):
        changed["within"] = f"{30 + 3 * n}d"
    return changed


if __name__ == "__main__":
    main()
