"""Watched places as they lie in the database: when each is looked at, what is known of its files, what became of them.

Not here: looking (look.py), the imports that files become (channels/imports/store.py).
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.utils import timezone

from channels import connectors
from channels.connect.connections import OWN
from channels.connectors.base import FILE
from channels.models import Connector
from channels.watching.folder import File
from kernel.db import Connection, Statements, array, rows, run

sql = Statements(__file__)

SEEN, TAKEN, SAME, REFUSED, GONE = "seen", "taken", "same", "refused", "gone"
KEPT: Final = timedelta(days=90)  # of what was cleared away


class Known(NamedTuple):
    """A file that was found. `import_state`: of its import's job; `noted`: something is to be said of it."""

    id: int
    mark: str
    since: datetime
    state: str
    sha256: str
    made_for: UUID | None
    import_state: str | None
    noted: bool


class Found(NamedTuple):
    """A file for people. The counts are its import's."""

    path: str
    state: str
    at: datetime
    note: dict[str, Any] | None
    number: int | None
    import_state: str | None
    rows: int
    good: int
    bad: int
    notes: list[Any]


class Standing(NamedTuple):
    """How a place does."""

    looked_at: datetime | None
    files: int
    failure: dict[str, Any] | None
    found: list[Found]


def due(db: Connection) -> list[Connector]:
    """Connectors whose place is to be looked at, the longest waiting first."""
    kinds = [name for name, kind in connectors.KINDS.items() if kind.direction == FILE]
    ids = [found for (found,) in rows(db, sql["due"], kinds=kinds)]
    by_id = Connector.objects.select_related("channel", "workspace").in_bulk(ids)
    return [by_id[one] for one in ids if one in by_id]


def looked(
    db: Connection, connector: Connector, seconds: float, files: int, failure: dict[str, Any] | None
) -> None:
    """After a look."""
    run(
        db,
        sql["looked"],
        workspace=connector.workspace_id,
        connector=connector.pk,
        seconds=seconds,
        files=files,
        failure=json.dumps(failure) if failure else None,
    )


def watches(connector: Connector) -> bool:
    """Whether a place is set."""
    own = connector.settings.get(OWN, {})
    return isinstance(own, dict) and bool(own.get("watch"))


def at_once(db: Connection, connector: Connector) -> None:
    """It is looked at now."""
    run(db, sql["at_once"], connector=connector.pk)


def known(db: Connection, connector: Connector, files: Sequence[File]) -> dict[str, Known]:
    """What is known of the files that lie there, by path."""
    found = rows(db, sql["known"], connector=connector.pk, paths=array([one.path for one in files]))
    return {path: Known(*rest) for path, *rest in found}


def busy(db: Connection, connector: Connector) -> bool:
    """Whether one of its files is being read: the next one waits, so that the later one has the last word."""
    return bool(rows(db, sql["busy"], connector=connector.pk)[0][0])


def seen(db: Connection, connector: Connector, files: Sequence[File]) -> None:
    """New files, and files that are others now."""
    if files:
        run(
            db,
            sql["seen"],
            workspace=connector.workspace_id,
            connector=connector.pk,
            paths=array([one.path for one in files]),
            marks=array([one.mark for one in files]),
        )


def held(db: Connection, file: Known) -> bool:
    """Whether it is still to be taken; locked."""
    found = rows(db, sql["hold"], id=file.id)
    return bool(found) and found[0] == (file.mark, file.state)


def had(db: Connection, connector: Connector, sha256: str, made_for: UUID) -> bool:
    """Whether these bytes came before, were read by these settings, and to their end."""
    return bool(rows(db, sql["had"], connector=connector.pk, sha256=sha256, made_for=made_for)[0][0])


def become(db: Connection, file: Known, state: str, note: dict[str, Any] | None = None, **how: Any) -> None:
    """What became of it. `how`: sha256, its import's number, and made_for, where they are known."""
    said = json.dumps(note) if note else None
    run(
        db,
        sql["become"],
        id=file.id,
        state=state,
        note=said,
        **({"sha256": "", "number": None, "made_for": None} | how),
    )


def tidy(db: Connection) -> None:
    """What was cleared away long ago is forgotten."""
    run(db, sql["tidy"], before=timezone.now() - KEPT)


def failing(db: Connection, workspace: int) -> dict[int, tuple[dict[str, Any], datetime]]:
    """Connectors whose place could not be looked at, with why and when."""
    return {
        one: (json.loads(failure), at) for one, failure, at in rows(db, sql["failing"], workspace=workspace)
    }


def standing(db: Connection, connector: Connector, most: int) -> Standing:
    """How a place does, and its newest files."""
    last = rows(db, sql["standing"], connector=connector.pk)
    found = rows(db, sql["newest"], connector=connector.pk, most=most)
    looked_at, files, failure = last[0] if last else (None, 0, None)
    listed = [
        Found(
            path,
            state,
            at,
            json.loads(note) if note else None,
            number,
            job,
            counts[0],
            counts[1],
            counts[2],
            json.loads(notes or "[]"),
        )
        for path, state, at, note, number, job, *counts, notes in found
    ]
    return Standing(looked_at, files, json.loads(failure) if failure else None, listed)
