"""messageIds taken, for good: the first copy of a message wins. Not here: bad copies (rejects.py)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

from cdp.kernel.db import Connection, Statements, array, copy_text, digits, instant, rows, run
from cdp.kernel.event import Clean, Prepared, Record

sql = Statements(__file__)

COLUMNS = ("workspace_id", "id", "request", "position", "occurred_at")
TAKEN = "23505"  # PostgreSQL's code: another row has this key
_repeats_come = False

M = TypeVar("M", Clean, Record)


def first(db: Connection, workspace: int, messages: Sequence[Clean]) -> list[Clean]:
    """The messages whose id nobody has taken yet, in the order of their receipt. Their open rejects are closed."""
    return _taken(db, workspace, messages, attrgetter("occurred_at"))


def first_records(db: Connection, workspace: int, records: Sequence[Record]) -> list[Record]:
    """The same for records: the same messageId again is a repeat, the same key under another id is not."""
    return _taken(db, workspace, records, attrgetter("at"))


def _taken(db: Connection, workspace: int, messages: Sequence[M], time: Callable[[M], datetime]) -> list[M]:
    if not messages:
        return []
    candidates: dict[int, M] = {}  # by the number an id is: a UUID is slow to hash and to compare
    for message in sorted(messages, key=_receipt):
        candidates.setdefault(message.id.int, message)
    ordered = [
        candidates[number] for number in sorted(candidates)
    ]  # all workers alike: no waiting in a circle
    taken = _take(db, workspace, ordered, time)
    if len(taken) < len(ordered):
        candidates = {number: message for number, message in candidates.items() if number in taken}
        ordered = [message for message in ordered if message.id.int in taken]
    if ordered:
        ids = array([message.id for message in ordered])
        run(db, sql["close_rejects"], workspace=workspace, ids=ids)
    return list(candidates.values())


def _take(db: Connection, workspace: int, ordered: list[M], time: Callable[[M], datetime]) -> set[int]:
    """Takes ids; the numbers of those that were free. COPY where all seem new: half the work of asking for each."""
    global _repeats_come
    if not _repeats_come and _copied(db, workspace, ordered, time):
        return {message.id.int for message in ordered}
    new = rows(
        db,
        sql["take"],
        workspace=workspace,
        ids=array([message.id for message in ordered]),
        requests=array([message.request for message in ordered]),
        positions=array([message.position for message in ordered]),
        times=array([time(message) for message in ordered]),
    )
    _repeats_come = len(new) < len(ordered)
    return {int(text, 16) for (text,) in new}


def _copied(db: Connection, workspace: int, ordered: list[M], time: Callable[[M], datetime]) -> bool:
    """Whether all were free; if one was not, nothing was taken."""
    lines = [
        f"{workspace}\t{digits(one.id)}\t{digits(one.request)}\t{one.position}\t{instant(time(one))}\n"
        for one in ordered
    ]
    run(db, "savepoint channels_seen")
    try:
        copy_text(db, "channels_seen", COLUMNS, "".join(lines))
    except Exception as trouble:
        if getattr(trouble.__cause__ or trouble, "pgcode", None) != TAKEN:
            raise
        run(db, "rollback to savepoint channels_seen")
        return False
    run(db, "release savepoint channels_seen")
    return True


def _receipt(message: Clean | Record) -> tuple[object, int, int]:
    """The first received wins; within one request, the first that stands in it."""
    return message.received_at, message.request.int, message.position


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
