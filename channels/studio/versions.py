"""A connector's mapping, version by version. A version stays as it was saved; a new text is a new one, valid from now.

Not here: which version reads a request (channels/snapshot.py), who may save (api.py).
"""

import hashlib
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import psycopg2
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from channels.language import mapping
from channels.language.errors import Wrong
from channels.models import Connector
from kernel.db import Connection, Statements, rows, run
from kernel.errors import BadRequest, TryAgain

sql = Statements(__file__)

MOST_SHOWN: Final = 500
LONGEST_WHY: Final = 500  # characters
# Waits for the batches that read the versions as they are; others wait until the new one is there.
ALONE: Final = "lock table channels_mapping in access exclusive mode"
PATIENCE: Final = "10s"  # for the batches that are at work


class Version(NamedTuple):
    """A version as it is listed."""

    version: int
    author: str
    why: str
    saved_at: datetime
    valid_from: datetime


class Text(NamedTuple):
    """A version's text; version 0: there is none yet."""

    version: int
    text: str


NONE: Final = Text(0, "")


class Unusable(BadRequest):
    """A text that cannot be compiled: where, and why."""

    def __init__(self, why: Wrong) -> None:
        line = _("Line %(n)s: ") % {"n": why.line} if why.line else ""
        field = f"{why.field}: " if why.field else ""
        super().__init__(f"{line}{field}{why.text}", "bad_mapping")
        self.detail = {"line": why.line, "field": why.field, "text": why.text}


def checked(text: str) -> mapping.Mapping:
    """The mapping of a text; Unusable with its line, its field and a sentence."""
    try:
        return mapping.compiled(text)
    except Wrong as why:
        raise Unusable(why) from None


def all_of(db: Connection, connector: Connector) -> list[Version]:
    """The versions, the newest first."""
    found = rows(db, sql["all"], workspace=connector.workspace_id, connector=connector.pk, most=MOST_SHOWN)
    return [Version(*row) for row in found]


def text_of(db: Connection, connector: Connector, version: int | None = None) -> Text:
    """A version's text, the newest's where none is said; NONE where there is none."""
    found = rows(db, sql["text"], workspace=connector.workspace_id, connector=connector.pk, version=version)
    return Text(*found[0]) if found else NONE


def save(db: Connection, connector: Connector, text: str, author: str, why: str = "") -> bool:
    """A new version, valid from now; False where the newest says the same. Unusable for a text that is no mapping."""
    checked(text)
    with transaction.atomic():
        _alone(db)
        if text_of(db, connector).text == text:
            return False
        said: dict[str, Any] = {
            "workspace": connector.workspace_id,
            "connector": connector.pk,
            "digest": hashlib.sha256(text.encode()).hexdigest(),
            "text": text,
            "author": author,
            "why": why.strip()[:LONGEST_WHY],
            "now": datetime.now(UTC),
        }
        rows(db, sql["save"], **said)
    return True


def hold_since(db: Connection, connector: Connector, since: datetime) -> bool:
    """The newest version reads what was received from an earlier time on; False where it does already.

    What was worked meanwhile is not: the caller makes it anew.
    """
    with transaction.atomic():
        _alone(db)
        said = {"workspace": connector.workspace_id, "connector": connector.pk, "since": since}
        return bool(run(db, sql["hold_since"], **said))


def _alone(db: Connection) -> None:
    """Nobody reads the versions from here to the commit: what is received later is read by the new one."""
    rows(db, sql["patient"], patience=PATIENCE)
    try:
        run(db, ALONE)
    except DatabaseError as trouble:
        if isinstance(trouble.__cause__, psycopg2.errors.LockNotAvailable):
            raise TryAgain(_("A large batch is being worked: save again in a moment.")) from trouble
        raise
