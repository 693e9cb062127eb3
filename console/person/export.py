"""All that is held of a person as one JSON document, made while it is read: few rows are in memory.

Nothing is masked: it is the person's own. It ends with `"complete": true`; one that does not was cut off on its way.
Not here: who may ask (export_api.py), the summary (summary.py).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db import connection

from channels.inbox import naming, raw
from channels.inbox.raw import Place
from kernel import limits
from kernel.models import Workspace
from kernel.periods import utc_text
from metrics import persons
from metrics import queries as bought
from profiles import queries, reasons, timeline

STEP: Final = 200  # events at a time
ENCODER: Final = msgspec.json.Encoder(enc_hook=str)  # amounts as text
INTERNAL: Final = ("channel_id", "sighting_id", "workspace_id")


def written(workspace: Workspace, key: str, at: datetime) -> Iterator[str]:
    """The document, piece by piece. NotFound is for the caller to find first: here it is too late to say it."""
    with limits.unlimited(connection):
        serial, public = queries.resolve(connection, workspace.pk, key)
        sightings = queries.sightings(connection, workspace.pk, serial)
        yield f'{{"as_of": {_json(utc_text(at))}, "workspace": {_json(workspace.slug)}'
        for name, value in _known(workspace, serial, str(public), sightings):
            yield f", {_json(name)}: {_json(value)}"
        yield ', "events": ['
        yield from _listed(_events(workspace, sightings))
        yield '], "rejects": ['
        yield from _listed(naming.of(connection, workspace.pk, _identified(workspace, serial)))
        yield '], "complete": true}'


def _known(workspace: Workspace, serial: int, public: str, sightings: list[int]) -> Iterator[tuple[str, Any]]:
    """What is short enough to be put together at once."""
    db, place = connection, workspace.pk
    profile = queries.profile(db, workspace, public, masked=False)
    yield "id", public
    for name in ("called", "merged_ids", "summary", "segments"):
        yield name, profile[name]
    yield "identifiers", queries.identifiers(db, place, serial, masked=False)
    yield "traits", queries.golden_record(db, workspace, serial, masked=False)
    yield "consent", queries.consent(db, workspace, public, masked=False)
    yield "joins", reasons.joins(db, place, serial, masked=False)
    yield "decisions", reasons.every_decision(db, place, serial, masked=False)
    slugs = queries.channel_slugs(db, place)
    orders = bought.orders_of(db, place, sightings)
    yield "orders", [_named(order, slugs) for order in orders]
    for name, rows in persons.held(db, place, sightings).items():
        yield name, [_named(row, slugs) for row in rows]


def _named(row: dict[str, Any], slugs: dict[int, str]) -> dict[str, Any]:
    """A row of facts as it may be read: channels by name, no numbers of ours."""
    found = {
        name: [_named(one, slugs) if isinstance(one, dict) else one for one in value]
        if isinstance(value, list)
        else value
        for name, value in row.items()
        if name not in INTERNAL
    }
    if "channel_id" in row:
        found.setdefault("channel", slugs.get(row["channel_id"]))
    return found


def _events(workspace: Workspace, sightings: list[int]) -> Iterator[dict[str, Any]]:
    """Every event, oldest first; `received`: its message as it came, null where that is gone."""
    for found in timeline.held(connection, workspace, sightings, STEP):
        places = [
            Place(one.received_at, one.request, one.position) for one in found if one.request is not None
        ]
        came = iter(raw.items(connection, workspace.pk, places))
        for one in found:
            yield one.event | {"received": None if one.request is None else next(came)}


def _identified(workspace: Workspace, serial: int) -> set[tuple[str, str]]:
    known = queries.identifiers(connection, workspace.pk, serial, masked=False)
    return {(one["kind"], one["value"]) for one in known if not one["shared"]}


def _listed(items: Iterator[dict[str, Any]]) -> Iterator[str]:
    comma = ""
    for item in items:
        yield comma + _json(item)
        comma = ","


def _json(value: Any) -> str:
    return ENCODER.encode(value).decode()
