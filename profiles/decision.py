"""What one event decided about who is who, and what it taught us: for the event's life. Reading only."""

from typing import Any
from uuid import UUID

from cdp.kernel import access
from cdp.kernel.db import Connection, Statements, rows
from profiles import traits
from profiles.identity import listing
from profiles.queries import time_text
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
                "result": "refused"
                if refused
                else "shared"
                if names[b].shared or names[a].shared
                else "joined",
            }
            for a, b, refused in edges
        ],
    }


def taught(db: Connection, workspace: int, event: UUID, sighting: int, masked: bool) -> list[dict[str, Any]]:
    """The trait values whose first or latest evidence this event is."""
    found = []
    for name, text, n, first_event, at in rows(
        db, SQL["values"], workspace=workspace, event=event, sighting=sighting
    ):
        value = traits.unseal(workspace, name, text)
        shown = access.scrub({name: value})[name] if masked else value
        said = "first" if first_event == event else "latest"
        found.append({"trait": name, "value": shown, "evidence": said, "said": n, "at": time_text(at)})
    return found
