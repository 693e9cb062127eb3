"""A row behind a number as it is answered: channels by slug, people by public id and name, numbers as strings.

Not here: which rows there are, what each counts (drill.py).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import Connection, Statements, array, rows
from kernel.periods import utc_text
from kernel.web import access
from metrics import query
from metrics.catalogue.rows import Rows
from profiles import queries as people

SQL = Statements(__file__)
Known = dict[
    str, dict[int, tuple[UUID, str]]
]  # "profile_id" or "sighting_id" -> its id -> public id and name
Values = Sequence[Any]  # of the columns that are shown, in their order


def answers(
    db: Connection, settings: query.ReportingSettings, of: Rows, found: Sequence[Values], *, masked: bool
) -> list[dict[str, Any]]:
    """Rows of a list, each as it is answered. `masked`: contact data hidden in all that is words."""
    known = _known(db, settings, of, found)
    made = []
    for values in found:
        fields = dict(zip(of.shown, values, strict=True))
        answer = dict(pair for name, value in fields.items() for pair in _shown(settings, name, value, known))
        if masked:
            answer |= access.scrub({name: answer[name] for name in _texts(fields) if name in answer})
        made.append(answer)
    return made


def _known(db: Connection, settings: query.ReportingSettings, of: Rows, found: Sequence[Values]) -> Known:
    """Who the rows of a page belong to, by profile and by sighting."""
    profiles = _column(of, found, "profile_id")
    sightings = _column(of, found, "sighting_id")
    owners: dict[int, int] = (
        dict(rows(db, SQL["people"], workspace=settings.workspace, sightings=array(sorted(sightings))))
        if sightings
        else {}
    )
    known = people.known(db, settings.workspace, profiles | set(owners.values()))
    return {
        "profile_id": known,
        "sighting_id": {sighting: known[one] for sighting, one in owners.items() if one in known},
    }


def _column(of: Rows, found: Sequence[Values], name: str) -> set[int]:
    if name not in of.shown:
        return set()
    place = of.shown.index(name)
    return {values[place] for values in found if values[place] is not None}


def _shown(settings: query.ReportingSettings, column: str, value: Any, known: Known) -> list[tuple[str, Any]]:
    """A column as it is answered."""
    if column in known:
        key, name = known[column].get(value, (None, ""))
        return [("profile", str(key) if key else None), ("customer", name)]
    if column == "channels":
        return [(column, [settings.channels.get(channel) for channel in value])]
    if column.endswith("channel_id"):
        return [(column.removesuffix("_id"), settings.channels.get(value))]
    return [(column, _plain(value))]


def _texts(fields: Mapping[str, Any]) -> set[str]:
    """The fields of a row that are words: a sender's, or somebody's name."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return {
        "customer",
        *(name for name, value in lists.items() if any(isinstance(one, str) for one in value)),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return query.text(value)
    if isinstance(value, datetime):
        return utc_text(value)
    return str(value) if isinstance(value, date | UUID | timedelta) else value
