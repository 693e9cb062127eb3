"""Rejects read once more, by today's settings, as they are to be. Not here: what becomes of them (rejects.py)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from channels.inbox import resend
from channels.inbox.log import Received
from channels.mapping import apply, mapped
from channels.snapshot import Snapshot
from kernel.db import Connection, Statements, array, rows
from kernel.event import Clean, Prepared, Record, RejectedMessage

sql = Statements(__file__)


class Reread(NamedTuple):
    """Rejects read by today's settings: requests of the good ones, what was understood of these, and the others."""

    good: list[resend.Resent]
    understood: list[Clean | Record]
    bads: list[tuple[UUID, RejectedMessage]]
    untouched: int  # the change had nothing to do


def now(
    db: Connection,
    workspace: int,
    kept: Sequence[resend.Kept],
    snapshot: Snapshot,
    change: Callable[[str], str | None],
) -> Reread:
    """Nothing is written. The `raw` of what is good is the changed one."""
    first = _first(db, workspace, kept)
    changed = [(one, change(_remade(one, first, snapshot))) for one in kept]
    wanted = [one._replace(raw=raw) for one, raw in changed if raw is not None]
    found = Reread([], [], [], len(kept) - len(wanted))
    for again in resend.requests(wanted, first, snapshot, datetime.now(UTC)):
        prepared = apply.prepare([again.row], snapshot)
        if again.whole:  # it holds as many messages as its kind or its mapping finds: each makes its own way
            _delivery(again, prepared, found)
            continue
        found.bads.extend((again.kept[bad.position].id, bad) for bad in prepared.bads)
        understood: list[Clean | Record] = [*prepared.cleans, *prepared.records]
        if understood:
            understood.sort(key=lambda one: one.position)
            found.good.append(resend.only(again, [one.position for one in understood]))
            found.understood.extend(understood)
    return found


def _delivery(again: resend.Resent, prepared: Prepared, found: Reread) -> None:
    """A delivery or payload that could not be read before: it goes in whole as soon as it can."""
    names = {f"{again.row.request}-0", again.kept[0].message_id}
    bad = next(
        (
            bad
            for bad in prepared.bads
            if bad.message_id in names or bad.message_id.startswith(mapped.PAYLOAD)
        ),
        None,
    )
    if bad:
        found.bads.append((again.kept[0].id, bad))
    else:
        found.good.append(again)
        found.understood.extend([*prepared.cleans, *prepared.records])


def _remade(kept: resend.Kept, first: Mapping[UUID, resend.First], snapshot: Snapshot) -> str:
    """Its text; of a message that an older version of a mapping made, unless somebody changed it, what today's makes.

    It is found by its messageId: a version that gives it another one leaves it as it was.
    """
    versions = snapshot.mappings.get(kept.connector)
    if versions is None or kept.edited or kept.request not in first or resend.is_payload(kept, snapshot):
        return kept.raw
    newest = versions.since(kept.received_at)
    if newest is None:
        return kept.raw
    came = first[kept.request]
    row = Received(kept.request, kept.received_at, kept.connector, came.door, 0, came.body, 0, came.sender)
    now = apply.remade(row, snapshot, newest).get(kept.message_id)
    return kept.raw if now is None else now.decode("utf-8", "replace")


def _first(db: Connection, workspace: int, kept: Sequence[resend.Kept]) -> dict[UUID, resend.First]:
    """The requests in which they came."""
    found = rows(
        db,
        sql["first_requests"],
        workspace=workspace,
        times=array(one.received_at for one in kept),
        requests=array(one.request for one in kept),
    )
    return {request: resend.First(door, body, said) for request, door, body, said in found}
