"""The mirror follows PostgreSQL: its files take up the changes that batches kept; only what changed is written again.

One writer a workspace, by a lock of PostgreSQL. A state is laid down for good, then one statement says that it is the
present one and forgets the changes that are in it: what is killed at any moment is found whole, and goes on. Should the
lock have gone to another meanwhile, that statement finds another state than it follows, and does nothing. A mirror that
belongs to another making of the data (a rebuild, a restored backup) is made anew.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import duckdb
import msgspec
from django.conf import settings
from django.db import transaction

from kernel import contacts
from kernel.db import Connection, Statements, rows, run
from kernel.errors import TryAgain
from metrics.mirror import build, place, state
from metrics.mirror.files import Manifest
from metrics.mirror.tables import AGAIN, ORDER_LINES
from metrics.mirror.writer import Writer

SQL = Statements(__file__)
logger = logging.getLogger("huiliu.mirror")

LOCK: Final = 0x4D49  # the class of advisory locks for the workspaces whose mirror is written
MOST_BYTES: Final = 32 << 20  # of changes taken up at once: some 350,000 events


UNREADABLE: Final = (duckdb.Error, msgspec.MsgspecError, ValueError)
KEPT_BYTES: Final = 1 << 19  # of the table of changes: what is above is given back


class _Change(NamedTuple):
    """What a batch kept."""

    id: int
    newest: datetime | None
    body: str | None
    touches: memoryview | None
    more: bool


def follow(db: Connection, *, anew: bool = False, wait: bool = False) -> int:
    """Brings all workspaces' files up to date; how many there were to do.

    `anew`: makes every file again. `wait`: for another who is at it; else that one does it.
    """
    done = 0
    for workspace, own in rows(db, SQL["workspaces"]):
        with _alone(db, workspace, wait=wait) as mine:
            if mine:
                done += _workspace(db, workspace, contacts.own_names(own), anew)
    if done:
        _give_back(db)
    return done


def remake(db: Connection, workspace: int) -> None:
    """Makes a workspace's files anew and removes all others at once: what was in them is to be nowhere."""
    own = next((own for one, own in rows(db, SQL["workspaces"]) if one == workspace), None)
    with _alone(db, workspace, wait=True):
        _workspace(db, workspace, contacts.own_names(own), anew=True)
        known = state.known(db, workspace)
        folder = place.folder_of(workspace)
        present = None if known is None else folder.manifest(known)
        if present is not None:
            folder.only(present)
    _give_back(db)


def _give_back(db: Any) -> None:
    """Gives back the disk of changes that were forgotten, sooner than autovacuum would."""
    if not db.in_atomic_block and rows(db, SQL["size"])[0][0] > KEPT_BYTES:
        run(db, "vacuum (skip_locked) metrics_mirror_change")


@contextmanager
def _alone(db: Connection, workspace: int, *, wait: bool) -> Iterator[bool]:
    """Whether this session is the one that writes the workspace's files."""
    values = {"lock": LOCK, "workspace": workspace}
    mine = bool(rows(db, SQL["wait" if wait else "hold"], **values)[0][0])
    try:
        yield mine
    finally:
        if mine:
            rows(db, SQL["release"], **values)


def _workspace(db: Connection, workspace: int, own: dict[str, str], anew: bool) -> bool:
    """Whether anything was written."""
    folder = place.folder_of(workspace)
    known = state.known(db, workspace)
    before = None if known is None else folder.manifest(known)
    if not anew and before is not None and not _waiting(db, workspace, before):
        return False
    folder.reach()
    usable = not anew and before is not None and folder.fill(before)
    with Writer(folder, settings.MIRROR_WRITER_MB) as writer:
        turn = _Turn(db, workspace, writer, own, _Place(known and known.state, before))
        try:
            if not usable:
                turn.anew()
            turn.follow()
        except (
            UNREADABLE
        ):  # a file that is damaged or gone, a change that cannot be read: PostgreSQL has it all
            logger.exception(
                "the mirror of workspace %s cannot take up what changed: it is made anew", workspace
            )
            turn.anew()
            turn.follow()
    folder.tidy(turn.present)
    return True


def _waiting(db: Connection, workspace: int, manifest: Manifest) -> bool:
    return bool(rows(db, SQL["waiting"], workspace=workspace, applied=manifest.applied)[0][0])


class _Place(NamedTuple):
    """Where a turn is: the state that the database knows, and its manifest where it could be had."""

    state: str | None
    manifest: Manifest | None


class _Turn:
    """One writer's work at one workspace, from state to state."""

    def __init__(
        self, db: Connection, workspace: int, writer: Writer, own: dict[str, str], at: _Place
    ) -> None:
        self.db, self.workspace, self.writer, self.own, self.at = db, workspace, writer, own, at

    @property
    def present(self) -> Manifest:
        """The state that it has come to."""
        assert self.at.manifest is not None  # noqa: S101 (made or found before anything follows)
        return self.at.manifest

    def anew(self) -> None:
        """Makes every file again."""
        with _one_moment(self.db):
            made = build.whole(self.db, self.workspace, self.writer, self.own)
        self._settle(made)

    def follow(self) -> None:
        """Takes up all changes that wait."""
        while self._step():
            pass

    def _step(self) -> bool:
        """Takes up the next changes; whether there are more."""
        with TemporaryDirectory(dir=self.writer.folder.path) as name, _one_moment(self.db):
            applied = self.present.applied
            found = rows(self.db, SQL["changes"], workspace=self.workspace, applied=applied, most=MOST_BYTES)
            changes = [_Change(*row) for row in found]
            if not changes:
                return False
            after = _taken_up(self.db, self.workspace, self.writer, self.present, changes, Path(name))
        self._settle(after)
        return changes[0].more

    def _settle(self, made: Manifest) -> None:
        """Lays a state down, then makes it the present one. Raises TryAgain where another's is that by now."""
        folder = self.writer.folder
        after = made.following(self.at.manifest, folder.place, time.time())
        folder.keep(after, self.at.manifest)
        values = {"generation": after.generation, "state": after.state, "before": self.at.state}
        if not rows(self.db, SQL["settle"], workspace=self.workspace, applied=after.applied, **values):
            raise TryAgain(f"The mirror of workspace {self.workspace} was written by another meanwhile.")
        self.at = _Place(after.state, after)


def _taken_up(
    db: Connection, workspace: int, writer: Writer, manifest: Manifest, changes: list[_Change], scratch: Path
) -> Manifest:
    """Orders whose lines cost something else now are read again once nothing newer is left to take up."""
    for change in changes:
        if change.body is not None:
            (scratch / f"{change.id}.json").write_text(change.body, encoding="utf-8")
    writer.read(scratch, [bytes(change.touches) for change in changes if change.touches is not None])
    again = {*manifest.again, *writer.named(AGAIN)}
    selects: dict[str, str] = {}
    if again and not changes[0].more:
        selects[ORDER_LINES.name] = build.lines_again(db, workspace, writer, scratch, sorted(again))
        again = set()
    newest = [build.micros(change.newest) for change in changes]
    return Manifest(
        manifest.generation,
        manifest.version + 1,
        changes[-1].id,
        max((moment for moment in [manifest.newest, *newest] if moment is not None), default=None),
        writer.follow(manifest, selects),
        sorted(again),
    )


@contextmanager
def _one_moment(db: Any) -> Iterator[None]:
    """A transaction that sees one moment of the database, whatever is committed meanwhile.

    Inside another one it is that one, which is alone: a test's.
    """
    if db.in_atomic_block:
        yield
        return
    with transaction.atomic():
        run(db, "set transaction isolation level repeatable read")
        yield
