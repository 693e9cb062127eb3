"""Suggestions as they are shown: both sides' values of each field, as they are now, masked where they must be.

The values are read when they are shown; none are kept beside a suggestion. Not here: what becomes of one (kept.py).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from kernel import cursor
from kernel.cursor import Page
from kernel.db import Connection, Statements
from kernel.errors import BadRequest, NotFound
from kernel.web import access
from profiles.suggestions import features, reading

SQL = Statements(__file__)

ORDER: Final = cursor.Order("s.score", "float8", "s.id")
WORKSPACE: Final = "s.workspace_id = %(workspace)s::int"
# Both are there, in two profiles, and nobody keeps them apart.
UNDECIDED: Final = """x.profile_id <> y.profile_id
and (least(x.profile_id, y.profile_id), greatest(x.profile_id, y.profile_id)) not in (
    select least(c.profile_id, d.profile_id), greatest(c.profile_id, d.profile_id)
    from profiles_cannot n
    join profiles_identifier c on c.workspace_id = n.workspace_id and c.id = n.a
    join profiles_identifier d on d.workspace_id = n.workspace_id and d.id = n.b
    where n.workspace_id = %(workspace)s::int
)"""
IN_STATE: Final = {
    "open": f"(s.state = 'open' or (s.state = 'later' and s.until <= %(now)s::timestamptz)) and {UNDECIDED}",
    "later": f"s.state = 'later' and s.until > %(now)s::timestamptz and {UNDECIDED}",
    "accepted": "s.state = 'accepted'",
    "refused": "s.state = 'refused'",
}
Known = Mapping[int, dict[str, str]]


def page(  # noqa: PLR0913 (one list, whole)
    db: Connection,
    workspace: int,
    state: str,
    now: datetime,
    masked: bool,
    at: str | None = None,
    limit: int = cursor.LIMIT,
) -> Page:
    """A page of the suggestions in a state, the likeliest first."""
    if state not in IN_STATE:
        raise BadRequest("`state` is open, later, accepted or refused.", "bad_state")
    values = {"workspace": workspace, "now": now}
    found = cursor.page(db, SQL["list"], [WORKSPACE, IN_STATE[state]], values, ORDER, at, limit, tuple)
    told = _told(db, workspace, found.items, masked)
    return found._replace(items=[one | {"state": state} for one in told])  # what was left and is due is open


def one(db: Connection, workspace: int, number: UUID, masked: bool) -> dict[str, Any]:
    """A single one, whatever its state."""
    values = {"workspace": workspace, "id": number}
    wheres = [WORKSPACE, "s.id = %(id)s::uuid"]
    found = cursor.page(db, SQL["list"], wheres, values, ORDER, None, 1, tuple).items
    if not found:
        raise NotFound("There is no such suggestion in this workspace.")
    return _told(db, workspace, found, masked)[0]


def _told(
    db: Connection, workspace: int, items: Sequence[tuple[Any, ...]], masked: bool
) -> list[dict[str, Any]]:
    profiles = {serial for item in items for serial in (item[7], item[9]) if serial is not None}
    nobodys = reading.nobodys_of(db, workspace) if profiles else None
    traits = reading.of(db, workspace, profiles, nobodys) if nobodys else {}
    known = {serial: features.said(given) for serial, given in traits.items()}
    return [_item(item, known, masked) for item in items]


def _item(item: tuple[Any, ...], known: Known, masked: bool) -> dict[str, Any]:
    score, number, weight, evidence, state, a, b, one_, one_key, other, other_key = item
    sides = known.get(one_, {}), known.get(other, {})
    return {
        "id": str(number),
        "profiles": [str(one_key or a), str(other_key or b)],
        "score": score,
        "weight": weight,
        "evidence": [told for field in _decoded(evidence) if (told := _compared(field, sides, masked))],
        "state": state,
    }


def _compared(
    field: Sequence[Any], sides: tuple[dict[str, str], dict[str, str]], masked: bool
) -> dict[str, Any] | None:
    """A field of both sides; None where neither says anything."""
    name, degree, bits = field
    a, b = (_shown(name, side, masked) for side in sides)
    if a is None and b is None:
        return None
    return {"field": name, "a": a, "b": b, "level": degree, "weight": bits}


def _shown(field: str, said: Mapping[str, str], masked: bool) -> str | None:
    """What a side says of a field: a name whole, or its parts."""
    parts = [said[what] for what in features.FIELDS[field] if what in said]
    if not parts:
        return None
    text = parts[0] if field == "name" and "name" in said else " ".join(parts)
    return str(access.scrub({field: text})[field]) if masked else text


def _decoded(evidence: Any) -> list[list[Any]]:
    found: list[list[Any]] = msgspec.json.decode(evidence) if isinstance(evidence, str) else evidence
    return found
