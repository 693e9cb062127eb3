"""The folder or bucket that a connector watches: the last look, and what became of the files found there.

Not here: looking (channels/watching/), the imports that files become (channels/imports/).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from channels.connect.connections import OWN
from channels.imports import words as import_words
from channels.models import Connector
from channels.watching import store, words
from channels.watching.store import GONE, REFUSED, SAME, SEEN, Found

SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that was found. `why`: what is wrong with it, or was noticed; counts are of its rows."""

    name: str
    at: datetime
    tone: str
    state: str
    why: str
    rows: int
    bad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A place. `why`: what keeps it from being looked at; empty: nothing."""

    place: str
    looked_at: datetime | None
    count: int
    why: str
    files: list[File]


def of(connector: Connector) -> Watched | None:
    """None for a connector that watches nothing."""
    own = connector.settings.get(OWN, {})
    place = own.get("watch", "") if isinstance(own, dict) else ""
    if not place:
        return None
    found = store.standing(connection, connector, SHOWN)
    return Watched(
        place=place,
        looked_at=found.looked_at,
        count=found.files,
        why=words.said(found.failure),
        files=[_file(one) for one in found.found],
    )


def _file(one: Found) -> File:
    tone, state = _state(one)
    said = (words.said(one.note), import_words.text(one.notes))
    return File(
        name=one.path,
        at=one.at,
        tone=tone,
        state=state,
        why=" ".join(filter(None, said)),
        rows=one.rows,
        bad=one.bad,
    )


def _state(one: Found) -> tuple[str, str]:
    """Its colour and word."""
    if one.state == SEEN:
        return "note", _("found")
    if one.state == REFUSED:
        return "bad", _("refused")
    if one.state == SAME:
        return "line", _("read before")
    if one.state == GONE and one.import_state is None:
        return "line", _("read before")
    return {
        "done": ("warn" if one.bad else "good", _("read")),
        "failed": ("bad", _("refused")),
        "cancelled": ("warn", _("cancelled")),
    }.get(one.import_state or "", ("note", _("being read")))
