"""The neighbours of every figure: raw COPY into an event table (the limit), and the loop one writes first (the peer).

The peer's code: first_day/. Not here: its front door's run (front_door.py).
"""

import io
import uuid
from datetime import date, timedelta

from benchmarks.ground import Cpu
from benchmarks.stream import BEGIN, Stream

ROWS = 5_000
Rates = list[tuple[float, float]]  # a second, a CPU second


# The event whole, as its sender said it, in months as the product keeps it, found by time, person and id: what COPY is
# measured with. It stays as it is whatever becomes of the product's own table, or the limit would move with us.
TABLE = """
create table if not exists whole_event (
    workspace_id int not null, id uuid not null, occurred_at timestamptz not null, received_at timestamptz not null,
    channel_id int not null, connector_id int not null, sighting_id bigint, type text not null, name text not null,
    touchpoint text not null, message_id text not null, request uuid not null, position int not null,
    marks text[] not null, data jsonb not null, primary key (workspace_id, occurred_at, id)
) partition by range (occurred_at);
create index if not exists whole_event_sighting on whole_event (workspace_id, sighting_id, occurred_at desc, id);
create index if not exists whole_event_id on whole_event (workspace_id, id);
"""
MONTH = "create table if not exists whole_event_%s partition of whole_event for values from ('%s') to ('%s')"
ROWS_OF = """
select e.workspace_id, e.id, e.occurred_at, e.received_at, e.channel_id, e.connector_id, e.sighting_id, e.type, e.name,
    e.touchpoint, e.message_id, t.request, t.position, string_to_array(e.marks, ','),
    jsonb_set(e.data::jsonb, '{context}', coalesce(s.data::jsonb, '{}') || coalesce(p.data::jsonb, '{}')
        || coalesce((e.data->'context')::jsonb, '{}'))
from profiles_event e
join channels_taken t on t.workspace_id = e.workspace_id and t.id = e.id
left join profiles_surrounding s on s.workspace_id = e.workspace_id and s.id = e.surrounding_id
left join profiles_surrounding p on p.workspace_id = e.workspace_id and p.id = e.page_id
where e.workspace_id = %d and e.occurred_at >= '%s' limit %d
"""


def copied(cpu: Cpu, workspace: int, events: int, runs: int) -> Rates:
    """COPY of ready lines into a partitioned event table with its indexes: (rows/s, rows/CPU s) of each run."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        out = io.StringIO()
        query = ROWS_OF % (workspace, BEGIN.isoformat(), events)
        cursor.copy_expert(f"copy ({query}) to stdout", out)
    lines = out.getvalue().splitlines(keepends=True)
    _months(lines)
    found = []
    for run in range(runs):
        fresh = [_renamed(line, run) for line in lines]
        chunks = ["".join(fresh[start : start + ROWS]) for start in range(0, len(fresh), ROWS)]
        cpu.since()
        with connection.cursor() as cursor:
            for chunk in chunks:
                cursor.copy_expert("copy whole_event from stdin", io.StringIO(chunk))
        took, spent = cpu.since()
        found.append((len(fresh) / took, len(fresh) / spent))
    return found


def _months(lines: list[str]) -> None:
    """The partitions of these rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        for month in sorted({line.split("\t", 3)[2][:7] for line in lines}):
            begin = date.fromisoformat(f"{month}-01")
            end = (begin + timedelta(days=31)).replace(day=1)
            cursor.execute(MONTH % (month.replace("-", "_"), begin, end))


def _renamed(line: str, run: int) -> str:
    """The same row under another workspace and id."""
    _workspace, _id, rest = line.split("\t", 2)
    return f"{900_000 + run}\t{uuid.uuid4()}\t{rest}"


def looped(cpu: Cpu, stream: Stream, events: int, runs: int, *, lean: bool) -> Rates:
    """The peer's loop, (events/s, events/CPU s) of each run, after one that warms; its tables begin empty."""
    from benchmarks.first_day import models
    from benchmarks.first_day.loop import Loop

    models.empty()
    loop, found = Loop(lean=lean), Rates()
    for run in range(runs + 1):
        messages = [stream.message() for _ in range(events)]
        cpu.since()
        for message in messages:
            loop.take(message)
        took, spent = cpu.since()
        if run:
            found.append((events / took, events / spent))
    if models.Event.objects.count() != events * (runs + 1):
        raise SystemExit("the naive loop lost events")
    return found
