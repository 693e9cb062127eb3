"""A workspace's tracking plan, version by version. A version stays as it was saved; a request is read by the one that
was valid when it was received, so that a rebuild finds the same.

Not here: what a plan says (form.py), who may save (api.py).
"""

import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
import psycopg2
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from channels.language.errors import Wrong
from channels.plan import form
from channels.plan.checker import Checker
from channels.plan.form import EMPTY, Plan
from kernel.db import Connection, Statements, rows, run
from kernel.errors import Conflict, TryAgain

sql = Statements(__file__)
logger = logging.getLogger("huiliu.plan")

MOST_SHOWN: Final = 500
LONGEST_WHY: Final = 500  # characters
REMEMBERED: Final = 64  # plans that a process keeps compiled
# Waits for the batches that read the versions as they are; others wait until the new one is there.
ALONE: Final = "lock table channels_plan in access exclusive mode"
PATIENCE: Final = "10s"  # for the batches that are at work


class Version(NamedTuple):
    """A version as it is listed."""

    version: int
    author: str
    why: str
    saved_at: datetime
    valid_from: datetime


class Kept(NamedTuple):
    """A version's plan; version 0: there is none yet."""

    version: int
    plan: Plan


def all_of(db: Connection, workspace: int) -> list[Version]:
    """The versions, the newest first."""
    return [Version(*row) for row in rows(db, sql["all"], workspace=workspace, most=MOST_SHOWN)]


def kept(db: Connection, workspace: int, version: int | None = None) -> Kept:
    """A version, the newest where none is said; version 0 and an empty plan where there is none."""
    found = rows(db, sql["text"], workspace=workspace, version=version)
    return Kept(found[0][0], form.of_text(found[0][1])) if found else Kept(0, EMPTY)


def save(
    db: Connection, workspace: int, plan: Plan, author: str, why: str = "", based_on: int | None = None
) -> bool:
    """A new version, valid from now; False where the newest says the same. `based_on`: it must be the newest still."""
    text = form.text_of(form.bounded(plan))
    with transaction.atomic():
        _alone(db)
        newest = kept(db, workspace)
        if based_on is not None and based_on != newest.version:
            raise Conflict(
                _("Somebody has saved version %(n)s meanwhile: look at it, then change that one.")
                % {"n": newest.version}
            )
        if form.text_of(newest.plan) == text:
            return False
        said: dict[str, Any] = {
            "workspace": workspace,
            "digest": hashlib.sha256(text.encode()).hexdigest(),
            "text": text,
            "author": author,
            "why": why.strip()[:LONGEST_WHY],
            "now": datetime.now(UTC),
        }
        rows(db, sql["save"], **said)
    return True


def _alone(db: Connection) -> None:
    """Nobody reads the versions from here to the commit: what is received later is read by the new one."""
    rows(db, sql["patient"], patience=PATIENCE)
    try:
        run(db, ALONE)
    except DatabaseError as trouble:
        if isinstance(trouble.__cause__, psycopg2.errors.LockNotAvailable):
            raise TryAgain(_("A large batch is being worked: save again in a moment.")) from trouble
        raise


# ---- as a batch reads them --------------------------------------------------------------------------


class Valid(NamedTuple):
    """From when on a version holds. `digest` names its text, which is read when it is needed."""

    valid_from: datetime
    digest: str


class Versions(msgspec.Struct, frozen=True):
    """All versions of a workspace's plan, the newest first."""

    all: tuple[Valid, ...]
    read: Callable[[str], Checker]

    def at(self, received_at: datetime) -> Checker | None:
        """The plan that a request of this time is checked by. None: nothing was to be checked then."""
        for one in self.all:
            if one.valid_from <= received_at:
                found = self.read(one.digest)
                return found if found.events else None
        return None


_READ: dict[str, Checker] = {}  # by the digest of the text


def compiled(db: Connection, workspace: int, digest: str) -> Checker:
    """The plan of a text, which a process asks for once. One that an older version took and this cannot: no plan."""
    found = _READ.get(digest)
    if found is None:
        [(text,)] = rows(db, sql["by_digest"], workspace=workspace, digest=digest)
        try:
            found = Checker(form.of_text(text))
        except (Wrong, msgspec.MsgspecError):
            logger.exception("the tracking plan %s cannot be used any more: nothing is checked by it", digest)
            found = Checker(EMPTY)
        if len(_READ) >= REMEMBERED:
            _READ.clear()
        _READ[digest] = found
    return found
