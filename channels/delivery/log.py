"""What went out and what did not: the log, how a destination does, and doing it again under the same key.

Not here: sending (work.py).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from channels.delivery import words
from channels.models import Destination
from kernel import cursor
from kernel.cursor import Order, Page
from kernel.db import Connection, Statements, array, rows, run
from kernel.errors import Conflict, NotFound
from kernel.periods import utc_text

sql = Statements(__file__)

STATES: Final = ("waiting", "sending", "sent", "failed", "dead", "held", "refused")
OPEN: Final = ("waiting", "sending", "failed")
ENDED: Final = ("sent", "dead", "held", "refused")
AGAIN: Final = ("failed", "dead", "refused", "sent")  # what may be sent once more; who is held out stays so
UNSENT: Final = ("failed", "dead")  # what a replay takes where nothing is said
NEWEST: Final = Order("y.id", "bigint", "y.id", "bigint")
LIST: Final = (
    "select y.id, y.id, y.key, d.uuid, d.name, y.cause, y.name, y.at, y.event_id, y.profile, y.state, y.reason,"
    " y.params::text, y.tries, y.next_try, y.status, y.answer, y.created_at, y.ended_at"
    " from channels_delivery y join channels_destination d on d.id = y.destination_id"
)


def page(  # noqa: PLR0913 (one list, whole)
    db: Connection,
    workspace: int,
    *,
    destination: int | None = None,
    profiles: Collection[UUID] | None = None,
    state: str = "",
    at: str | None = None,
    limit: int = cursor.LIMIT,
) -> Page:
    """Deliveries, the newest first. `profiles`: of a person, by every id he was ever known by."""
    wheres = ["y.workspace_id = %(workspace)s::bigint"]
    values: dict[str, Any] = {"workspace": workspace}
    if destination is not None:
        wheres.append("y.destination_id = %(destination)s::bigint")
        values["destination"] = destination
    if profiles is not None:
        wheres.append("y.profile = any(%(profiles)s::uuid[])")
        values["profiles"] = array(sorted(profiles))
    if state:
        wheres.append("y.state = %(state)s::text")
        values["state"] = state
    return cursor.page(db, LIST, wheres, values, NEWEST, at, limit, _item)


def _item(row: Sequence[Any]) -> dict[str, Any]:
    (_order, number, key, destination, called, cause, name, at, event, profile, state, reason) = row[:12]
    params, tries, next_try, status, answer, created, ended = row[12:]
    return {
        "id": number,
        "key": str(key),
        "destination": str(destination),
        "destination_name": called,
        "cause": cause,
        "name": name,
        "at": utc_text(at),
        "event": str(event) if event else None,
        "profile": str(profile) if profile else None,
        "state": state,
        "reason": reason,
        "message": words.said(reason, msgspec.json.decode(params) if params else None),
        "tries": tries,
        "next_try": utc_text(next_try) if state in ("waiting", "failed") else None,
        "status": status,
        "answer": answer,
        "created_at": utc_text(created),
        "ended_at": utc_text(ended) if ended else None,
    }


def counts(db: Connection, destinations: Collection[int]) -> dict[int, dict[str, int]]:
    """Of each destination: what waits, is under way and failed; what ended otherwise in the last 24 hours."""
    found = {one: dict.fromkeys(STATES, 0) for one in destinations}
    asked = array(sorted(destinations))
    for number, state, n in rows(db, sql["counts"], destinations=asked):
        found[number][state] = n
    return found


def retry(db: Connection, workspace: int, number: int) -> dict[str, Any]:
    """One delivery once more, at once; NotFound, Conflict."""
    if not run(db, sql["retry"], workspace=workspace, id=number, states=list(AGAIN)):
        known = rows(db, sql["state"], workspace=workspace, id=number)
        if not known:
            raise NotFound(_("There is no such delivery in this workspace."))
        raise Conflict(
            _("This delivery is “%(state)s”, or its destination was deleted: it is not sent again.")
            % {"state": known[0][0]}
        )
    [found] = rows(db, f"{LIST} where y.id = %(id)s::bigint", id=number)
    return _item(found)


def replay(
    db: Connection,
    destination: Destination,
    states: Collection[str],
    after: datetime | None,
    before: datetime | None,
) -> int:
    """All of a destination in these states, made between two times, once more; how many that are."""
    return run(db, sql["replay"], destination=destination.pk, states=list(states), after=after, before=before)


def forget(db: Connection, workspace: int, profiles: Collection[UUID]) -> int:
    """A person goes out of the log: what is left says that something was sent, not to whom. How many rows that were."""
    return run(db, sql["forget"], workspace=workspace, profiles=array(sorted(profiles)))
