"""What one event decided about who is who, and what it taught us: for the event's life. Reading only."""

from typing import Any
from uuid import UUID

from kernel.db import Connection, Statements, rows
from kernel.periods import utc_text
from kernel.web import access
from profiles import traits
from profiles.identity import listing
from profiles.reasons import identifier

SQL = Statements(__file__)


def of(db: Connection, workspace: int, event: UUID, sighting: int, masked: bool) -> dict[str, Any]:
    """The identifiers seen together, whose they are, and the edges for which this event is the evidence."""
    ids, owner = rows(db, SQL["sighting"], workspace=workspace, sighting=sighting)[0]
    edges = rows(db, SQL["edges"], workspace=workspace, event=event, ids=ids)
    names = listing.named(db, workspace, {*ids, owner, *(end for a, b, _ in edges for end in (a, b))})
    return {
        "identifiers": [identifier(names[one], masked) for one in ids],
        "owner": identifier(names[owner], masked),
        "profile": str(names[owner].profile_key),
        "edges": [
            {
                "a": identifier(names[a], masked),
                "b": identifier(names[b], masked),
                "result": _result(names[a], names[b], refused),
            }
            for a, b, refused in edges
        ],
    }


def _result(a: listing.Named, b: listing.Named, refused: bool) -> str:
    """What an edge came to; one that is not decided yet waits for the background (identity/waiting.py)."""
    if refused:
        return "refused"
    if a.shared or b.shared:
        return "shared"
    return "joined" if a.profile == b.profile else "waiting"


def taught(db: Connection, workspace: int, event: UUID, sighting: int, masked: bool) -> list[dict[str, Any]]:
    """The trait values whose first or latest evidence this event is."""
    found = []
    for name, text, n, first_event, at in rows(
        db, SQL["values"], workspace=workspace, event=event, sighting=sighting
    ):
        value = traits.unseal(workspace, name, text)
        shown = access.scrub({name: value})[name] if masked else value
        said = "first" if first_event == event else "latest"
        found.append({"trait": name, "value": shown, "evidence": said, "said": n, "at": utc_text(at)})
    return found
