"""The inbox: append a request, choose and claim a batch, finish it. Not here: what a body means (mapping/).

A batch is one workspace's; one that is slow (pace.py) gets narrower ones, and one turn after each round of the others.
`choose` is a short transaction of its own that commits one more attempt on each row before the work begins; `claim`,
inside the transaction of the work, locks what is still there. A killed worker's locks go with its connection, its
attempts stay.
"""

import random
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from kernel.db import Connection, Statements, array, copy_text, digits, escaped, instant, rows, run

sql = Statements(__file__)

OPEN_COLUMNS = ("workspace_id", "received_at", "request", "connector_id", "n")
COLUMNS = (*OPEN_COLUMNS[:4], "door", "n", "body", "sender")
BETWEEN = "\x1e"  # bodies of one statement: JSON holds no such sign as it is
DAYS_AHEAD = 7
FIRST_ROWS = 250  # rows asked of each connector in the first round; doubled with each further one
ROUNDS = 8
MOST_BYTES = 24 * 1024 * 1024  # of a batch's bodies but for the last: in memory they are ten times that
SUSPECT_ATTEMPTS = 2  # rows tried so often without an end are worked apart from the others
SUSPECT_DIVISORS = {
    2: 10,
    3: 100,
}  # attempts -> the batch limit is divided by this; beyond: one row at a time
TRIED_IN_COMPANY = SUSPECT_ATTEMPTS + len(SUSPECT_DIVISORS)  # attempts; from then on in parts
SUSPECT_SHARE = 0.25  # of the choices that could take either, this share takes the suspects
MARGIN = timedelta(minutes=2)  # ids commit out of order: the mark stays this far behind
WHOLE_LOOK = timedelta(seconds=30)  # so often the open list is looked at from its very beginning
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
NOWHERE = -1
NOBODY = -1  # before all workspaces
DEADLY = 3  # workers a message may stop, once among others and twice alone, before it is set apart
TOO_SLOW = 4  # times a message may not end in its time, once in a block, once alone, then with more and more patience
BLOCK = 32  # messages of a suspect request that are worked together
NO_REQUEST = UUID(int=0)


class Entry(NamedTuple):
    """A request to be kept. Its uuid and time are made before the first attempt to write it."""

    workspace: int
    received_at: datetime
    request: UUID
    connector: int
    door: str
    n: int
    body: str
    sender: str | None = None  # what its headers say that its reading depends on (channels/sender.py)


class Received(NamedTuple):
    """A request as it lies in the inbox; `attempts` counts this one."""

    request: UUID
    received_at: datetime
    connector_id: int
    door: str
    n: int
    body: str
    attempts: int
    sender: str | None = None


class InboxKey(NamedTuple):
    """Where a request lies."""

    received_at: datetime
    request: UUID


class Wanted(NamedTuple):
    """What one worker chose; others may still be quicker."""

    workspace: int
    keys: list[InboxKey]
    messages: int = 0
    narrower: int = 1  # a width that takes half of it
    slow: bool = False  # the workspace is: how it went is of interest


class Batch(NamedTuple):
    """Locked requests of one workspace. `keys` has all that are locked, `rows` those with a body."""

    workspace: int
    rows: list[Received]
    keys: list[InboxKey]

    @property
    def attempts(self) -> int:
        """The most often any of its requests was tried, this time included."""
        return max((row.attempts for row in self.rows), default=0)

    @property
    def alone(self) -> bool:
        """One request that did not come through in company: work its messages one by one."""
        return len(self.rows) == 1 and self.attempts > TRIED_IN_COMPANY


class Checkpoint(NamedTuple):
    """Of a request worked in parts: the message that is next, and how many workers took it up and did not get by.

    `slow`: how often it did not end in its time.
    """

    position: int
    taken: int
    slow: int = 0

    @property
    def again(self) -> "Checkpoint":
        """The same, taken up once more."""
        return self._replace(taken=min(self.taken + 1, DEADLY))

    @property
    def left(self) -> "Checkpoint":
        """The same, given back by a worker that lives."""
        return self._replace(taken=max(self.taken - 1, 0))

    @property
    def slower(self) -> "Checkpoint":
        """The same, given back because it took too long."""
        return self.left._replace(slow=min(self.slow + 1, TOO_SLOW))

    @property
    def patient(self) -> "Checkpoint":
        """The same, given back because others held what it needs: alone from now on, but never set apart for that."""
        return self.left._replace(slow=max(self.slow, 1))

    @property
    def width(self) -> int:
        """How many messages go together: a block the first time, then each alone."""
        return BLOCK if self.taken <= 1 and not self.slow else 1

    @property
    def deadly(self) -> bool:
        """Whether the message is what ended them: it was tried alone, twice."""
        return self.taken >= DEADLY

    @property
    def apart(self) -> bool:
        """Whether it is not tried any more."""
        return self.deadly or self.slow >= TOO_SLOW

    @property
    def following(self) -> "Checkpoint":
        """What is next when these went well: in a block that did not, the next one alone, else a block."""
        position = self.position + self.width
        within = position % BLOCK > 0
        return Checkpoint(position, 2 if within and self.taken > 1 else 1, int(within and self.slow > 0))

    def written(self) -> int:
        """As the column holds it: NOWHERE at first, then some numbers a position."""
        return self.position * (DEADLY + 1) + self.taken

    @classmethod
    def read(cls, number: int, slow: int) -> "Checkpoint":
        """The other way round."""
        return cls(0, 0, slow) if number == NOWHERE else cls(*divmod(number, DEADLY + 1), slow)


class _Waiting(NamedTuple):
    """Of a workspace: its connectors with open rows; if it is slow how wide a batch may be, and whether it rests."""

    connectors: list[int]
    width: int | None
    rests: bool


class _Candidate(NamedTuple):
    connector: int
    received_at: datetime
    request: UUID
    n: int
    attempts: int


class _Memory:
    """Of this process: from where the open list is worth looking at, and whose turn it is."""

    mark = BEGINNING
    looked_at = BEGINNING
    turn = NOBODY
    slow_turn = NOBODY  # the same among those that are slow


# ---- in ----------------------------------------------------------------------------------------


def values(entries: Sequence[Entry]) -> dict[str, object]:
    """The parameters of `append` and `append_new`, but for the bodies."""
    return {
        "workspaces": array([entry.workspace for entry in entries]),
        "times": "{"
        + ",".join([entry.received_at.isoformat() for entry in entries])
        + "}",  # none comes twice
        "requests": array([entry.request for entry in entries]),
        "connectors": array([entry.connector for entry in entries]),
        "doors": array([entry.door for entry in entries]),
        "counts": array([entry.n for entry in entries]),
        "senders": array([entry.sender for entry in entries]),
    }


def append(db: Connection, entries: Sequence[Entry]) -> int:
    """Keeps requests; how many were new. The caller's transaction decides when they are durable."""
    if not entries:
        return 0
    return run(db, sql["append"], bodies=[entry.body for entry in entries], **values(entries))


def append_new(db: Connection, entries: Sequence[Entry]) -> None:
    """Keeps requests of which none can be there yet: nobody asks for each, and the bodies go as one text.

    Raises when one was there, with nothing kept.
    """
    bodies = BETWEEN.join([entry.body for entry in entries])
    if not bodies or bodies.count(BETWEEN) != len(entries) - 1:  # no front door let such a body in
        append(db, entries)
        return
    run(db, sql["append_new"], bodies=bodies, **values(entries))


def copy(db: Connection, entries: Sequence[Entry]) -> None:
    """Keeps requests of which none can be there yet, in a transaction of its own: cheaper than asking for each.

    Raises when one was there (or anything else was wrong), with nothing kept.
    """
    bodies, opened = [], []
    for entry in entries:
        prefix = (
            f"{entry.workspace}\t{instant(entry.received_at)}\t{digits(entry.request)}\t{entry.connector}\t"
        )
        said = "\\N" if entry.sender is None else escaped(entry.sender)
        bodies.append(f"{prefix}{entry.door}\t{entry.n}\t{escaped(entry.body)}\t{said}\n")
        opened.append(f"{prefix}{entry.n}\n")
    run(db, "begin")
    try:
        copy_text(db, "channels_inbox", COLUMNS, "".join(bodies))
        copy_text(db, "channels_inbox_open", OPEN_COLUMNS, "".join(opened))
        run(db, "commit")
    except BaseException:
        with suppress(Exception):  # a connection that is gone has nothing to take back
            run(db, "rollback")
        raise


def ensure_days(db: Connection, today: date) -> None:
    """Partitions from yesterday to a week ahead."""
    for ahead in range(-1, DAYS_AHEAD + 1):
        rows(db, sql["make_day"], day=today + timedelta(days=ahead))


# ---- out ---------------------------------------------------------------------------------------


def choose(db: Connection, limit: int) -> Wanted | None:
    """Requests of about `limit` messages of one workspace, fair between its connectors; None when nothing is free."""
    with transaction.atomic():
        for whole in (False, True):
            waiting = _waiting(db, datetime.now(UTC), whole=whole)
            for workspace in _turns(waiting):
                wanted = _wanted(db, workspace, waiting[workspace], limit)
                if wanted is not None:
                    return wanted
    return None


def claim(db: Connection, wanted: Wanted, seconds: float = 0) -> Batch | None:
    """What is left of the choice, locked with its bodies until the caller's transaction ends.

    `seconds`: how long each of the transaction's statements may take, should nobody be left to cancel it.
    """
    times = [key.received_at for key in wanted.keys]
    found = rows(
        db,
        sql["claim"],
        workspace=wanted.workspace,
        first=min(times),
        last=max(times),
        most=MOST_BYTES,
        limit=str(int(seconds * 1000)),
        **_keys(wanted.keys),
    )
    if not found:
        return None
    received, keys, spared = [], [], []
    for at, request, attempts, connector, door, n, sender, body, there in found:
        if body is None and there:
            spared.append(InboxKey(at, request))
            continue
        keys.append(InboxKey(at, request))
        if there:  # a day that was moved away: nothing is left to do
            received.append(Received(request, at, connector, door, n, body, attempts, sender))
    if spared:
        spare(db, Wanted(wanted.workspace, spared))
    return Batch(wanted.workspace, received, keys)


def spare(db: Connection, wanted: Wanted) -> None:
    """Takes the attempt back: of what was not tried after all, or what went wrong through no fault of its own."""
    run(db, sql["spare"], workspace=wanted.workspace, **_keys(wanted.keys))


def finish(db: Connection, batch: Batch) -> None:
    """The batch is done; durable with the caller's commit."""
    run(db, sql["finish"], workspace=batch.workspace, **_keys(batch.keys))


def noted(db: Connection, batch: Batch) -> Checkpoint:
    """Of a request worked in parts: where its last worker was."""
    found = rows(db, sql["noted"], workspace=batch.workspace, **_keys(batch.keys))
    return Checkpoint.read(*found[0]) if found else Checkpoint(0, 0)


def note(db: Connection, batch: Batch, at: Checkpoint, rest: float = 0) -> None:
    """Says which message is worked on next, and not before so many seconds have gone by."""
    run(
        db,
        sql["note"],
        workspace=batch.workspace,
        position=at.written(),
        slow=at.slow,
        rest=rest,
        **_keys(batch.keys),
    )


def bounded(db: Connection, seconds: float) -> None:
    """How long each of the transaction's statements may take from here on."""
    rows(db, sql["bounded"], limit=str(int(seconds * 1000)))


def left(db: Connection) -> bool:
    """Whether anything is open, also what others hold."""
    return bool(rows(db, sql["left"])[0][0])


def backlog(db: Connection) -> tuple[int, int, datetime | None]:
    """Open requests, open messages, the oldest one's time."""
    requests, messages, oldest = rows(db, sql["backlog"])[0]
    return int(requests), int(messages), oldest


# ---- choosing ----------------------------------------------------------------------------------


def _waiting(db: Connection, now: datetime, *, whole: bool) -> dict[int, _Waiting]:
    """The workspaces with open rows. From the mark on, and now and then from the beginning."""
    whole = whole or now - _Memory.looked_at > WHOLE_LOOK
    found = rows(db, sql["waiting"], mark=BEGINNING if whole else _Memory.mark)
    if whole:
        oldest = min((row[2] for row in found), default=now)
        _Memory.mark, _Memory.looked_at = min(oldest, now - MARGIN), now
    waiting: dict[int, _Waiting] = {}
    for workspace, connector, _first, width, rests in found:
        waiting.setdefault(workspace, _Waiting([], width, bool(rests))).connectors.append(connector)
    return waiting


def _turns(waiting: dict[int, _Waiting]) -> list[int]:
    """The workspaces, from the one after the last served on: a flood in one does not hold up another.

    Those that are slow stand together at the end of the round: one of them has a turn, then all the others.
    """
    good = sorted(workspace for workspace, one in waiting.items() if one.width is None)
    slow = sorted(workspace for workspace, one in waiting.items() if one.width is not None and not one.rests)
    slow.sort(key=lambda workspace: workspace <= _Memory.slow_turn)
    later = [workspace for workspace in good if workspace > _Memory.turn]
    return [*later, *slow, *good[: len(good) - len(later)]]


def _wanted(db: Connection, workspace: int, waiting: _Waiting, limit: int) -> Wanted | None:
    """What there is to do for one workspace, its attempts counted; None when nothing is free."""
    slow = waiting.width is not None
    limit = min(limit, waiting.width or limit)
    picked = _gather(db, workspace, waiting.connectors, limit)
    if not picked:
        return None
    chosen = _tier(picked, limit)
    if slow:  # so narrow that not each connector has a share
        chosen = _up_to(sorted(chosen, key=lambda row: (row.received_at, row.request)), limit)
        _Memory.turn, _Memory.slow_turn = NOBODY, workspace
    else:
        _Memory.turn = workspace
    return _attempted(db, workspace, chosen)._replace(narrower=_narrower(chosen, limit), slow=slow)


def _gather(db: Connection, workspace: int, connectors: list[int], limit: int) -> list[_Candidate]:
    """The oldest free rows, in equal shares of messages; what one connector leaves is shared by the others."""
    after = {connector: InboxKey(_Memory.mark, NO_REQUEST) for connector in connectors}
    picked: list[_Candidate] = []
    remaining, size = limit, FIRST_ROWS
    for _round in range(ROUNDS):
        if remaining <= 0 or not after:
            break
        share = max(remaining // len(after), 1)
        asked = min(size, share)
        found = _candidates(db, workspace, after, asked)
        for connector in list(after):
            offered = found.get(connector, [])
            taken = _up_to(offered, share)
            picked += taken
            remaining -= sum(row.n for row in taken)
            if len(taken) == len(offered) < asked:
                del after[connector]
            else:
                after[connector] = InboxKey(taken[-1].received_at, taken[-1].request)
        size *= 2
    return picked


def _candidates(
    db: Connection, workspace: int, after: dict[int, InboxKey], asked: int
) -> dict[int, list[_Candidate]]:
    found = rows(
        db,
        sql["candidates"],
        workspace=workspace,
        rows=asked,
        connectors=array(after),
        **_keys(after.values()),
    )
    by_connector: dict[int, list[_Candidate]] = {}
    for row in found:
        candidate = _Candidate(row[0], row[1], row[2], row[3], row[4])
        by_connector.setdefault(candidate.connector, []).append(candidate)
    return by_connector


def _up_to(candidates: list[_Candidate], share: int) -> list[_Candidate]:
    """Rows from the front until their messages reach the share; one at least."""
    total = 0
    for index, row in enumerate(candidates):
        total += row.n
        if total >= share:
            return candidates[: index + 1]
    return candidates


def _tier(picked: list[_Candidate], limit: int) -> list[_Candidate]:
    """Healthy rows and suspects are never in one batch; the more often tried, the smaller its company."""
    healthy = [row for row in picked if row.attempts < SUSPECT_ATTEMPTS]
    suspects = [row for row in picked if row.attempts >= SUSPECT_ATTEMPTS]
    if not suspects or (healthy and random.random() > SUSPECT_SHARE):  # noqa: S311 (no secret)
        return healthy
    least = min(row.attempts for row in suspects)
    peers = [row for row in suspects if row.attempts == least]
    if least not in SUSPECT_DIVISORS:
        return peers[:1]
    return _up_to(peers, max(limit // SUSPECT_DIVISORS[least], 1))


def _narrower(chosen: list[_Candidate], limit: int) -> int:
    """Messages to ask for next time: half of those, and half of the requests, however large the first ones are."""
    ordered = sorted(chosen, key=lambda row: (row.received_at, row.request))
    half = sum(row.n for row in ordered[: len(ordered) // 2]) or limit
    return max(min(half, limit // 2, sum(row.n for row in chosen) // 2), 1)


def _attempted(db: Connection, workspace: int, chosen: list[_Candidate]) -> Wanted:
    keys = sorted(InboxKey(row.received_at, row.request) for row in chosen)
    run(db, sql["attempt"], workspace=workspace, **_keys(keys))
    return Wanted(workspace, keys, sum(row.n for row in chosen))


def _keys(keys: Iterable[InboxKey]) -> dict[str, Any]:
    """Two arrays, as the statements take them."""
    pairs = list(keys)
    return {
        "times": array(key.received_at for key in pairs),
        "requests": array(key.request for key in pairs),
    }
