"""What stands below the studio: a mapping's versions, the last reading anew, what the cleaning rules did.

Not here: one version beside another (compare.py).
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from cdp.pipeline import jobs, remaps
from channels.inbox import cleaned
from channels.models import Connector
from channels.studio import versions
from console.studio import words
from kernel import periods
from kernel.models import Job

DAYS: Final = 30  # of the rules' counts
AROUND: Final = 2  # lines around a change
MOST_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class Row:
    """A version."""

    version: int
    author: str
    why: str
    saved_at: datetime
    valid_from: datetime
    newest: bool
    back: bool  # it was made valid for what came before it was saved


@dataclass(frozen=True, slots=True)
class Line:
    """A line of two texts side by side: `gone`, `new`, `same`, or `gap` where some are left out."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Again:
    """The last time that what came was read anew."""

    since: datetime
    at: datetime
    state: str
    tone: str
    running: bool
    result: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a part of a rule did in the last days."""

    field: str
    label: str
    part: str
    changed: int
    refused: int


def listed(one: Connector) -> list[Row]:
    """The versions, the newest first."""
    every = versions.all_of(connection, one)
    return [
        Row(*found, newest=not n, back=found.valid_from < found.saved_at - timedelta(minutes=1))
        for n, found in enumerate(every)
    ]


def changes(old: str, new: str) -> list[Line]:
    """What is different, with some lines around; nothing where nothing is."""
    return list(_changes(old.splitlines(), new.splitlines()))[:MOST_LINES]


def _changes(old: list[str], new: list[str]) -> Iterator[Line]:
    kinds = {"-": "gone", "+": "new", " ": "same", "@": "gap"}
    for n, line in enumerate(difflib.unified_diff(old, new, n=AROUND, lineterm="")):
        if n > 1 and not (line[0] == "@" and n == 2):
            yield Line(kinds[line[0]], "" if line[0] == "@" else line[1:])


def since(one: Connector) -> str:
    """The day from which on one would read anew: when the version before this one began."""
    every = versions.all_of(connection, one)
    zone = periods.zone(one.workspace.timezone)
    if not every:
        return ""
    before = every[1] if len(every) > 1 else every[0]
    return periods.day(before.valid_from, zone).isoformat()


def again(one: Connector) -> Again | None:
    """The last reading anew, that runs or is over."""
    job = (
        Job.objects.filter(workspace=one.workspace, kind=remaps.KIND, detail__connector=one.pk)
        .order_by("-id")
        .first()
    )
    if job is None:
        return None
    shown = jobs.shown(job, one.workspace, {}, None)
    at = datetime.fromisoformat(job.detail["since"])
    return Again(at, job.updated_at, shown.state, shown.tone, shown.running, shown.result)


def cleaned_by(one: Connector) -> list[Cleaned]:
    """By field and part, what it did in the last days."""
    last: date = periods.day(datetime.now(UTC), periods.zone(one.workspace.timezone))
    first = last - timedelta(days=DAYS - 1)
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for each in cleaned.of(connection, one.workspace_id, one.pk, first, last):
        changed, refused = found.get((each.field, each.rule), (0, 0))
        found[(each.field, each.rule)] = changed + each.changed, refused + each.refused
    return [
        Cleaned(
            field,
            words.label(field) if field else _("Payloads"),
            str(words.PARTS.get(part, part)),
            *counts,
        )
        for (field, part), counts in sorted(found.items())
    ]
