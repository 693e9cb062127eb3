"""What came just now, item by item or request by request, and what has become of it so far. Not here: whose it is
(console joins that).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from channels.inbox import fixes
from channels.inbox.log import Received
from channels.mapping import apply
from channels.reasons import Why, quoted_whole
from channels.snapshot import Snapshot
from kernel.db import Connection, Statements, array, rows
from kernel.event import Clean, Identifier, Record, RejectedMessage

sql = Statements(__file__)

Item = Clean | Record | RejectedMessage

LOOK_BACK = timedelta(days=7)
MOST = 200  # items of one look
MOST_OF_ONE = 50  # items of a request, the last ones, that are looked at where requests are
LOOKED_AT = 20_000  # requests among which those of a channel are sought
STORED, REPEAT, REJECTED, WAITING = "stored", "repeat", "rejected", "waiting"


class Live(NamedTuple):
    """One item of a request. `state`: stored, repeat (another copy won), rejected or waiting. `why`: of a bad one."""

    id: UUID
    message_id: str
    connector: int
    request: UUID
    position: int
    received_at: datetime
    occurred_at: datetime
    type: str
    name: str
    identifiers: tuple[Identifier, ...]
    state: str
    why: Why | None = None


class Delivery(NamedTuple):
    """One request as it was received; `items`: what it brought, as far as it was looked at."""

    request: UUID
    received_at: datetime
    items: list[Live]


def recent(
    db: Connection,
    workspace: int,
    limit: int = 50,
    connector: int | None = None,
    channel: int | None = None,
    blocked: Sequence[tuple[str, str]] = (),
) -> list[Live]:
    """The newest items received, of one connector or channel or of all, the newest first."""
    limit = min(limit, MOST)
    before = 0
    wanted = []
    for received_at, request, count in _newest(db, workspace, limit, connector, channel):
        if before >= limit:
            break
        wanted.append((received_at, request))
        before += count
    snapshot = apply.snapshot(db, workspace, blocked)
    items: list[Item] = []
    for row in _bodies(db, workspace, wanted):
        # the last ones: a request may be large
        items += _items(row, snapshot, max(0, row.n - limit))
    items.sort(key=lambda item: (item.received_at, item.request, item.position), reverse=True)
    return _with_state(db, workspace, items[:limit])


def deliveries(db: Connection, workspace: int, connector: int, limit: int = 10) -> list[Delivery]:
    """The newest requests of a connector, the newest first, each with what it brought; of some that is nothing."""
    wanted = [(at, request) for at, request, _n in _newest(db, workspace, min(limit, MOST), connector, None)]
    snapshot = apply.snapshot(db, workspace)
    brought = {
        row.request: _items(row, snapshot, max(0, row.n - MOST_OF_ONE))[:MOST_OF_ONE]
        for row in _bodies(db, workspace, wanted)
    }
    states = _with_state(db, workspace, [item for items in brought.values() for item in items])
    found: dict[UUID, list[Live]] = {}
    for one in states:
        found.setdefault(one.request, []).append(one)
    return [Delivery(request, at, found.get(request, [])) for at, request in wanted]


def _newest(
    db: Connection, workspace: int, limit: int, connector: int | None, channel: int | None
) -> list[tuple[datetime, UUID, int]]:
    """The newest requests: when they came, which they are, how many items each has."""
    return rows(
        db,
        sql["newest"],
        workspace=workspace,
        since=datetime.now(UTC) - LOOK_BACK,
        connector=connector,
        channel=channel,
        look=LOOKED_AT,
        requests=limit,
    )


def _bodies(db: Connection, workspace: int, wanted: Sequence[tuple[datetime, UUID]]) -> list[Received]:
    found = rows(
        db,
        sql["bodies"],
        workspace=workspace,
        times=array(at for at, _ in wanted),
        requests=array(request for _, request in wanted),
    )
    return [Received._make((*values[:6], 0, values[6])) for values in found]


def _items(row: Received, snapshot: Snapshot, first: int) -> list[Item]:
    found: list[Item] = []
    for one in apply.messages(row, snapshot, first):
        found += [*one.cleans, *one.records, *one.bads]
    return found


def _with_state(db: Connection, workspace: int, items: Sequence[Item]) -> list[Live]:
    ids = array(sorted({item.id for item in items}))
    found = {row[0]: row[1:] for row in rows(db, sql["states"], workspace=workspace, ids=ids)}
    return [_live(item, *found.get(item.id, (None, None, None))) for item in items]


def _live(item: Item, request: UUID | None, position: int | None, reject: str | None) -> Live:
    """The item with its state: the copy that was stored, another one, a reject, or not worked yet."""
    if request is not None:
        state = STORED if (request, position) == (item.request, item.position) else REPEAT
    else:
        state = WAITING if reject is None or not isinstance(item, RejectedMessage) else REJECTED
    shown = Live(
        id=item.id,
        message_id=item.message_id,
        connector=item.connector,
        request=item.request,
        position=item.position,
        received_at=item.received_at,
        occurred_at=item.received_at,
        type="",
        name="",
        identifiers=(),
        state=state,
    )
    if isinstance(item, RejectedMessage):
        value = quoted_whole(fixes.value(item.raw, item.field))
        return shown._replace(why=Why(item.reason, item.field, item.code, item.params, value=value))
    if isinstance(item, Record):
        return shown._replace(type=item.type, occurred_at=item.at)
    return shown._replace(
        type=item.type, name=item.name, occurred_at=item.occurred_at, identifiers=item.identifiers
    )
