"""Rejects read once more, by today's settings, as they are to be. Not here: what becomes of them (rejects.py)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from channels.inbox import resend
from channels.mapping import apply
from channels.protocol import DELIVERED
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
    changed = [(one, change(one.raw)) for one in kept]
    wanted = [one._replace(raw=raw) for one, raw in changed if raw is not None]
    found = Reread([], [], [], len(kept) - len(wanted))
    for again in resend.requests(wanted, _first(db, workspace, wanted), snapshot, datetime.now(UTC)):
        prepared = apply.prepare([again.row], snapshot)
        if again.row.door in DELIVERED:  # it holds as many messages as its kind finds
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
    """A platform's delivery that could not be read before: it goes in whole as soon as it can."""
    whole = f"{again.row.request}-0"
    bad = next((bad for bad in prepared.bads if bad.message_id == whole), None)
    if bad:
        found.bads.append((again.kept[0].id, bad))
    else:
        found.good.append(again)
        found.understood.extend([*prepared.cleans, *prepared.records])


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
