"""messageIds taken, for good: the first copy of a message wins. Not here: bad copies (rejects.py)."""

from collections.abc import Sequence
from operator import attrgetter
from typing import TypeVar
from uuid import UUID

from cdp.kernel.db import Connection, Statements, array, rows, run
from cdp.kernel.event import Clean, Prepared, Record

sql = Statements(__file__)

AS_NUMBER = attrgetter("int")  # a UUID's order, without its Python-level comparison

M = TypeVar("M", Clean, Record)


def first(db: Connection, workspace: int, messages: Sequence[Clean]) -> list[Clean]:
    """The messages whose id nobody has taken yet, in the order of their receipt. Their open rejects are closed."""
    return _taken(db, workspace, messages, {message.id: message.occurred_at for message in messages})


def first_records(db: Connection, workspace: int, records: Sequence[Record]) -> list[Record]:
    """The same for records: the same messageId again is a repeat, the same key under another id is not."""
    return _taken(db, workspace, records, {record.id: record.at for record in records})


def _taken(db: Connection, workspace: int, messages: Sequence[M], times: dict[UUID, object]) -> list[M]:
    if not messages:
        return []
    candidates: dict[UUID, M] = {}
    for message in sorted(messages, key=_receipt):
        candidates.setdefault(message.id, message)
    ids = sorted(candidates, key=AS_NUMBER)  # one order for all workers: nobody waits in a circle
    new = rows(
        db,
        sql["take"],
        workspace=workspace,
        ids=array(ids),
        requests=array(candidates[key].request for key in ids),
        positions=array(candidates[key].position for key in ids),
        times=array(times[key] for key in ids),
    )
    taken = {text for (text,) in new}
    fresh = {key for key in ids if key.hex in taken} if len(taken) < len(ids) else set(ids)
    if fresh:
        run(db, sql["close_rejects"], workspace=workspace, ids=array([key for key in ids if key in fresh]))
    return [message for key, message in candidates.items() if key in fresh]


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
