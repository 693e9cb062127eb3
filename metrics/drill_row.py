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
Who = tuple[UUID, str]  # public id and name
# "profile_id", "sighting_id" or "order_id" -> its id (of an order: with its channel) -> who it is
Known = dict[str, dict[Any, Who]]
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
        if of.by_order:
            answer |= _person(known["order_id"].get((fields["order_id"], fields["channel_id"])))
        if masked:
            answer |= access.scrub({name: answer[name] for name in _texts(fields) if name in answer})
        made.append(answer)
    return made


def _known(db: Connection, settings: query.ReportingSettings, of: Rows, found: Sequence[Values]) -> Known:
    """Who the rows of a page belong to, by profile, by sighting or by order."""
    profiles = _column(of, found, "profile_id")
    orders = _buyers(db, settings, of, found) if of.by_order else {}
    sightings = _column(of, found, "sighting_id") | set(orders.values())
    owners: dict[int, int] = (
        dict(rows(db, SQL["people"], workspace=settings.workspace, sightings=array(sorted(sightings))))
        if sightings
        else {}
    )
    known = people.known(db, settings.workspace, profiles | set(owners.values()))
    people_of = {sighting: known[one] for sighting, one in owners.items() if one in known}
    return {
        "profile_id": known,
        "sighting_id": people_of,
        "order_id": {order: people_of[one] for order, one in orders.items() if one in people_of},
    }


def _buyers(
    db: Connection, settings: query.ReportingSettings, of: Rows, found: Sequence[Values]
) -> dict[tuple[str, int], int]:
    """The sightings that ordered, by order and channel."""
    order, channel = of.shown.index("order_id"), of.shown.index("channel_id")
    asked = sorted({(values[order], values[channel]) for values in found})
    if not asked:
        return {}
    orders, channels = array([one for one, _ in asked]), array([one for _, one in asked])
    buyers = rows(db, SQL["buyers"], workspace=settings.workspace, orders=orders, channels=channels)
    return {(order_id, channel_id): sighting for order_id, channel_id, sighting in buyers}


def _column(of: Rows, found: Sequence[Values], name: str) -> set[int]:
    if name not in of.shown:
        return set()
    place = of.shown.index(name)
    return {values[place] for values in found if values[place] is not None}


def _shown(settings: query.ReportingSettings, column: str, value: Any, known: Known) -> list[tuple[str, Any]]:
    """A column as it is answered."""
    if column in {"profile_id", "sighting_id"}:
        return list(_person(known[column].get(value)).items())
    if column == "channels":
        return [(column, [settings.channels.get(channel) for channel in value])]
    if column.endswith("channel_id"):
        return [(column.removesuffix("_id"), settings.channels.get(value))]
    return [(column, _plain(value))]


def _person(who: Who | None) -> dict[str, Any]:
    """Whose a row is."""
    return {"profile": str(who[0]) if who else None, "customer": who[1] if who else ""}


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
