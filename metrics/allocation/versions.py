"""The rules there were: each version stays, the highest is in force. Not here: what rules may say (rules.py)."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from kernel.db import Connection, Statements, rows, run
from kernel.errors import BadRequest, Conflict, NotFound
from metrics.allocation import rules, store
from metrics.allocation.rules import Fault, Rules
from metrics.query import ReportingSettings

SQL = Statements(__file__)
LONGEST_REASON: Final = 500  # characters


class Version(NamedTuple):
    """Rules that are or were in force."""

    version: int
    rules: Rules
    reason: str
    author: str
    at: datetime


class Faulty(BadRequest):
    """Rules that cannot hold, with each fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(" ".join(one.text for one in faults), "bad_rules")
        self.faults = list(faults)


def all_of(db: Connection, workspace: int) -> list[Version]:
    """Those there were, the one in force first."""
    return [_version(row) for row in rows(db, SQL["all"], workspace=workspace)]


def in_force(db: Connection, workspace: int) -> Version | None:
    """The newest; None: nothing was agreed yet."""
    found = all_of(db, workspace)
    return found[0] if found else None


def one(db: Connection, workspace: int, version: int) -> Version:
    """One of them."""
    found = rows(db, SQL["one"], workspace=workspace, version=version)
    if not found:
        raise NotFound(_("There are no rules of version %(version)s.") % {"version": version})
    return _version(found[0])


def _version(row: Sequence[Any]) -> Version:
    version, kept, reason, author, at = row
    given = json.loads(kept) if isinstance(kept, str) else kept
    # Channels of then may be gone: what was in force is read as it was.
    slugs = [slug for slug in given.get("limits", {}) if slug != rules.EVERY]
    return Version(version, rules.read(given, slugs, "").rules, reason, author, at)


def checked(db: Connection, settings: ReportingSettings, given: Any) -> Rules:
    """Rules that may be put in force. Raises Faulty with all that is wrong."""
    read = rules.read(given, list(settings.channels.values()), settings.currency, last_pot(db, settings))
    if read.faults:
        raise Faulty(read.faults)
    return read.rules


def last_pot(db: Connection, settings: ReportingSettings) -> Any:
    """The pot of the newest statement; None: there is none."""
    newest = store.newest(db, settings.workspace)
    return newest.pot if newest else None


def put(  # noqa: PLR0913 (one version, whole)
    db: Connection,
    settings: ReportingSettings,
    given: Any,
    reason: str,
    author: str,
    now: datetime,
    seen: int | None = None,
) -> Version:
    """Rules into force. `seen`: the version that whoever changed them looked at; Conflict if another came between."""
    found = checked(db, settings, given)
    if len(reason) > LONGEST_REASON:
        said = _("A reason has at most %(most)s characters.") % {"most": LONGEST_REASON}
        raise BadRequest(said, "bad_reason")
    current = in_force(db, settings.workspace)
    newest = current.version if current else 0
    made = Version(newest + 1, found, reason.strip(), author, now)
    values = {"version": made.version, "rules": json.dumps(found.json()), "reason": made.reason}
    fresh = seen is None or seen == newest
    if not fresh or not run(db, SQL["add"], workspace=settings.workspace, author=author, at=now, **values):
        raise Conflict(_("Somebody else changed the rules meanwhile: look at theirs first."))
    return made
