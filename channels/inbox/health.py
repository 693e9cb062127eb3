"""What each connector brings, minute by minute: counts and lag. Not here: judging it (channels/health.py)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Clean, Prepared, Record, RejectedMessage

sql = Statements(__file__)

MOST_LAG_MS: Final = 2**31 - 1
COUNTS: Final = ("received", "stored", "rejected", "repeats", "identified", "lag_sum", "lag_max")

Minute = tuple[int, datetime]


def add(
    db: Connection,
    workspace: int,
    prepared: Prepared,
    stored: tuple[Sequence[Clean], Sequence[Record]],
) -> None:
    """Counts a batch: what was received, `stored`, refused, repeated, had a person, and how long it waited."""
    cells = _cells(prepared, stored, datetime.now(UTC))
    if not cells:
        return
    keys = sorted(cells)
    columns = {name: array([cells[key][name] for key in keys]) for name in COUNTS}
    run(
        db,
        sql["add"],
        workspace=workspace,
        connectors=array([connector for connector, _minute in keys]),
        minutes=array([minute for _connector, minute in keys]),
        received=columns["received"],
        stored=columns["stored"],
        rejected=columns["rejected"],
        repeats=columns["repeats"],
        identified=columns["identified"],
        lag_sums=columns["lag_sum"],
        lag_maxes=columns["lag_max"],
    )


def _cells(
    prepared: Prepared, stored: tuple[Sequence[Clean], Sequence[Record]], now: datetime
) -> dict[Minute, Counter[str]]:
    fresh, records = stored
    counted = {
        "received": _receipts([*prepared.cleans, *prepared.records, *prepared.bads]),
        "stored": _receipts([*fresh, *records]),
        "rejected": _receipts(prepared.bads),
        "identified": _receipts([clean for clean in fresh if clean.sighting is not None]),
    }
    cells: dict[Minute, Counter[str]] = defaultdict(Counter)
    for name, receipts in counted.items():
        for (connector, at), n in receipts.items():
            cells[connector, at.replace(second=0, microsecond=0)][name] += n
    for (connector, at), n in counted["received"].items():
        cell = cells[connector, at.replace(second=0, microsecond=0)]
        lag = min(max(int((now - at).total_seconds() * 1000), 0), MOST_LAG_MS)
        cell["lag_sum"] += lag * n
        cell["lag_max"] = max(cell["lag_max"], lag)
    for cell in cells.values():
        cell["repeats"] = cell["received"] - cell["stored"] - cell["rejected"]
    return cells


def _receipts(messages: Sequence[Clean | Record | RejectedMessage]) -> Counter[tuple[int, datetime]]:
    """How many messages came through each connector at each moment: those of one request have one."""
    return Counter([(message.connector, message.received_at) for message in messages])


def last_day(db: Connection) -> list[tuple[int, str, dict[str, int]]]:
    """Workspace, channel and what became of its messages in the last 24 hours, for /metrics."""
    names = ("received", "stored", "rejected", "repeats")
    return [(row[0], row[1], dict(zip(names, row[2:], strict=True))) for row in rows(db, sql["last_day"])]
