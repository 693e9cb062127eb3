"""Events as a list: of everything, or of one profile, newest first. Reading only.

A profile's timeline takes its days from `activity`, so that only those days' partitions are probed.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from kernel import contacts, cursor, normalise, vocabulary
from kernel.cursor import Order, Page
from kernel.db import Connection, Statements, array, rows, streamed
from kernel.event import event_id
from kernel.models import Workspace
from kernel.periods import utc_text
from kernel.web import access
from profiles import queries, surroundings

SQL = Statements(__file__)
NEWEST = Order("e.occurred_at", "timestamptz", "e.id")
PLAIN = ("type", "touchpoint")
TOUCHES = 400  # contacts a journey ribbon can hold
LOOKED_AT = 1_000  # newest events whose kinds are counted for a person's filters
EVER = "-infinity"  # no time is earlier
BOUGHT = f"e.name = '{vocabulary.BY_KIND['order_completed'].name}' and e.type = 'track'"


_CONTACTS = {"contacts": array(contacts.CONTACTS), "bot": contacts.BOT}


class Shown:
    """Turns rows into what the read API shows; asks for identifiers and profiles of a page at once."""

    def __init__(self, db: Connection, workspace: Workspace, masked: bool) -> None:
        self.db, self.workspace, self.masked = db, workspace, masked
        self.slugs = queries.channel_slugs(db, workspace.pk)
        self.connectors = {i: str(u) for i, u in rows(db, SQL["connectors"], workspace=workspace.pk)}

    def events(self, found: list[Sequence[Any]]) -> list[dict[str, Any]]:
        """The rows as events."""
        people = self._people({row[5] for row in found if row[5] is not None})
        shared = surroundings.of(self.db, self.workspace.pk, {id_ for row in found for id_ in row[12:]})
        return [
            self._event(row, people.get(row[5], (None, [])), [shared[id_] for id_ in row[12:] if id_])
            for row in found
        ]

    def _people(self, sightings: set[int]) -> dict[int, tuple[str, list[dict[str, str]]]]:
        people: dict[int, tuple[str, list[dict[str, str]]]] = {}
        for sighting, public, kind, namespace, value in rows(
            self.db, SQL["people"], workspace=self.workspace.pk, sightings=array(sorted(sightings))
        ):
            plain = queries.open_value(self.workspace.pk, kind, value)
            shown = access.mask(kind, plain) if self.masked else plain
            item = {"kind": kind, "value": shown} | ({"namespace": namespace} if namespace else {})
            people.setdefault(sighting, (str(public), []))[1].append(item)
        return people

    def _event(
        self,
        row: Sequence[Any],
        person: tuple[str | None, list[dict[str, str]]],
        shared: list[dict[str, Any]],
    ) -> dict[str, Any]:
        at, key, received, channel, connector, _, kind, name, touchpoint, message, marks, data, *_ = row
        parts = queries.decode_data(data)
        for values in shared:
            parts["context"] = values | parts.get("context", {})
        if self.masked:
            parts = access.scrub(parts)
        shown: dict[str, Any] = {
            "id": str(key),
            "message_id": access.scrub(message) if self.masked else message,
            "type": kind,
            "name": access.scrub(name) if self.masked else name,
            "means": _means(kind, name),
            "channel": self.slugs.get(channel),
            "connector": self.connectors.get(connector),
            "occurred_at": utc_text(at),
            "received_at": utc_text(received),
            "touchpoint": touchpoint,
            "profile": person[0],
            "properties": parts.get("properties", {}),
            "traits": parts.get("traits", {}),
            "context": parts.get("context", {}),
            "identifiers": person[1],
            "marks": marks.split(",") if marks else [],
        }
        beside: dict[str, Any] = parts.get("beside", {})  # the name as sent among it, where it was another
        return shown | beside


def _means(kind: str, name: str) -> str | None:
    """The event of ours that a track is, whatever its sender called it."""
    row = vocabulary.event(name) if kind == "track" else None
    return row.name if row is not None and row.known else None


def conditions(
    db: Connection, workspace: Workspace, filters: dict[str, Any]
) -> tuple[list[str], dict[str, Any]]:
    """The read API's filters as SQL conditions on the event `e`; `channel` and `properties` as lists."""
    wheres = ["e.workspace_id = %(workspace)s::int"]
    values: dict[str, Any] = {"workspace": workspace.pk}
    for name in PLAIN:
        if text := filters.get(name, ""):
            wheres.append(f"e.{name} = %({name})s::text")
            values[name] = text
    _called(filters.get("name", ""), wheres, values)
    if slugs := filters.get("channel"):
        wheres.append("e.channel_id = any(%(channels)s::int[])")
        values["channels"] = array(queries.channel_ids(db, workspace.pk, slugs))
    if text := filters.get("message_id", ""):
        uuids = [found for (found,) in rows(db, SQL["connector_uuids"], workspace=workspace.pk)]
        _by_id(db, workspace.pk, (event_id(u, text) for u in uuids), wheres, values)
    for name, sign in (("after", ">="), ("before", "<")):
        if text := filters.get(name, ""):
            wheres.append(f"e.occurred_at {sign} %({name})s::timestamptz")
            values[name] = queries.moment(name, text)
    if filters.get("purchases"):
        wheres.append(BOUGHT)
    _inside(filters.get("properties", ()), wheres, values)
    return wheres, values


def _by_id(
    db: Connection, workspace: int, ids: Iterable[UUID], wheres: list[str], values: dict[str, Any]
) -> None:
    """Events with one of a few ids: found by the time at which they happened."""
    values["ids"] = array(list(ids))
    times = [at for (at,) in rows(db, SQL["times"], workspace=workspace, ids=values["ids"])]
    values["times"] = array(times)
    wheres += ["e.occurred_at = any(%(times)s::timestamptz[])", "e.id = any(%(ids)s::uuid[])"]


def _called(text: str, wheres: list[str], values: dict[str, Any]) -> None:
    """Of a name: a track that we know in any spelling, anything else (a page has a name of its own) as it was sent."""
    if text:
        wheres.append("e.name = any(%(names)s::text[])")
        values["names"] = array(sorted({text, vocabulary.called(text)}))


def _inside(asked: Iterable[tuple[str, str]], wheres: list[str], values: dict[str, Any]) -> None:
    """Properties that have a value."""
    for place, (key, text) in enumerate(asked):
        wheres.append(
            f"e.data #>> array['properties', %(property_{place})s::text] = %(wanted_{place})s::text"
        )
        values |= {f"property_{place}": key, f"wanted_{place}": text}


def events(
    db: Connection,
    workspace: Workspace,
    filters: dict[str, Any],
    masked: bool,
    at: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of all events that pass, newest first."""
    wheres, values = conditions(db, workspace, filters)
    wanted: list[int] | None = None
    if text := filters.get("profile", ""):
        serial, _public = queries.resolve(db, workspace.pk, text)
        wanted = queries.sightings(db, workspace.pk, serial)
    if text := filters.get("identifier", ""):
        keys = queries.identifier_keys(db, workspace.pk, text)
        named = [s for (s,) in rows(db, SQL["naming"], workspace=workspace.pk, keys=array(keys))]
        wanted = named if wanted is None else sorted(set(wanted) & set(named))
    if wanted is not None:
        return _of_sightings(db, workspace, wheres, values, wanted, masked, at, limit)
    return _page(db, workspace, wheres, values, masked, at, limit)


class Held(NamedTuple):
    """An event, not masked, and where its message stands: None where nobody knows any more."""

    event: dict[str, Any]
    received_at: datetime
    request: UUID | None
    position: int


def held(db: Connection, workspace: Workspace, sightings: Sequence[int], size: int) -> Iterator[list[Held]]:
    """Every event of some sightings, oldest first, so many at a time: streamed, whatever their number."""
    shown = Shown(db, workspace, masked=False)
    asked = {"workspace": workspace.pk, "sightings": array(sightings)}
    for found in streamed(db, SQL["held"], size, **asked):
        events_ = shown.events([row[:-2] for row in found])
        yield [Held(event, row[2], *row[-2:]) for event, row in zip(events_, found, strict=True)]


def one(db: Connection, workspace: Workspace, key: UUID, masked: bool) -> dict[str, Any] | None:
    """The event with this id of ours; None where it is not (yet) stored."""
    wheres, values = ["e.workspace_id = %(workspace)s::int"], {"workspace": workspace.pk}
    _by_id(db, workspace.pk, [key], wheres, values)
    found = _page(db, workspace, wheres, values, masked, None, 1).items
    return found[0] if found else None


def timeline(  # noqa: PLR0913 (one list, whole)
    db: Connection,
    workspace: Workspace,
    key: UUID | str,
    filters: dict[str, Any],
    masked: bool,
    at: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of one profile's events, newest first; any id ever given names it."""
    return events(db, workspace, filters | {"profile": str(key)}, masked, at, limit)


def _of_sightings(  # noqa: PLR0913
    db: Connection,
    workspace: Workspace,
    wheres: list[str],
    values: dict[str, Any],
    sightings: list[int],
    masked: bool,
    at: str | None,
    limit: int,
) -> Page:
    wheres = [*wheres, "e.sighting_id = any(%(sightings)s::bigint[])"]
    values = values | {"sightings": array(sightings)}
    if at is None and len(wheres) == 2:  # the first page without filters: only the newest days are probed
        wheres.append("e.occurred_at >= %(since)s::timestamptz")
        values["since"] = _since(db, workspace, sightings, limit + 1)
    return _page(db, workspace, wheres, values, masked, at, limit)


def _since(
    db: Connection,
    workspace: Workspace,
    sightings: list[int],
    wanted: int,
    before: datetime | None = None,
    *,
    active: bool = False,
) -> datetime | str:
    """A time down to which so many of the newest events lie, without looking at any: most of a history is not read.

    `before`: of those before it. `active`: of those that the person made; so many contacts at least lie there too.
    """
    if before is not None and before < normalise.EPOCH:
        return EVER  # nothing is older
    found = rows(
        db,
        SQL["newest_day"],
        workspace=workspace.pk,
        sightings=array(sightings),
        wanted=wanted,
        before=before and before.astimezone(UTC).date() - timedelta(days=1),  # whole in any zone
        active=active,
    )
    day = found[0][0]
    if day is None:
        return EVER
    return datetime.combine(day, datetime.min.time(), UTC) - timedelta(days=1)


def _page(  # noqa: PLR0913
    db: Connection,
    workspace: Workspace,
    wheres: list[str],
    values: dict[str, Any],
    masked: bool,
    at: str | None,
    limit: int,
) -> Page:
    found = cursor.page(db, SQL["events"], wheres, values, NEWEST, at, limit, lambda row: row)
    return found._replace(items=Shown(db, workspace, masked).events(found.items))


class Met(NamedTuple):
    """How often a person met a kind of event."""

    type: str
    name: str
    touchpoint: str
    n: int


def met(db: Connection, workspace: Workspace, serial: int) -> list[Met]:
    """What a person's newest events are, LOOKED_AT at most, to choose from."""
    owned = queries.sightings(db, workspace.pk, serial)
    since = _since(db, workspace, owned, LOOKED_AT)
    found = rows(db, SQL["met"], workspace=workspace.pk, sightings=array(owned), since=since, limit=LOOKED_AT)
    return [Met(*row) for row in found]


def channels(db: Connection, workspace: Workspace, serial: int) -> dict[str, int]:
    """How many events a person has on each channel, in all."""
    slugs = queries.channel_slugs(db, workspace.pk)
    owned = array(queries.sightings(db, workspace.pk, serial))
    found = rows(db, SQL["channels"], workspace=workspace.pk, sightings=owned)
    return {slugs[channel]: n for channel, n in found if channel in slugs}


def named(db: Connection, workspace: Workspace, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What some events are called, where and when: by their id of ours."""
    slugs = queries.channel_slugs(db, workspace.pk)
    found = rows(db, SQL["named"], workspace=workspace.pk, ids=array(UUID(key) for key in sorted(set(keys))))
    return {
        str(key): {"type": kind, "name": name, "channel": slugs.get(channel), "order_id": order}
        for key, kind, name, channel, order in found
    }


def touches(
    db: Connection,
    workspace: Workspace,
    serial: int,
    before: datetime | None = None,
    limit: int = TOUCHES,
) -> list[dict[str, Any]]:
    """The newest contacts (before a time) for a journey, oldest first: when, where, of what kind, what it was worth."""
    slugs = queries.channel_slugs(db, workspace.pk)
    sightings = queries.sightings(db, workspace.pk, serial)
    found = rows(
        db,
        SQL["touches"],
        workspace=workspace.pk,
        sightings=array(sightings),
        since=_since(db, workspace, sightings, limit, before, active=True),
        before=before or "infinity",
        wanted=limit,
        **_CONTACTS,
    )
    return [
        {
            "id": str(key),
            "at": utc_text(at),
            "channel": slugs.get(channel),
            "touchpoint": touchpoint,
            "type": kind,
            "name": name,
            "message_id": message,
            "total": total,
            "currency": code,
            "order_id": order,
            "properties": queries.decode_data(said),
        }
        for at, key, channel, touchpoint, kind, name, message, total, code, order, said in reversed(found)
    ]
