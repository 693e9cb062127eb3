"""The mirror follows PostgreSQL: its files take up the changes that batches kept; only what changed is written again.

One writer a workspace, by a lock of PostgreSQL. The state is swapped before the changes are forgotten, and says which
is its last: what is killed at any moment is found whole, and goes on. A mirror that belongs to another making of the
data (a rebuild, a restored backup) is made anew.
"""

import logging
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
from metrics.mirror import build, state
from metrics.mirror.files import Folder, Manifest
from metrics.mirror.tables import AGAIN, ORDER_LINES
from metrics.mirror.writer import Writer

SQL = Statements(__file__)
logger = logging.getLogger("huiliu.mirror")

LOCK: Final = 0x4D49  # the class of advisory locks for the workspaces whose mirror is written
MOST_BYTES: Final = 32 << 20  # of changes taken up at once: some 350,000 events


UNREADABLE: Final = (duckdb.Error, msgspec.MsgspecError, ValueError)
KEPT_BYTES: Final = 16 << 20  # of the table of changes: what is above is given back


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
    folder = Folder(Path(settings.MIRROR), workspace)
    manifest = None if anew else state.current(db, workspace, folder)
    if (
        manifest is not None
        and not rows(db, SQL["waiting"], workspace=workspace, applied=manifest.applied)[0][0]
    ):
        return False
    with Writer(folder, settings.MIRROR_WRITER_MB) as writer:
        if manifest is None:
            manifest = _made(db, workspace, writer, own)
        try:
            manifest = _up_to_date(db, workspace, writer, manifest)
        except (
            UNREADABLE
        ):  # a file that is damaged or gone, a change that cannot be read: PostgreSQL has it all
            logger.exception(
                "the mirror of workspace %s cannot take up what changed: it is made anew", workspace
            )
            manifest = _up_to_date(db, workspace, writer, _made(db, workspace, writer, own))
    folder.tidy(manifest.names)
    return True


def _up_to_date(db: Connection, workspace: int, writer: Writer, manifest: Manifest) -> Manifest:
    """The state after all changes that wait."""
    more = True
    while more:
        manifest, more = _step(db, workspace, writer, manifest)
    return manifest


def _made(db: Connection, workspace: int, writer: Writer, own: dict[str, str]) -> Manifest:
    with _one_moment(db):
        manifest = build.whole(db, workspace, writer, own)
    writer.folder.swap(manifest)
    run(db, SQL["keep_generation"], workspace=workspace, generation=manifest.generation)
    run(db, SQL["forget"], workspace=workspace, applied=manifest.applied)
    return manifest


def _step(db: Connection, workspace: int, writer: Writer, manifest: Manifest) -> tuple[Manifest, bool]:
    """The state after the next changes, and whether there are more."""
    with TemporaryDirectory(dir=writer.folder.path) as name, _one_moment(db):
        changes = [
            _Change(*row)
            for row in rows(
                db, SQL["changes"], workspace=workspace, applied=manifest.applied, most=MOST_BYTES
            )
        ]
        if not changes:
            return manifest, False
        after = _taken_up(db, workspace, writer, manifest, changes, Path(name))
    writer.folder.swap(after)
    run(db, SQL["forget"], workspace=workspace, applied=after.applied)
    return after, changes[0].more


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
