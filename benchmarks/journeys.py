"""Journeys and break-downs over HTTP at size, beside bare SQL in DuckDB on the same files, in PostgreSQL's own tables
and, where it is installed (`pip install chdb`), in ClickHouse's engine: p50 and p95 of each, in one run.

    .venv/bin/python -m benchmarks.journeys [--people 2000 --events 100000 --clones 49 --rounds 12]

The default comes to 5 million events of 300 thousand people. Bare SQL answers the plain form of a question: one pass,
no people, no break-down. Each round asks for another period. Not here: what the mirror costs (mirror.py).
"""

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import ground
from benchmarks.clones import Clones, sizes, step_seconds
from benchmarks.reads import PERIODS
from benchmarks.stream import Stream

NAMES = "('Product Viewed', 'Product Added', 'Order Completed')"
FUNNEL = f"""with t as (select c.profile, t.occurred_at, t.name from touches t join customers c using (sighting)
    where t.name in {NAMES} and t.occurred_at >= '2026-{{first}}' and t.occurred_at < '2026-{{last}}'),
one as (select profile, occurred_at as t1 from t where name = 'Product Viewed'),
two as (select profile, occurred_at as t2 from t where name = 'Product Added'),
three as (select profile, occurred_at as t3 from t where name = 'Order Completed'),
led as (select one.profile, t1, t2 from one asof left join two on one.profile = two.profile and t1 <= t2),
all3 as (select led.profile, t1, t2, t3 from led asof left join three on led.profile = three.profile and t2 <= t3)
select count(distinct profile), count(distinct profile) filter (t2 < t1 + interval 7 day),
    count(distinct profile) filter (t3 < t1 + interval 7 day) from all3"""
RETENTION = """with o as (
    select c.profile, date_trunc('month', o.day) as m from orders o join customers c using (sighting)),
f as (select profile, min(m) as f from o group by 1)
select f, m, count(distinct o.profile) from o join f using (profile) group by 1, 2 order by 1, 2"""
SWITCHING = """with o as (select c.profile, o.channel, o.occurred_at,
    lag(o.channel) over w as before, lag(o.occurred_at) over w as earlier
    from orders o join customers c using (sighting) window w as (partition by c.profile order by o.occurred_at))
select before, channel, count(distinct profile), count(*), median(epoch(occurred_at) - epoch(earlier)) from o
where occurred_at >= '2026-{first}' and occurred_at < '2026-{last}' group by 1, 2"""
BY_SKU = """select sku, day, sum(quantity) from order_lines
where day between '2026-{first}' and '2026-{last}' group by 1, 2"""
PATHS = """with t as (select c.profile, t.channel, t.occurred_at, t.tie from touches t join customers c using (sighting)
    where t.occurred_at >= '2026-{first}' and t.occurred_at < '2026-{last}'),
v as (select *, lag(channel) over w as was, lag(occurred_at) over w as earlier from t
    window w as (partition by profile order by occurred_at, tie)),
s as (select *, sum((was is null or occurred_at > earlier + interval 30 day)::int) over w as path from v
    where was is distinct from channel or occurred_at > earlier + interval 30 day
    window w as (partition by profile order by occurred_at, tie)),
n as (select profile, path, channel,
    row_number() over (partition by profile, path order by occurred_at, tie) as step from s),
l as (select step, channel, lead(channel) over (partition by profile, path order by step) as onward, profile
    from n where step <= 5)
select step, channel, onward, count(*), count(distinct profile) from l group by 1, 2, 3"""
TOUCHPOINTS = """with o as (select c.profile, o.occurred_at,
    lead(o.occurred_at) over (partition by c.profile order by o.occurred_at) as next
    from orders o join customers c using (sighting)),
mine as (select profile, min(occurred_at) as a, arg_min(next, occurred_at) as b from o
    where occurred_at >= '2026-{first}' and occurred_at < '2026-{last}' group by 1),
met as (select distinct m.profile, t.touchpoint
    from mine m join customers c using (profile) join touches t using (sighting)
    where t.occurred_at > m.a and t.occurred_at < least(coalesce(m.b, m.a + interval 90 day), m.a + interval 90 day))
select touchpoint, count(*), count(*) filter (m.b is not null) from met join mine m using (profile) group by 1"""
# PostgreSQL's own tables, for the question that touches the most.
IN_POSTGRES = (
    """with t as (select o.profile_id, e.occurred_at, e.name from profiles_event e
    join profiles_owner o on o.workspace_id = e.workspace_id and o.sighting_id = e.sighting_id
    where e.workspace_id = {workspace} and e.name in """
    + NAMES
    + """
        and e.occurred_at >= '2026-{first}' and e.occurred_at < '2026-{last}'),
s as (select profile_id, min(occurred_at) filter (where name = 'Product Viewed') as a,
    min(occurred_at) filter (where name = 'Product Added') as b,
    min(occurred_at) filter (where name = 'Order Completed') as c from t group by 1)
select count(a), count(*) filter (where b >= a), count(*) filter (where b >= a and c >= b) from s"""
)
IN_CLICKHOUSE = (
    """select level, count() from (
    select c.profile as profile, windowFunnel(604800)(toDateTime(t.occurred_at), t.name = 'Product Viewed',
        t.name = 'Product Added', t.name = 'Order Completed') as level
    from file('{touches}', Parquet) t join file('{customers}', Parquet) c on c.sighting = t.sighting
    where t.name in """
    + NAMES
    + """ and t.occurred_at >= '2026-{first} 00:00:00'
        and t.occurred_at < '2026-{last} 00:00:00'
    group by c.profile) group by level"""
)


class Asked(NamedTuple):
    """A question over HTTP, what it is beside, and what it must not pass: milliseconds, times the bare SQL."""

    name: str
    path: str
    bare: str
    must: float = 300.0
    times: float = 2.0


PERIOD = "from=2026-{first}&to=2026-{last}"
STEPS = "Product%20Viewed,Product%20Added,Order%20Completed"
ASKED = (
    Asked("funnel of 3", f"/api/journeys/funnel/?steps={STEPS}&window=7d&{PERIOD}", FUNNEL),
    Asked(
        "retention by month",
        "/api/journeys/retention/?interval=month&from=2026-01-01&to=2026-12-31",
        RETENTION,
    ),
    Asked("switching", f"/api/journeys/switching/?on=orders&{PERIOD}", SWITCHING),
    Asked("break-down by SKU", f"/api/metrics/units/?by=sku&{PERIOD}", BY_SKU),
    Asked("paths of 5 steps", f"/api/journeys/paths/?level=channel&steps=5&{PERIOD}", PATHS, 500.0),
    Asked("touchpoints", f"/api/journeys/touchpoints/?within=90d&{PERIOD}", TOUCHPOINTS, 500.0),
)


def main() -> None:
    """Fills, grows, mirrors, asks; one line a question."""
    options = ground.options(__doc__, people=2_000, events=100_000, clones=49, rounds=12)
    with ground.ground():
        figures = ground.Figures("journeys", options)
        workspace, connectors, _key = ground.place()
        stream = Stream(options.people, step=step_seconds(options.events))
        ground.fill(workspace.pk, connectors, stream.bodies(options.events))
        ground.drain()
        took = Clones(workspace.pk).grow(options.clones)
        ground.analyze()
        rows = {table: n for table, n, *_ in sizes()}
        print(f"   {rows.get('profiles_event', 0):,} events, cloned in {took:.0f} s", flush=True)
        from cdp.pipeline import mirroring

        began = time.perf_counter()
        mirroring.now(anew=True)
        print(f"   mirror made in {time.perf_counter() - began:.1f} s", flush=True)
        _ask(figures, workspace, options.rounds)
        figures.write()


def _ask(figures: ground.Figures, workspace: Any, rounds: int) -> None:
    client, bare = ground.reader(workspace), _duckdb(workspace.pk)
    for one in ASKED:

        def ours(first: str, last: str, path: str = one.path) -> None:
            answer = client.get(path.format(first=first, last=last))
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status_code} {answer.content[:300]!r}")

        def theirs(first: str, last: str, sql: str = one.bare) -> None:
            bare.execute(sql.format(first=first, last=last)).fetchall()

        mine, other = _timed(rounds, ours, theirs)
        _say(figures, one, mine, other)
    _peers(figures, workspace.pk, rounds)
    print(f"   the reading process: {_reader_mb():.0f} MB at most (must < 400)", flush=True)
    figures.note("reader_mb", round(_reader_mb()))


def _timed(rounds: int, *asked: Callable[[str, str], None]) -> list[list[float]]:
    """Milliseconds of each, side by side; the first round warms."""
    found: list[list[float]] = [[] for _ in asked]
    for turn in range(rounds + 1):
        for ask, times in zip(asked, found, strict=True):
            began = time.perf_counter()
            ask(*PERIODS[turn % len(PERIODS)])
            if turn:
                times.append((time.perf_counter() - began) * 1000)
    return found


def _say(figures: ground.Figures, one: Asked, mine: list[float], other: list[float]) -> None:
    p50, p95 = ground.percentile(mine, 0.5), ground.percentile(mine, 0.95)
    bare = ground.percentile(other, 0.5)
    met = "reached" if p95 < one.must and p50 <= one.times * bare else "NOT reached"
    print(
        f"{one.name:24} p50 {p50:6.0f} ms  p95 {p95:6.0f} ms (must < {one.must:.0f})   bare {bare:6.0f} ms: "
        f"{p50 / bare:4.1f}x (must {one.times:.0f}x)  {met}",
        flush=True,
    )
    figures.note(one.name, {"p50": p50, "p95": p95, "bare_p50": bare})


def _duckdb(workspace: int) -> Any:
    """DuckDB in this process, both cores, the same files."""
    duckdb = import_module("duckdb")
    from django.db import connection

    from metrics.mirror import place, state
    from metrics.mirror.selects import select_of
    from metrics.mirror.tables import TABLES

    folder = place.folder_of(workspace)
    manifest = state.readable(connection, workspace, folder)
    assert manifest is not None
    db = duckdb.connect()
    for name, table in TABLES.items():
        db.execute(f"create view {name} as {select_of(table, folder.path, manifest.of(name))}")
    return db


def _peers(figures: ground.Figures, workspace: int, rounds: int) -> None:
    """The funnel in PostgreSQL's tables, and in ClickHouse's engine where it is there."""

    def postgres(first: str, last: str) -> None:
        ground.one(IN_POSTGRES.format(workspace=workspace, first=first, last=last))

    (times,) = _timed(max(2, rounds // 3), postgres)
    print(
        f"   the funnel in PostgreSQL's tables, its plainest form: p50 {ground.percentile(times, 0.5):.0f} ms"
    )
    figures.note("funnel in PostgreSQL", ground.percentile(times, 0.5))
    try:
        chdb = import_module("chdb")
    except ImportError:
        print("   chDB is not installed: its line is left out (pip install chdb)")
        return
    from django.conf import settings

    folder = Path(settings.MIRROR) / str(workspace)
    files = {name: f"{folder}/{name}-*.parquet" for name in ("touches", "customers")}

    def clickhouse(first: str, last: str) -> None:
        str(chdb.query(IN_CLICKHOUSE.format(first=first, last=last, **files)))

    (times,) = _timed(rounds, clickhouse)
    print(f"   the funnel in chDB: p50 {ground.percentile(times, 0.5):.0f} ms")
    figures.note("funnel in chDB", ground.percentile(times, 0.5))


def _reader_mb() -> float:
    from metrics.mirror import reading

    process = reading._beside()._process
    if process is None:
        return 0.0
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
