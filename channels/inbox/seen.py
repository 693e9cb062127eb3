"""messageIds taken, for good: the first copy of a message wins. Not here: bad copies (rejects.py)."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from itertools import repeat
from operator import attrgetter
from typing import TypeVar

from kernel.binary import Shape, micros, raw
from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Clean, Prepared, Record

sql = Statements(__file__)

SHAPE = Shape(
    "channels_seen",
    "workspace_id int, position int, id uuid, request uuid, occurred_at timestamptz",
)
TAKEN = "23505"  # PostgreSQL's code: another row has this key

M = TypeVar("M", Clean, Record)


def first(db: Connection, workspace: int, messages: Sequence[Clean]) -> list[Clean]:
    """Of messages in the order of their receipt those whose id nobody has taken yet. Their open rejects are closed."""
    return _taken(db, workspace, messages, attrgetter("occurred_at"))


def first_records(db: Connection, workspace: int, records: Sequence[Record]) -> list[Record]:
    """The same for records: the same messageId again is a repeat, the same key under another id is not."""
    return _taken(db, workspace, records, attrgetter("at"))


def _taken(db: Connection, workspace: int, messages: Sequence[M], time: Callable[[M], datetime]) -> list[M]:
    candidates: dict[int, M] = {}  # by the number an id is: a UUID is slow to hash and to compare
    for message in messages:
        candidates.setdefault(message.id.int, message)
    if not candidates:
        return []
    ordered = sorted(candidates.items())  # all workers alike: no waiting in a circle
    taken = _take(db, workspace, ordered, time)
    if len(taken) < len(candidates):
        candidates = {number: message for number, message in candidates.items() if number in taken}
    if candidates and rows(db, sql["open_rejects"], workspace=workspace)[0][0]:
        good = [message for _, message in sorted(candidates.items())]  # all workers alike here too
        ids, requests = array([one.id for one in good]), array([one.request for one in good])
        run(db, sql["close_rejects"], workspace=workspace, ids=ids, requests=requests)
    return list(candidates.values())


def _take(
    db: Connection, workspace: int, ordered: list[tuple[int, M]], time: Callable[[M], datetime]
) -> Collection[int]:
    """Takes ids; the numbers of those that were free. Those taken long ago are left out first: what is left is new, but
    where two workers have the same at the same moment, and goes in by COPY, half the work of asking for each."""
    keys = "{" + ",".join([f"{number:032x}" for number, _ in ordered]) + "}"
    there = {int(text, 16) for (text,) in rows(db, sql["taken"], workspace=workspace, ids=keys)}
    if there:
        ordered = [entry for entry in ordered if entry[0] not in there]
    if not ordered or _copied(db, workspace, ordered, time):
        return {number for number, _ in ordered}
    messages = [message for _, message in ordered]
    new = rows(
        db,
        sql["take"],
        workspace=workspace,
        ids=array([message.id for message in messages]),
        requests=array([message.request for message in messages]),
        positions=array([message.position for message in messages]),
        times=array([time(message) for message in messages]),
    )
    return {int(text, 16) for (text,) in new}


def _copied(
    db: Connection, workspace: int, ordered: list[tuple[int, M]], time: Callable[[M], datetime]
) -> bool:
    """Whether all were free; if one was not, nothing was taken."""
    there = SHAPE.rows(
        (
            repeat(workspace),
            [one.position for _, one in ordered],
            [number.to_bytes(16, "big") for number, _ in ordered],
            [raw(one.request) for _, one in ordered],
            [micros(time(one)) for _, one in ordered],
        )
    )
    run(db, "savepoint channels_seen")
    try:
        SHAPE.copy(db, there)
    except Exception as trouble:
        if getattr(trouble.__cause__ or trouble, "pgcode", None) != TAKEN:
            raise
        run(db, "rollback to savepoint channels_seen")
        return False
    run(db, "release savepoint channels_seen")
    return True


def only_winners(db: Connection, prepared: Prepared) -> None:
    """While everything is made anew: of each message only the copy that won before stays, or all where none did."""
    messages: list[Clean | Record] = [*prepared.cleans, *prepared.records]
    if not messages:
        return
    ids = array(sorted({message.id for message in messages}))
    found = rows(db, sql["winners"], workspace=prepared.workspace, ids=ids)
    won = {key: (request, position) for key, request, position in found}

    def stays(message: Clean | Record) -> bool:
        place = (message.request, message.position)
        return won.get(message.id, place) == place

    prepared.cleans = [message for message in prepared.cleans if stays(message)]
    prepared.records = [record for record in prepared.records if stays(record)]
