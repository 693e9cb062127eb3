"""Pages and the read API at size: p50 and p95 of each, over a database grown by clones; DuckDB beside it where it is
installed (`pip install duckdb`): what a scan of the same events could cost at best.

    .venv/bin/python -m benchmarks.reads [--people 2000 --events 100000 --clones 9 --rounds 25]

The default comes to a million events, `--clones 49` to 5 million and 300 thousand profiles. Each round asks for another
customer, identifier, order or period. Not here: how it grows (clones.py), how costs grow (growth.py).
"""

import gc
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import ground
from benchmarks.clones import Clones, sizes, step_seconds
from benchmarks.stream import Stream

MUST_PAGE, MUST_PROFILE = 300.0, 100.0  # milliseconds, p95
PERIODS = (
    ("01-10", "02-08"),
    ("01-20", "02-18"),
    ("02-01", "03-02"),
    ("02-15", "03-16"),
    ("03-05", "04-03"),
    ("03-20", "04-18"),
)
QUERIES = 5  # runs of each scan, the first one warms
KPI = """select (occurred_at at time zone 'Asia/Shanghai')::date as day, channel_id,
    count(*), count(distinct sighting_id)
from {events} where name = 'Product Added' and occurred_at >= '{first}' and occurred_at < '{last}' group by 1, 2"""
FUNNEL = """with steps as (select sighting_id,
    min(case when name = 'Product Viewed' then occurred_at end) as seen,
    min(case when name = 'Product Added' then occurred_at end) as added,
    min(case when name = 'Order Completed' then occurred_at end) as bought
    from {events} where occurred_at >= '{first}' and occurred_at < '{last}' group by 1)
select count(seen), count(case when added > seen then 1 end),
    count(case when added > seen and bought > added then 1 end) from steps"""
SCANS = {"KPI by day and channel, 30 days": KPI, "funnel of three steps, 30 days": FUNNEL}


def main() -> None:
    """Fills, grows, asks; prints one line a page."""
    options = ground.options(__doc__, people=2_000, events=100_000, clones=9, rounds=25)
    with ground.ground():
        millions = options.events * (options.clones + 1) / 1e6
        figures = ground.Figures(f"reads-{millions:g}m", options)
        workspace, connectors, _key = ground.place()
        stream = Stream(options.people, step=step_seconds(options.events))
        ground.fill(workspace.pk, connectors, stream.bodies(options.events))
        ground.drain()
        clones = Clones(workspace.pk)
        took = clones.grow(options.clones)
        ground.analyze()
        _size(figures, took)
        _bytes()
        pages(figures, workspace, options, "", clones.made)
        _scans(figures, workspace.pk)
        figures.write()


def _size(figures: ground.Figures, took: float) -> None:
    events = int(ground.one("select sum(events) from profiles_summary"))
    profiles = int(ground.one("select count(*) from profiles_summary"))
    print(f"   {events:,} events of {profiles:,} profiles, cloned in {took:.0f} s", flush=True)
    figures.note("size", {"events": events, "profiles": profiles})


def _bytes() -> None:
    for table, rows, heap, index in sizes():
        if rows > 1_000:
            each = f"{heap / rows:6.0f} + {index / rows:4.0f} bytes a row"
            print(f"   {table:28} {rows:12,} rows  {(heap + index) / 1e6:9,.1f} MB  {each}")


# ---- pages --------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """A page or path: `{key}` and the like are another one in each round."""

    name: str
    path: str
    must: float = MUST_PAGE


PERIOD = "from=2026-{first}&to=2026-{last}"
ASKED = (
    Asked("Overview", f"/?{PERIOD}"),
    Asked("Overview, beside the year before", f"/?{PERIOD}&compare=year"),
    Asked("KPI gmv", f"/kpi/gmv/?{PERIOD}"),
    Asked("KPI rows behind gmv", f"/kpi/gmv/rows/?{PERIOD}"),
    Asked("KPI retention", f"/kpi/retention/?{PERIOD}"),
    Asked("Customers", "/customers/"),
    Asked("Customers by revenue", "/customers/?ordering=-revenue"),
    Asked("Customers, a name searched", "/customers/?search=客户{n}"),
    Asked("Customer, the busiest", "/customers/{busy}/"),
    Asked("Customer, any", "/customers/{key}/"),
    Asked("Customer, more of the journey", "/customers/{busy}/timeline/"),
    Asked("Channels", "/channels/"),
    Asked("Channel", "/channels/web/"),
    Asked("Live events", "/live/"),
    Asked("Event", "/events/{message}/"),
    Asked("Data quality", "/quality/"),
    Asked("Rejects", "/rejects/"),
    Asked("Search, an order", "/search/?q={order}"),
    Asked("Search, last digits of a phone", "/customers/?search=5021"),
    Asked("Suggestions, a name", "/search/suggestions/?q=客户{n}"),
    Asked("Suggestions, a masked e-mail", "/search/suggestions/?q=u•••@•••.com"),
    Asked("API profiles, newest", "/api/profiles/"),
    Asked("API profiles, by revenue", "/api/profiles/?ordering=-revenue"),
    Asked("API profiles, by orders", "/api/profiles/?ordering=-orders"),
    Asked("API profile by identifier", "/api/profiles/?identifier=user_id:{user}", MUST_PROFILE),
    Asked("API profile by e-mail", "/api/profiles/?identifier=email:{email}", MUST_PROFILE),
    Asked("API profile by name", "/api/profiles/?search=客户{n}"),
    Asked("API one profile", "/api/profiles/{key}/", MUST_PROFILE),
    Asked("API timeline", "/api/profiles/{key}/timeline/"),
    Asked("API events, newest", "/api/events/"),
    Asked("API event by messageId", "/api/events/?message_id={message}"),
    Asked("API gmv by day and channel", f"/api/metrics/gmv/?{PERIOD}&by=channel"),
    Asked("API retention by week", f"/api/metrics/retention/?{PERIOD}&interval=week"),
    Asked("API active by day and channel", f"/api/metrics/active_customers/?{PERIOD}&by=channel"),
)


def pages(figures: ground.Figures, workspace: Any, options: Any, title: str, clones: int) -> None:
    """Each page and path, signed in as an analyst."""
    client, values = ground.reader(workspace), _values(workspace.pk, options.rounds + 1, clones)
    missed = []
    gc.collect()
    gc.freeze()  # as a web process does: what this program holds beside is not for each page to walk
    for asked in ASKED:
        took = []
        for n in range(options.rounds + 1):
            path = asked.path.format(n=n, **{name: those[n % len(those)] for name, those in values.items()})
            took.append(timed(client, path, asked.name))
        p50, p95 = (ground.percentile(took[1:], share) for share in (0.5, 0.95))  # the first one warms
        print(f"{asked.name:40} p50 {p50:8.1f} ms   p95 {p95:8.1f} ms   must {asked.must:.0f}", flush=True)
        figures.note(title + asked.name, {"p50": p50, "p95": p95, "must": asked.must, "of": len(took) - 1})
        missed += [asked.name] if p95 > asked.must else []
    print(f"   above their must: {', '.join(missed) or 'none'}")


def timed(client: Any, path: str, name: str) -> float:
    """Milliseconds of one request."""
    begin = time.perf_counter()
    answer = client.get(path)
    if answer.streaming:
        list(answer.streaming_content)
    took = (time.perf_counter() - begin) * 1000
    if answer.status_code not in (200, 302):  # search leads on to the one it found
        raise SystemExit(f"{name}: {path} {answer.status_code} {answer.content[:200]!r}")
    return took


def _values(workspace: int, several: int, clones: int) -> dict[str, list[Any]]:
    """What the rounds ask for: everything that is asked exists."""
    one_in = f"where workspace_id = {int(workspace)} order by md5(%s || {{}}::text) limit {several}"
    users = _column(
        f"select value from profiles_identifier where kind = 'user_id' and workspace_id = {int(workspace)}"
        f" and id % 97 = 0 order by md5(id::text) limit {several}"
    )
    numbers = [int(user.split("-")[1]) for user in users]
    sample = "profiles_summary tablesample system (20)" if clones > 10 else "profiles_summary"
    return {
        "first": [first for first, _last in PERIODS],
        "last": [last for _first, last in PERIODS],
        "busy": _column(f"select key from profiles_summary order by events desc limit {several}"),
        "key": _column(f"select key from {sample} where events > 3 order by md5(key::text) limit {several}"),
        "message": _column(f"select message_id from metrics_order {one_in.format('order_id')}", "m"),
        "order": _column(f"select order_id from metrics_order {one_in.format('order_id')}", "o"),
        "user": users,
        "email": [
            f"{k}.u{n}@example.cn" if k else f"u{n}@example.cn"
            for n, k in zip(numbers, _clone(users), strict=True)
        ],
    }


def _clone(users: list[str]) -> list[int]:
    """Which clone a user is of: `user-17-3` of the third."""
    return [int(parts[2]) if len(parts := user.split("-")) > 2 else 0 for user in users]


def _column(statement: str, *values: Any) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return [value for (value,) in cursor.fetchall()]


# ---- scans --------------------------------------------------------------------------------------


def _scans(figures: ground.Figures, workspace: int) -> None:
    """The same two questions by a scan of PostgreSQL's events and of DuckDB's copy."""
    from django.db import connection

    bounds = {"first": "2026-02-01", "last": "2026-03-03"}
    for name, statement in SCANS.items():
        mine = statement.format(events="profiles_event", **bounds)
        with connection.cursor() as cursor:
            _said(figures, f"PostgreSQL, a scan: {name}", lambda asked=mine, at=cursor: at.execute(asked))
    try:
        duckdb = import_module("duckdb")
    except ImportError:
        print("   DuckDB is not installed: its line is left out (pip install duckdb)")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        columns = "sighting_id, occurred_at, channel_id, name"
        with path.open("w") as out, connection.cursor() as cursor:
            cursor.copy_expert(
                f"copy (select {columns} from profiles_event where workspace_id = {int(workspace)}) to stdout csv",
                out,
            )
        scan = duckdb.connect()
        scan.execute("set threads = 2")
        types = (
            "{'sighting_id': 'BIGINT', 'occurred_at': 'TIMESTAMPTZ', 'channel_id': 'INT', 'name': 'VARCHAR'}"
        )
        scan.execute(
            f"create table events as select * from read_csv('{path}', header = false, columns = {types})"
        )
    for name, statement in SCANS.items():
        theirs = statement.format(events="events", **bounds)
        _said(figures, f"DuckDB: {name}", lambda asked=theirs: scan.execute(asked).fetchall())


def _said(figures: ground.Figures, name: str, work: Any) -> None:
    took = []
    for _ in range(QUERIES + 1):
        begin = time.perf_counter()
        work()
        took.append((time.perf_counter() - begin) * 1000)
    figures.say(name, name, took[1:], "ms")


if __name__ == "__main__":
    main()
