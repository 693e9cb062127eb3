"""An import as steps: each reads some rows, and appends them to the inbox in the transaction that moves its position.

A kill between two steps, or within one, costs and doubles nothing: the next worker skips the rows that are kept.
A dry run reads the same way and writes nothing but what would become of the rows. Not here: who calls it
(cdp/pipeline/imports.py), what became of rows that the pipeline has worked (outcome.py).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction

from channels import connectors, sender
from channels.connect import setup as connecting
from channels.connectors import file as files
from channels.connectors.base import FILE
from channels.imports import chunks, formats, known, outcome, store
from channels.imports.chunks import Piece
from channels.imports.formats import Asked, Opened, Wanted
from channels.imports.known import Place
from channels.imports.store import Chunked
from channels.imports.words import Unusable
from channels.inbox import log
from channels.inbox.log import Entry, Received
from channels.mapping import apply
from channels.models import Connector, Import
from channels.protocol import FILE as DOOR
from channels.snapshot import Snapshot
from channels.tables import chunk, rows
from channels.tables.chunk import EARLIER, Chunk
from kernel import db as database
from kernel.db import Connection
from kernel.event import event_id

SENT: Final = sender.of_hook(sender.Hooked())  # what makes its connector's kind read it
PREVIEW: Final = 50  # rows
Blocked = Sequence[tuple[str, str]]


@dataclass
class Reading:
    """A file that is being read, and by which settings."""

    found: Import
    connector: Connector
    opened: Opened
    table: str
    style: rows.Style
    snapshot: Snapshot | None  # of a dry run

    @property
    def columns(self) -> list[str]:
        return self.opened.head.columns

    @property
    def fields(self) -> list[str]:
        return self.opened.head.matched.fields


def steps(
    db: Connection, found: Import, blocked: Blocked = (), breathe: Callable[[], object] = int
) -> Iterator[int]:
    """Reads on from where it is; the rows kept so far after each step. Raises Unusable for a file that says nothing.

    `breathe` is called while no rows come for long: never within a transaction.
    """
    connector = Connector.objects.select_related("channel").filter(pk=found.connector_id).first()
    if connector is None or connectors.KINDS.get(connector.kind, connectors.KINDS["http"]).direction != FILE:
        raise Unusable("gone")
    settings: Any = connecting.opened(connector).settings
    asked = Asked(settings.rows, settings.columns, Wanted(**found.wanted), breathe)
    with store.spooled(db, found, breathe) as file:
        opened = _opened(found, file, asked)
        head = opened.head
        store.describe(
            found,
            opened.form._asdict(),
            list(zip(head.columns, head.matched.fields, strict=True)),
            opened.notes,
        )
        snapshot = apply.snapshot(db, found.workspace_id, blocked) if found.dry_run else None
        reading = Reading(found, connector, opened, settings.rows, files.style(settings), snapshot)
        rest = islice(opened.rows, found.rows, None)
        for piece in chunks.pieces(rest, settings.rows, reading.fields, begin=found.rows == 0):
            if not _step(db, reading, piece):
                return
            yield found.rows
    if not found.rows:
        store.note(found, "no_rows")


def _opened(found: Import, file: Any, asked: Asked) -> Opened:
    """The file, read; of one that cannot be taken is kept how far it could be, for whoever sets its columns."""
    try:
        return formats.opened(file, str(file.name), asked)
    except Unusable as why:
        if (seen := why.seen) is not None:
            columns = list(zip(seen.head.columns, seen.head.matched.fields, strict=True))
            store.describe(found, seen.form._asdict(), columns, [])
            found.preview = [
                {"rows": [raw.number], "messages": [], "cells": [raw.cells]} for raw in seen.first[:PREVIEW]
            ]
            found.save(update_fields=["preview"])
        raise


def _step(db: Connection, reading: Reading, piece: Piece) -> bool:
    """One piece, whole or not at all; False when another worker has it."""
    found = reading.found
    with transaction.atomic():
        if store.held(db, found) != found.rows:
            return False
        known.hold(db, reading.connector.pk)
        received_at = database.rows(db, "select clock_timestamp()")[0][0]
        place = Place(found.workspace_id, reading.connector.pk, found.pk, received_at, uuid4())
        made = _chunk(db, reading, piece, place)
        if found.dry_run:
            store.add(db, found, _judged(db, reading, made, place))
        else:
            there = _there(db, reading, made)
            _append(db, place, made)
            store.add(db, found, Chunked(received_at, place.request, len(piece.rows), known=there))
    return True


def _chunk(db: Connection, reading: Reading, piece: Piece, place: Place) -> Chunk:
    found = reading.found
    if reading.table not in rows.KEYED:
        return chunks.plain(piece, reading.table, found.sha256, reading.columns, reading.fields)
    told = known.told(db, place, piece, reading.table, reading.columns, reading.fields)
    if not found.dry_run:
        known.keep(db, place, told.fresh)
    return chunks.gathered(told.groups, reading.table, found.sha256, told.columns, told.fields)


def _append(db: Connection, place: Place, made: Chunk) -> None:
    entry = Entry(
        workspace=place.workspace,
        received_at=place.received_at,
        request=place.request,
        connector=place.connector,
        door=DOOR,
        n=max(made.messages, 1),
        body=chunk.written(made),
        sender=SENT,
    )
    log.append(db, [entry])


def _judged(db: Connection, reading: Reading, made: Chunk, place: Place) -> Chunked:
    """What the pipeline would say of a chunk, without it."""
    found, snapshot = reading.found, reading.snapshot
    if snapshot is None:
        raise ValueError("only a dry run is judged")
    row = Received(
        place.request, place.received_at, place.connector, DOOR, made.messages, chunk.written(made), 0, SENT
    )
    prepared = apply.prepare([row], snapshot)
    said = list(rows.said(made, reading.style))
    groups = [one.group for one in said]
    whys = {groups[bad.position]: bad for bad in reversed(prepared.bads) if bad.position < len(groups)}
    spans = list(made.spans())
    problems = [
        outcome.problem(made, spans[group], bad.reason, bad.code, bad.field, dict(bad.params))
        for group, bad in sorted(whys.items())
    ]
    good = {one.id: groups[one.position] for one in prepared.cleans}
    good |= {one.id: groups[one.position] for one in prepared.records}
    there = outcome.taken(db, place.workspace, list(good))
    _preview(found, made, said, problems)
    return Chunked(
        place.received_at,
        place.request,
        _rows(made, range(len(spans))),
        bad=_rows(made, whys),
        known=_rows(made, {good[one] for one in there} - whys.keys() - _new(good, there)),
        problems=problems,
    )


def _there(db: Connection, reading: Reading, made: Chunk) -> int:
    """How many of a chunk's rows say nothing that is not there already."""
    scope = reading.connector.uuid
    ids = {
        event_id(scope, str(one.message["messageId"])): one.group for one in rows.said(made, reading.style)
    }
    there = outcome.taken(db, reading.found.workspace_id, list(ids))
    return _rows(made, {ids[one] for one in there} - _new(ids, there))


def _new(good: dict[UUID, int], there: set[UUID]) -> set[int]:
    """Groups that say something that is not there yet."""
    return {group for one, group in good.items() if one not in there}


def _rows(made: Chunk, groups: Any) -> int:
    """How many of the file's rows some messages are made of."""
    spans = list(made.spans())
    return sum(1 for group in groups for number in made.numbers[slice(*spans[group])] if number != EARLIER)


def _preview(found: Import, made: Chunk, said: list[rows.Said], problems: list[Any]) -> None:
    """The first rows as they would become."""
    shown = sum(len(one["rows"]) for one in found.preview)
    if shown >= PREVIEW:
        return
    spans = list(made.spans())
    bads = {tuple(problem["rows"]): problem for problem in problems}
    messages: dict[int, list[Any]] = {}
    for one in said:
        messages.setdefault(one.group, []).append(one.message)
    for group, (first, after) in enumerate(spans):
        numbers = [number for number in made.numbers[first:after] if number != EARLIER]
        if shown >= PREVIEW or not numbers:
            break
        shown += len(numbers)
        bad = bads.get(tuple(numbers), {})
        why = {name: bad.get(name) for name in ("reason", "field", "code", "params")}
        cells = [made.cells[place] for place in range(first, after) if made.numbers[place] != EARLIER]
        found.preview.append({"rows": numbers, "messages": messages.get(group, []), "cells": cells} | why)
    found.save(update_fields=["preview"])
