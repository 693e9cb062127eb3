"""The neighbours of every figure: raw COPY into the event table (the limit), and the loop one writes first (the peer).

The peer's code: first_day/. Not here: its front door's run (front_door.py).
"""

import io
import uuid

from benchmarks.ground import Cpu
from benchmarks.stream import BEGIN, Stream

ROWS = 5_000
Rates = list[tuple[float, float]]


def copied(cpu: Cpu, workspace: int, events: int, runs: int) -> Rates:
    """COPY of ready lines into the partitioned event table with its indexes: (rows/s, rows/CPU s) of each run."""
    from django.db import connection

    with connection.cursor() as cursor:
        out = io.StringIO()
        cursor.copy_expert(
            f"copy (select * from profiles_event where workspace_id = {int(workspace)}"
            f" and occurred_at >= '{BEGIN.isoformat()}' limit {int(events)}) to stdout",
            out,
        )
    lines = out.getvalue().splitlines(keepends=True)
    found = []
    for run in range(runs):
        fresh = [_renamed(line, run) for line in lines]
        chunks = ["".join(fresh[start : start + ROWS]) for start in range(0, len(fresh), ROWS)]
        cpu.since()
        with connection.cursor() as cursor:
            for chunk in chunks:
                cursor.copy_expert("copy profiles_event from stdin", io.StringIO(chunk))
        took, spent = cpu.since()
        found.append((len(fresh) / took, len(fresh) / spent))
    return found


def _renamed(line: str, run: int) -> str:
    """The same row under another workspace and id."""
    _workspace, _id, rest = line.split("\t", 2)
    return f"{900_000 + run}\t{uuid.uuid4()}\t{rest}"


def looped(cpu: Cpu, people: int, events: int, runs: int, *, lean: bool) -> Rates:
    """The peer's loop, (events/s, events/CPU s) of each run, after one that warms; its tables begin empty."""
    from benchmarks.first_day import models
    from benchmarks.first_day.loop import Loop

    models.empty()
    loop, stream, found = Loop(lean=lean), Stream(people, seed=9), []
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
