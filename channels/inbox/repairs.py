"""What people did to rejects: who, when, what was changed, and the request in which it went in again. Never rewritten.

A reject's own text stays as it was received. Not here: reading a message again and sending it (rejects.py).
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from kernel.db import Connection, Statements, array, rows, run
from kernel.periods import utc_text
from kernel.web import access

sql = Statements(__file__)

MOST_DIFFERENCES = 200  # fields of one message that are told
LONGEST_TOLD = 2_000  # characters of a value in a difference


class Done(NamedTuple):
    """What is to be kept of a reject. `raw`: its text from now on, None as it was; `request` None: it did not go in."""

    reject: UUID
    raw: str | None
    request: UUID | None


class Repair(NamedTuple):
    """One of them as it is kept. `fix`: the changes of a fix for many; none: by hand, or replayed as it was."""

    at: datetime
    actor: str
    fix: list[dict[str, Any]] | None
    raw: str | None
    request: UUID | None


def note(
    db: Connection, workspace: int, actor: str, fix: Sequence[dict[str, Any]] | None, done: Sequence[Done]
) -> None:
    """Keeps what somebody did."""
    if done:
        run(
            db,
            sql["note"],
            workspace=workspace,
            actor=actor,
            fix=None if fix is None else json.dumps(fix),
            ids=array(one.reject for one in done),
            raws=array(None if one.raw is None else one.raw.replace("\x00", "") for one in done),
            requests=array(one.request for one in done),
        )


def of(db: Connection, workspace: int, rejects: Sequence[UUID]) -> dict[UUID, list[Repair]]:
    """What was done to each, in that order."""
    found: dict[UUID, list[Repair]] = {}
    if rejects:
        for reject, at, actor, fix, *rest in rows(db, sql["of"], workspace=workspace, ids=array(rejects)):
            found.setdefault(reject, []).append(Repair(at, actor, json.loads(fix) if fix else None, *rest))
    return found


def latest(received: str, done: Sequence[Repair]) -> str:
    """A reject's text as it stands now."""
    return next((one.raw for one in reversed(done) if one.raw is not None), received)


def shown(received: str, done: Sequence[Repair], *, masked: bool) -> list[dict[str, Any]]:
    """Each as the read API shows it, with what it changed in the text before it."""
    told, before = [], received
    for one in done:
        after = before if one.raw is None else one.raw
        changed = differences(_read(before, masked), _read(after, masked))
        told.append(
            {
                "at": utc_text(one.at),
                "by": one.actor,
                "fix": access.scrub(one.fix) if masked else one.fix,
                "changed": changed,
                "sent": one.request is not None,
            }
        )
        before = after
    return told


def difference(received: str, now: str, *, masked: bool = False) -> list[dict[str, Any]]:
    """What two texts of a message differ in."""
    return differences(_read(received, masked), _read(now, masked))


def _read(text: str, masked: bool) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = text
    return access.scrub(found) if masked else found


ABSENT = object()


def differences(before: Any, after: Any) -> list[dict[str, Any]]:
    """Each field that differs: its path, what it said and what it says, null where it says nothing."""
    found: list[dict[str, Any]] = []
    _walk("", before, after, found)
    return found[:MOST_DIFFERENCES]


def _walk(path: str, before: Any, after: Any, found: list[dict[str, Any]]) -> None:
    if before is not ABSENT and after is not ABSENT and type(before) is type(after) and before == after:
        return
    if len(found) >= MOST_DIFFERENCES:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            _walk(
                f"{path}.{name}" if path else name, before.get(name, ABSENT), after.get(name, ABSENT), found
            )
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            _walk(f"{path}.{place}" if path else str(place), one, other, found)
    else:
        found.append({"field": path, "before": _told(before), "after": _told(after)})


def _told(value: Any) -> str | None:
    """A value as text: a text as it is, anything else as JSON."""
    if value is ABSENT:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_TOLD else text[:LONGEST_TOLD] + "…"
