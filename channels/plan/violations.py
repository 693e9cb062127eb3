"""What breaks the tracking plan, counted by day, event, property, connector and code, with the newest example.

A stored message counts once, as it is stored; one that the plan refuses each time that it comes. Days are those of
receipt in the workspace's zone. Derived from the inbox: a rebuild makes the same. Not here: finding it (checker.py).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Clean, Planned, RejectedMessage
from kernel.periods import utc_text
from kernel.web import access

sql = Statements(__file__)

MOST: Final = 10_000  # rows of one answer
MOST_TOGETHER: Final = 500  # of a page

Day = Callable[[datetime], date]


class _Cell(NamedTuple):
    day: date
    event: str
    connector: int


class _Kind(NamedTuple):
    cell: _Cell
    property: str
    code: str


class _Count:
    """How often something was so, and the newest of it."""

    __slots__ = ("count", "newest", "refused", "value", "wanted")

    def __init__(self) -> None:
        self.count = self.refused = 0
        self.newest: Clean | RejectedMessage | None = None
        self.wanted = self.value = ""


# ---- in -------------------------------------------------------------------------------------------


def add(
    db: Connection, workspace: int, fresh: Sequence[Clean], bads: Sequence[RejectedMessage], day: Day
) -> None:
    """Counts a batch: its messages that were stored now, and those that were refused."""
    found = list(_looked_at(fresh, bads))
    if not found:
        return
    checked: dict[_Cell, list[int]] = {}
    broken: dict[_Kind, _Count] = {}
    for message, planned in found:
        cell = _Cell(day(message.received_at), planned.event, message.connector)
        sums = checked.setdefault(cell, [0, 0, 0])
        sums[0] += 1
        sums[1] += bool(planned.broken)
        sums[2] += planned.refused
        for one in planned.broken:
            count = broken.setdefault(_Kind(cell, one.property, one.code), _Count())
            count.count += 1
            count.refused += planned.refused
            if count.newest is None or _place(message) > _place(count.newest):
                count.newest, count.wanted, count.value = message, one.wanted, one.value
    _write_checked(db, workspace, checked)
    if broken:
        _write_broken(db, workspace, broken)


def _looked_at(
    fresh: Sequence[Clean], bads: Sequence[RejectedMessage]
) -> Iterator[tuple[Clean | RejectedMessage, Planned]]:
    for clean in fresh:
        if clean.planned is not None:
            yield clean, clean.planned
    for bad in bads:
        if bad.planned is not None:
            yield bad, bad.planned


def _place(message: Clean | RejectedMessage) -> tuple[datetime, UUID, int]:
    return message.received_at, message.request, message.position


def _write_checked(db: Connection, workspace: int, checked: dict[_Cell, list[int]]) -> None:
    cells = sorted(checked)
    run(
        db,
        sql["checked"],
        workspace=workspace,
        days=array(cell.day for cell in cells),
        events=array(cell.event for cell in cells),
        connectors=array(cell.connector for cell in cells),
        checked=array(checked[cell][0] for cell in cells),
        broken=array(checked[cell][1] for cell in cells),
        refused=array(checked[cell][2] for cell in cells),
    )


def _write_broken(db: Connection, workspace: int, broken: dict[_Kind, _Count]) -> None:
    kinds = sorted(broken)
    counts = [broken[kind] for kind in kinds]
    newest = [count.newest for count in counts if count.newest is not None]
    run(
        db,
        sql["broken"],
        workspace=workspace,
        days=array(kind.cell.day for kind in kinds),
        events=array(kind.cell.event for kind in kinds),
        connectors=array(kind.cell.connector for kind in kinds),
        properties=array(kind.property for kind in kinds),
        codes=array(kind.code for kind in kinds),
        counts=array(count.count for count in counts),
        refused=array(count.refused for count in counts),
        wanted=array(count.wanted for count in counts),
        values=array(count.value for count in counts),
        message_ids=array(message.message_id for message in newest),
        times=array(message.received_at for message in newest),
        requests=array(message.request for message in newest),
        positions=array(message.position for message in newest),
    )


# ---- out ------------------------------------------------------------------------------------------


class Example(NamedTuple):
    """The newest message that breaks the plan in one way. `value`: the beginning of what stood there."""

    message_id: str
    value: str
    received_at: datetime


class Together(msgspec.Struct, frozen=True):
    """One way in which an event of a connector breaks the plan. `checked`: of it since then."""

    event: str
    property: str
    code: str
    connector: int
    count: int
    refused: int
    since: date
    last: date
    wanted: str
    example: Example
    checked: int


class Checked(NamedTuple):
    """An event of a connector: how many were checked, how many broke the plan, how many of these were refused."""

    event: str
    connector: int
    checked: int
    broken: int
    refused: int


class OnDay(NamedTuple):
    """A day of an event."""

    day: date
    checked: int
    broken: int
    refused: int


class Narrowed(NamedTuple):
    """Which violations; None is all."""

    event: str | None = None
    property: str | None = None
    connector: int | None = None


def of(
    db: Connection, workspace: int, days: tuple[date, date], which: Narrowed, *, masked: bool
) -> list[dict[str, Any]]:
    """By day, as the API shows them, the newest day first."""
    found = rows(
        db,
        sql["of"],
        workspace=workspace,
        first=days[0],
        last=days[1],
        **which._asdict(),
        most=MOST,
    )
    return [_shown(row, masked=masked) for row in found]


def _shown(row: Sequence[Any], *, masked: bool) -> dict[str, Any]:
    day, event, name, code, connector, channel, count, refused, checked, wanted, value, message_id, at = row
    example = shown(name, Example(message_id, value, at), masked=masked)
    return {
        "day": day.isoformat(),
        "event": event,
        "property": name,
        "code": code,
        "connector": str(connector),
        "channel": channel,
        "count": count,
        "refused": refused,
        "checked": checked,
        "wanted": wanted,
        "example": {
            "message_id": example.message_id,
            "value": example.value,
            "received_at": utc_text(example.received_at),
        },
    }


def shown(name: str, example: Example, *, masked: bool) -> Example:
    """An example as somebody may see it: contact data masked by the property's name and by its look."""
    if not masked:
        return example
    last = name.rpartition(".")[2]
    value = access.scrub({last: example.value})[last] if example.value else ""
    return Example(access.scrub(example.message_id), str(value), example.received_at)


def together(
    db: Connection,
    workspace: int,
    first: date,
    last: date,
    *,
    event: str | None = None,
    most: int = MOST_TOGETHER,
) -> list[Together]:
    """Each way in which the plan was broken in some days, the most frequent first."""
    found = rows(db, sql["together"], workspace=workspace, first=first, last=last, event=event, most=most)
    return [Together(*[*row[:9], Example(row[10], row[9], row[11]), row[12] or 0]) for row in found]


def checked(db: Connection, workspace: int, first: date, last: date) -> list[Checked]:
    """By event and connector."""
    return [Checked(*row) for row in rows(db, sql["events"], workspace=workspace, first=first, last=last)]


def on_days(db: Connection, workspace: int, event: str, first: date, last: date) -> list[OnDay]:
    """By day, of one event."""
    found = rows(db, sql["days"], workspace=workspace, event=event, first=first, last=last)
    return [OnDay(*row) for row in found]
