"""Joins, conflicts and violations as the read API and the pages show them, contact data masked where it must be.

Not here: how they are found (identity).
"""

from datetime import datetime
from typing import Any

from kernel.cursor import Page
from kernel.db import Connection
from kernel.periods import utc_text
from kernel.web import access
from profiles.identity import conflicts, history, listing, shared
from profiles.identity.listing import Named


def identifier(name: Named, masked: bool) -> dict[str, Any]:
    """An identifier as it is named in evidence."""
    value = access.mask(name.kind, name.value) if masked else name.value
    return {
        "kind": name.kind,
        "namespace": name.namespace,
        "value": value,
        "key": str(name.key),
        "profile": str(name.profile_key),
        "shared": name.shared,
    }


def _text(text: str, masked: bool) -> str:
    return str(access.scrub(text)) if masked else text


def joins(db: Connection, workspace: int, serial: int, masked: bool) -> list[dict[str, Any]]:
    """What made a profile one, in order: two identifiers, class (0: by hand), the evidence and its time."""
    return [
        {
            "a": identifier(join.a, masked),
            "b": identifier(join.b, masked),
            "class": join.rank,
            "message_id": _text(join.message_id, masked) if join.event else None,
            "reason": None if join.event else _text(join.message_id, masked),
            "event": str(join.event) if join.event else None,
            "at": utc_text(join.at),
        }
        for join in listing.joins(db, workspace, serial)
    ]


AROUND = 50  # of what did not join one profile


def apart(db: Connection, workspace: int, serial: int, masked: bool) -> list[dict[str, Any]]:
    """What was seen together with a profile and did not join it, newest first, with the reason."""
    return [
        {
            "mine": identifier(one.inside, masked),
            "other": identifier(one.outside, masked),
            "message_id": _text(one.message_id, masked),
            "event": str(one.event),
            "at": utc_text(one.at),
            "reason": one.reason,
            "kind": one.kind or None,
            "limit": one.most,
            "count": one.n,
        }
        for one in conflicts.around(db, workspace, serial, AROUND)
    ]


def refused(db: Connection, workspace: int, masked: bool, at: str | None, limit: int) -> Page:
    """A page of conflicts: edges that joined nobody, and why."""
    found = conflicts.page(db, workspace, at, limit)
    return found._replace(items=[_refused(item, masked) for item in found.items])


def undecided(
    db: Connection, workspace: int, now: datetime, masked: bool, at: str | None, limit: int
) -> Page:
    """The same of those that wait for a person's word."""
    found = conflicts.undecided(db, workspace, now, at, limit)
    return found._replace(items=[_refused(item, masked) for item in found.items])


DECISIONS = 50  # of people about one profile
EVERY = 1_000_000


def decisions(db: Connection, workspace: int, serial: int, masked: bool) -> list[dict[str, Any]]:
    """What people decided about a profile, the last first, with author and reason."""
    return [decided(one, masked) for one in history.of(db, workspace, serial, DECISIONS)]


def every_decision(db: Connection, workspace: int, serial: int, masked: bool) -> list[dict[str, Any]]:
    """The same, all of them."""
    return [decided(one, masked) for one in history.of(db, workspace, serial, EVERY)]


def decided(one: history.Decided, masked: bool) -> dict[str, Any]:
    """A decision: what, about which two identifiers, whether they are one customer now."""
    return {
        "what": one.what,
        "a": identifier(one.a, masked),
        "b": identifier(one.b, masked),
        "together": one.together,
        "reason": _text(one.reason, masked),
        "actor": one.actor,
        "at": utc_text(one.at),
    }


def _refused(item: conflicts.Refused, masked: bool) -> dict[str, Any]:
    return {
        "a": identifier(item.a, masked),
        "b": identifier(item.b, masked),
        "class": item.rank,
        "message_id": _text(item.message_id, masked),
        "event": str(item.event) if item.event else None,
        "at": utc_text(item.at),
        "reason": item.reason,
        "kind": item.kind or None,
        "namespace": item.namespace or None,
        "limit": item.most,
    }


def violations(db: Connection, workspace: int, masked: bool, at: str | None, limit: int) -> Page:
    """A page of violations: shared identifiers, limits reached, values with many conflicts."""
    found = shared.page(db, workspace, at, limit)
    return found._replace(items=[_violation(item, masked) for item in found.items])


def _violation(item: shared.Violation, masked: bool) -> dict[str, Any]:
    return {
        "what": item.what,
        "identifier": identifier(item.name, masked),
        "at": utc_text(item.at),
        "kind": item.kind,
        "namespace": item.namespace,
        "count": item.n,
        "limit": item.most,
        "would_join": [identifier(name, masked) for name in item.would_join],
    }
