"""What became of an import's rows: how many are good and bad, which were refused and why, as a file.

A row is bad while the reject of its message is open. Not here: the rejects themselves (inbox/rejects.py), appending the
rows (work.py).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from channels import reasons
from channels.connect import setup as connecting
from channels.connectors import file as files
from channels.models import Import
from channels.tables import chunk, rows
from channels.tables.chunk import EARLIER, Chunk
from channels.tables.columns import OWN
from kernel.db import Connection, Statements, array, run
from kernel.db import rows as asked
from kernel.event import event_id

sql = Statements(__file__)

AT_ONCE: Final = 200  # chunks
Problem = dict[str, Any]  # rows, cells, reason, code, field, params


class _Kept(NamedTuple):
    number: int
    received_at: datetime
    request: UUID
    rows: int


class Refused(NamedTuple):
    """A reject's words, as it is kept."""

    reason: str
    code: str
    field: str
    params: dict[str, Any]


def settle(db: Connection, found: Import) -> bool:
    """Counts the rows of chunks that the pipeline has worked since; True when there are no others."""
    if found.dry_run:
        return True
    while True:
        chunks = [_Kept(*row) for row in asked(db, sql["worked"], source=found.pk, most=AT_ONCE)]
        if not chunks:
            break
        any_bad = asked(db, sql["any_bad"], workspace=found.workspace_id, connector=found.connector_id)[0][0]
        bad = [
            sum(len(one["rows"]) for one in _of_chunk(db, found, kept)) if any_bad else 0 for kept in chunks
        ]
        run(db, sql["settle"], source=found.pk, numbers=array([one.number for one in chunks]), bad=array(bad))
    return not asked(db, sql["unsettled"], source=found.pk)[0][0]


def problems(db: Connection, found: Import) -> Iterator[tuple[list[str], Problem]]:
    """The rows that are refused now, in the order of the file: the columns of their chunk, and each problem."""
    columns = [column for column, _field in found.columns]
    after = -1
    while True:
        chunks = asked(db, sql["chunks"], source=found.pk, after=after, most=AT_ONCE)
        if not chunks:
            return
        for number, received_at, request, count, said in chunks:
            after = number
            if found.dry_run:
                for one in json.loads(said) if said else ():
                    yield columns, one
                continue
            for one in _of_chunk(db, found, _Kept(number, received_at, request, count)):
                yield columns, one


def problem(
    made: Chunk, span: tuple[int, int], reason: str, code: str, field: str, params: dict[str, Any]
) -> Problem:
    """Why the rows of one message are refused, and what stands in them."""
    mine = [place for place in range(*span) if made.numbers[place] != EARLIER]
    return {
        "rows": [made.numbers[place] for place in mine],
        "cells": [made.cells[place] for place in mine],
        "reason": reason,
        "code": code,
        "field": column_of(made, field),
        "params": params,
    }


def _of_chunk(db: Connection, found: Import, kept: _Kept) -> list[Problem]:
    """The refused rows of a chunk, by the messageIds of its messages: an earlier file may have brought the same."""
    bodies = asked(
        db,
        sql["body"],
        workspace=found.workspace_id,
        received_at=kept.received_at,
        request=kept.request,
    )
    if not bodies:
        return []
    try:
        made = chunk.read(bodies[0][0])
        said = list(rows.said(made, files.style(connecting.opened(found.connector).settings)))
    except (msgspec.MsgspecError, KeyError, ValueError):
        return []
    scope = found.connector.uuid
    ids = {event_id(scope, str(one.message["messageId"])): one.group for one in said}
    whole = event_id(scope, f"{kept.request}-0")  # of a body that was not understood
    refused = _refused(db, found.workspace_id, [*ids, whole])
    spans = list(made.spans())
    if whole in refused:
        return [problem(made, span, *refused[whole]) for span in spans]
    bad: dict[int, Refused] = {}
    for one, group in ids.items():
        if one in refused:
            bad.setdefault(group, refused[one])
    listed = [problem(made, spans[group], *bad[group]) for group in sorted(bad)]
    return [one for one in listed if one["rows"]]


def _refused(db: Connection, workspace: int, ids: Sequence[UUID]) -> dict[UUID, Refused]:
    found = asked(db, sql["refused"], workspace=workspace, ids=array(list(ids)))
    return {
        one: Refused(reason, code or "", field, json.loads(params) if params else {})
        for one, reason, code, field, params in found
    }


def taken(db: Connection, workspace: int, ids: Sequence[UUID]) -> set[UUID]:
    """Which messages are there already."""
    return (
        {one for (one,) in asked(db, sql["taken"], workspace=workspace, ids=array(list(ids)))}
        if ids
        else set()
    )


# ---- for people ---------------------------------------------------------------------------------------

_FIELDS: Final = {name: field for field, name in rows.OF_A_LINE.items()} | {"name": "product_name"}
_TIMES: Final = ("ordered_at", "visited_at", "joined_at", "updated_at")
_PEOPLE: Final = frozenset(("userId", "anonymousId"))


def column_of(made: Chunk, field: str) -> str:
    """The column that a reject's field is about; the field where it is none."""
    name = field.rpartition(".")[2]
    if field in ("timestamp", "originalTimestamp"):
        wanted: Iterable[str] = _TIMES
    elif field in _PEOPLE:
        wanted = ("user_id", "member_no", "phone", "email")
    else:
        wanted = (name, _FIELDS.get(name, ""), f"{OWN[0]}{name}", f"{OWN[1]}{name}")
    for one in wanted:
        if one and one in made.fields:
            return made.columns[made.fields.index(one)]
    return field


def sentence(
    columns: Sequence[str], cells: Sequence[str], one: Mapping[str, Any], words: reasons.Wording
) -> str:
    """What is wrong with a row, in words, with the value that is."""
    place = columns.index(one["field"]) if one["field"] in columns else -1
    value = cells[place] if 0 <= place < len(cells) else ""
    why = reasons.Why(
        one["reason"], one["field"], one["code"] or None, one["params"], "", reasons.quoted_whole(value)
    )
    return words(why)


def bad_rows(
    db: Connection, found: Import, words: Callable[[reasons.Why], str] = reasons.translated
) -> Iterator[list[str]]:
    """The refused rows under their file's own header, with row number, reason, column and sentence before them."""
    yield [
        _("Row"),
        _("Reason"),
        _("Column"),
        _("What is wrong"),
        *(column for column, _field in found.columns),
    ]
    for columns, one in problems(db, found):
        for number, cells in zip(one["rows"], one["cells"], strict=True):
            yield [
                str(number),
                one["reason"],
                one["field"],
                sentence(columns, cells, one, words),
                *cells[: len(columns)],
            ]
