"""All that others may ask of profiles: lists, one profile, its timeline, traits and journey. Reading only.

Not here: events as a list (event_list), joins and conflicts (identity).
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from kernel import cursor, normalise
from kernel.cursor import Order, Page, Rough
from kernel.db import Connection, Statements, array, rows
from kernel.errors import BadRequest, NotFound
from kernel.models import Workspace
from kernel.periods import utc_text
from kernel.web import access
from profiles import choosing as choosing
from profiles import golden, search, traits
from profiles.called import called
from profiles.identity import kinds
from profiles.privacy import consents

SQL = Statements(__file__)

ORDERINGS = {
    "last_seen": ("s.last_seen", "timestamptz"),
    "first_seen": ("s.first_seen", "timestamptz"),
    "revenue": ("s.revenue", "numeric"),
    "orders": ("s.orders", "int"),
    "events": ("s.events", "int"),
    "name": ("s.name", "text"),
}
LAST_DAY = Rough("s.last_day", "(%(at_value)s::timestamptz at time zone 'UTC')::date")
BOUNDS = {
    "first_seen_after": ("first_seen", ">=", "timestamptz"),
    "first_seen_before": ("first_seen", "<", "timestamptz"),
    "last_seen_after": ("last_seen", ">=", "timestamptz"),
    "last_seen_before": ("last_seen", "<", "timestamptz"),
    "orders_min": ("orders", ">=", "int"),
    "revenue_min": ("revenue", ">=", "numeric"),
}
NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{0,6})?")
DEFAULT_ORDERING = "-last_seen"
HAS_TRAIT = (
    "select o.profile_id from profiles_trait t cross join lateral (select o.profile_id from profiles_owner o"
    " where o.workspace_id = %(workspace)s::int and o.sighting_id = t.sighting_id offset 0) o"
    " where t.workspace_id = %(workspace)s::int and t.name = %(trait{place})s::text"
    " and t.hash = any(%(hashes{place})s::uuid[])"
)
COUNT_CAP = 10_000  # beyond it a list says "10,000+"
LIST = (
    "s.key, s.name, s.channels, s.first_seen, s.last_seen, s.events, s.orders, s.revenue"
    " from profiles_summary s"
)


def money_text(value: Decimal) -> str:
    """A decimal string, never with an exponent."""
    return f"{value:f}"


# ---- channels, by their published view ------------------------------------------------------------


def channel_slugs(db: Connection, workspace: int) -> dict[int, str]:
    """Channel id -> slug."""
    return {i: slug for i, slug in rows(db, SQL["channels"], workspace=workspace)}  # noqa: C416


def channel_ids(db: Connection, workspace: int, slugs: Sequence[str]) -> list[int]:
    """The ids of channels by slug; a BadRequest names the one that is unknown."""
    known = {slug: i for i, slug in channel_slugs(db, workspace).items()}
    for slug in slugs:
        if slug not in known:
            raise BadRequest(f"There is no channel “{slug}” in this workspace.", "unknown_channel")
    return [known[slug] for slug in slugs]


# ---- the list ---------------------------------------------------------------------------------------


def moment(name: str, value: str) -> datetime:
    """The time that a filter gives; a BadRequest for what is none."""
    found = normalise.moment(value)
    if found is None:
        raise BadRequest(f"`{name}` is a time like 2026-11-01 or 2026-11-01T08:00:00Z.", "bad_time")
    return found


def conditions(
    db: Connection, workspace: Workspace, filters: dict[str, Any], masked: bool = True
) -> tuple[list[str], dict[str, Any]]:
    """Filters as SQL conditions on the summary row `s`, and their values. Unknown names are the caller's to refuse.

    `named`: by parts of a name alone. `masked`: by no part of a phone or an e-mail that stands in a name.
    """
    wheres = ["s.workspace_id = %(workspace)s::int"]
    values: dict[str, Any] = {"workspace": workspace.pk}
    if text := filters.get("search", "").strip():
        wheres.append(search.found(db, workspace.pk, text, masked, values))
    if text := filters.get("named", "").strip():
        wheres.append(search.named(db, text, masked, values))
    if text := filters.get("identifier", ""):
        values["keys"] = array(identifier_keys(db, workspace.pk, text))
        _among(db, "identified", SQL["has_identifier"], wheres, values)
    if slugs := filters.get("channel"):
        wheres.append("s.channels && %(channels)s::int[]")
        values["channels"] = array(channel_ids(db, workspace.pk, slugs))
    if slug := filters.get("segment"):
        _in_segment(db, slug, wheres, values)
    _known_by(db, filters, wheres, values)
    for name, (column, sign, cast) in BOUNDS.items():
        if text := filters.get(name, ""):
            wheres.append(f"s.{column} {sign} %({name})s::{cast}")
            values[name] = moment(name, text) if cast == "timestamptz" else _number(name, text)
    return wheres, values


def _among(db: Connection, name: str, select: str, wheres: list[str], values: dict[str, Any]) -> None:
    """Only profiles that a select finds."""
    wheres.append(search.is_of(db, name, select, values))


def _in_segment(db: Connection, slug: str, wheres: list[str], values: dict[str, Any]) -> None:
    values["segment"] = slug
    if not rows(db, SQL["segment"], **values):
        raise BadRequest(_("There is no segment with this name."), "unknown_segment")
    _among(db, "belonging", SQL["in_segment"], wheres, values)


def _known_by(db: Connection, filters: dict[str, Any], wheres: list[str], values: dict[str, Any]) -> None:
    """`kind`: has an identifier of it. `trait` (a list of name:value): any channel once said so of them."""
    if kind := filters.get("kind"):
        wheres.append(
            "exists (select from profiles_identifier i where i.workspace_id = %(workspace)s::int"
            " and i.profile_id = s.profile_id and i.kind = %(kind)s::text)"
        )
        values["kind"] = kind
    for place, text in enumerate(filters.get("trait", ())):
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            raise BadRequest("`trait` is name:value, for example city:Hangzhou.", "bad_trait")
        values[f"trait{place}"] = name.strip()
        values[f"hashes{place}"] = array(traits.meant(value.strip()))
        _among(db, f"said{place}", HAS_TRAIT.format(place=place), wheres, values)


def _number(name: str, text: str) -> Decimal:
    if not NUMBER.fullmatch(text):
        raise BadRequest(f"`{name}` is a number.", "bad_number")
    value = Decimal(text)
    if name == "orders_min" and (value != int(value) or abs(value) >= 2**31):
        raise BadRequest(f"`{name}` is a whole number.", "bad_number")
    return value


def identifier_keys(db: Connection, workspace: int, text: str, namespace: str | None = None) -> list[UUID]:
    """`kind:value` as keys: one for each namespace of the kind unless one is named."""
    kind, colon, value = text.partition(":")
    if not colon:
        raise BadRequest("`identifier` is kind:value, for example phone:+8613800000000.", "bad_identifier")
    if namespace is None:
        spaces = {
            space for (space,) in rows(db, SQL["namespaces"], workspace=workspace, kind=kind.strip().lower())
        }
    else:
        spaces = {namespace}
    keys = [search.key_of(workspace, kind.strip().lower(), value, space) for space in {"", *spaces}]
    return [key for key in keys if key]


def find(  # noqa: PLR0913 (one list, whole)
    db: Connection,
    workspace: Workspace,
    filters: dict[str, Any],
    at: str | None = None,
    limit: int = 50,
    ordering: str = "",
    *,
    masked: bool = True,
) -> Page:
    """A page of profiles as the read API shows them; `filters` as its parameters are called (`channel` a list)."""
    wheres, values = conditions(db, workspace, filters, masked)
    return _listed(db, workspace, (wheres, values), at, limit, ordering, masked)


def of_profiles(  # noqa: PLR0913 (one list, whole)
    db: Connection,
    workspace: Workspace,
    ids: Collection[int],
    cursor: str | None = None,
    limit: int = 50,
    ordering: str = "",
    masked: bool = True,
) -> Page:
    """The same of people that somebody else counted: any serial ids they ever had, however they were joined since."""
    wheres, values = conditions(db, workspace, {}, masked)
    values["ids"] = array(sorted(ids))
    _among(db, "counted", SQL["owners_of"], wheres, values)
    return _listed(db, workspace, (wheres, values), cursor, limit, ordering, masked)


def _listed(  # noqa: PLR0913 (one list, whole)
    db: Connection,
    workspace: Workspace,
    passing: tuple[list[str], dict[str, Any]],
    at: str | None,
    limit: int,
    ordering: str,
    masked: bool,
) -> Page:
    wheres, values = passing
    falling, field = (
        (ordering or DEFAULT_ORDERING).startswith("-"),
        (ordering or DEFAULT_ORDERING).lstrip("-"),
    )
    if field not in ORDERINGS:
        raise BadRequest(
            f"`ordering` is one of {', '.join(sorted(ORDERINGS))}, with - for falling.", "bad_ordering"
        )
    column, cast = ORDERINGS[field]
    slugs = channel_slugs(db, workspace.pk)

    def make(row: Sequence[Any]) -> dict[str, Any]:
        _value, key, name, channels, first, last, events, orders, revenue = row
        return {
            "id": str(key),
            "name": access.scrub_name(name) if masked else name,
            "channels": [slugs[c] for c in channels if c in slugs],
            "first_seen": utc_text(first) if events else None,
            "last_seen": utc_text(last) if events else None,
            "events": events,
            "orders": orders,
            "revenue": money_text(revenue),
            "currency": workspace.currency,
        }

    order = Order(column, cast, "s.key", "uuid", falling, LAST_DAY if field == "last_seen" else None)
    page = cursor.page(db, f"select {column}, {LIST}", wheres, values, order, at, limit, make)
    names = called(db, workspace.pk, {item["id"]: item["name"] for item in page.items}, masked=masked)
    return page._replace(items=[{**item, "called": names[item["id"]]} for item in page.items])


def count(
    db: Connection,
    workspace: Workspace,
    filters: dict[str, Any],
    *,
    masked: bool = True,
    cap: int | None = COUNT_CAP,
) -> int:
    """How many profiles pass, counted no further than the cap + 1."""
    wheres, values = conditions(db, workspace, filters, masked)
    passing = " and ".join(wheres)  # our own texts; what was asked stands in `values`
    limit = f"limit {cap + 1}" if cap is not None else ""
    text = f"select count(*) from (select from profiles_summary s where {passing} {limit}) c"  # noqa: S608
    return int(rows(db, text, **values)[0][0])


class Totals(NamedTuple):
    """What passes, together; the sums are None beyond the cap."""

    people: int
    orders: int | None
    revenue: Decimal | None
    events: int | None


def totals(db: Connection, workspace: Workspace, filters: dict[str, Any], *, masked: bool = True) -> Totals:
    """How many profiles pass and what they come to, counted no further than the cap + 1."""
    wheres, values = conditions(db, workspace, filters, masked)
    passing = " and ".join(wheres)  # our own texts; what was asked stands in `values`
    inner = (
        f"select s.orders, s.revenue, s.events from profiles_summary s where {passing} limit {COUNT_CAP + 1}"  # noqa: S608
    )
    text = f"select count(*), coalesce(sum(orders), 0), coalesce(sum(revenue), 0), coalesce(sum(events), 0) from ({inner}) c"  # noqa: S608, E501
    found = Totals(*rows(db, text, **values)[0])
    return found if found.people <= COUNT_CAP else Totals(found.people, None, None, None)


# ---- one profile --------------------------------------------------------------------------------------


def resolve(db: Connection, workspace: int, key: UUID | str) -> tuple[int, UUID]:
    """The profile that any id ever given now belongs to: (serial id, public id). NotFound else."""
    try:
        asked = key if isinstance(key, UUID) else UUID(str(key))
    except ValueError:
        raise NotFound(_("There is no profile with this id.")) from None
    found = rows(db, SQL["resolve"], workspace=workspace, key=asked)
    if not found:
        raise NotFound(_("There is no profile with this id."))
    return found[0]


def identifiers(db: Connection, workspace: int, profile: int, masked: bool) -> list[dict[str, Any]]:
    """The identifiers of a profile, strongest first, as the read API shows them."""
    slugs = channel_slugs(db, workspace)
    sights = {
        id_: seen for id_, *seen in rows(db, SQL["sights"], workspace=workspace, profile=profile)
    }  # put together here: the planner cannot know that either is long
    found: list[tuple[Any, ...]] = []
    for id_, key, kind, namespace, value, shared, known in rows(
        db, SQL["identifiers"], workspace=workspace, profile=profile
    ):
        first, last, where = sights.get(id_, (known, known, None))
        found.append((id_ != profile, first, key, kind, namespace, value, shared, last, where))
    made = []
    for _other, first, key, kind, namespace, value, shared, last, channel in sorted(
        found, key=itemgetter(0, 1, 2)
    ):
        plain = open_value(workspace, kind, value)
        made.append(
            {
                "key": str(key),
                "kind": kind,
                "namespace": namespace,
                "value": access.mask(kind, plain) if masked else plain,
                "channel": slugs.get(channel) if channel is not None else None,
                "first_seen": utc_text(first),
                "last_seen": utc_text(last),
                "shared": shared,
            }
        )
    return made


def open_value(workspace: int, kind: str, value: str) -> str:
    """An identifier's value in plain: phones and e-mails lie encrypted."""
    return kinds.opened(workspace, kind, value)


def profile(db: Connection, workspace: Workspace, key: UUID | str, masked: bool) -> dict[str, Any]:
    """One profile as the read API shows it."""
    serial, public = resolve(db, workspace.pk, key)
    slugs = channel_slugs(db, workspace.pk)
    known = identifiers(db, workspace.pk, serial, masked)
    return {
        "id": str(public),
        "called": names_of(db, workspace.pk, [str(public)], masked=masked)[str(public)],
        "traits": best_traits(db, workspace, serial, masked),
        "identifiers": [{k: v for k, v in item.items() if k != "key"} for item in known],
        "segments": segments_of(db, workspace.pk, serial),
        "summary": _summary(db, workspace, serial, slugs),
        "merged_ids": [item["key"] for item in known if item["key"] != str(public)],
    }


def segments_of(db: Connection, workspace: int, serial: int) -> list[str]:
    """The slugs of the segments that a profile is in."""
    return [slug for (slug,) in rows(db, SQL["segments_of"], workspace=workspace, profile=serial)]


def owners(db: Connection, workspace: int, keys: Collection[UUID]) -> list[tuple[int, UUID]]:
    """The customers that some identifiers point to, each once: (serial id, public id). What many share names nobody."""
    return rows(db, SQL["owners"], workspace=workspace, keys=array(sorted(keys)))


def best_traits(db: Connection, workspace: Workspace, serial: int, masked: bool) -> dict[str, dict[str, Any]]:
    """Each trait's surviving value: {name: {"value", "channel", "observed_at"}}."""
    return {
        name: {k: values[0][k] for k in ("value", "channel", "observed_at")}
        for name, values in golden_record(db, workspace, serial, masked).items()
    }


def _summary(db: Connection, workspace: Workspace, serial: int, slugs: dict[int, str]) -> dict[str, Any]:
    found = rows(db, SQL["summary"], workspace=workspace.pk, profile=serial)
    nothing: tuple[Any, ...] = (0, 0, Decimal(0), None, None, [], {})
    events, orders, revenue, first, last, channels, unconverted = found[0] if found else nothing
    return {
        "events": events,
        "orders": orders,
        "revenue": money_text(revenue),
        "currency": workspace.currency,
        "first_seen": utc_text(first) if events else None,
        "last_seen": utc_text(last) if events else None,
        "channels": [slugs[c] for c in channels if c in slugs],
        "unconverted": [
            {"currency": code, "value": value} for code, value in sorted(decode_data(unconverted).items())
        ],
    }


def golden_record(
    db: Connection, workspace: Workspace, serial: int, masked: bool
) -> dict[str, list[dict[str, Any]]]:
    """Every trait's values, the surviving one first: [{"value", "channel", "observed_at", "first_at", "last_at",
    "n", "rule"}]."""
    slugs = channel_slugs(db, workspace.pk)
    found: dict[str, list[dict[str, Any]]] = {}
    for name, values in sorted(golden.load(db, workspace.pk, [serial]).get(serial, {}).items()):
        rule = golden.rule_of(workspace.settings, name)
        found[name] = [
            {
                "value": _shown(workspace.pk, name, value.text, masked),
                "channel": slugs.get(value.channel),
                "observed_at": utc_text(value.first[0] if rule.name == "first" else value.last[0]),
                "first_at": utc_text(value.first[0]),
                "last_at": utc_text(value.last[0]),
                "event": str(value.last[1]),
                "n": value.n,
                "rule": rule.name,
            }
            for value in golden.order(values, rule)
        ]
    return found


def _shown(workspace: int, name: str, text: str, masked: bool) -> Any:
    value = traits.unseal(workspace, name, text)
    return access.scrub({name: value})[name] if masked else value


def names_of(db: Connection, workspace: int, keys: Collection[str], *, masked: bool = True) -> dict[str, str]:
    """What the customers are called that these ids now belong to, by the id asked."""
    found = rows(db, SQL["names"], workspace=workspace, keys=array(sorted(keys)))
    names = {str(key): access.scrub_name(name) if masked else name for key, name in found}
    return called(db, workspace, names, masked=masked)


def known(db: Connection, workspace: int, profiles: Collection[int]) -> dict[int, tuple[UUID, str]]:
    """Serial id -> public id of profiles that are there, and what they are called (not masked)."""
    if not profiles:
        return {}
    found = rows(db, SQL["known"], workspace=workspace, profiles=array(sorted(profiles)))
    names = called(db, workspace, {str(key): name for _serial, key, name in found}, masked=False)
    return {serial: (key, names[str(key)]) for serial, key, _name in found}


def walk(db: Connection, workspace: int, at: int | None, up: bool, limit: int) -> list[int]:
    """The next profiles by serial id, from `at` on (not itself), upwards or downwards."""
    statement = SQL["walk_up" if up else "walk_down"]
    return [one for (one,) in rows(db, statement, workspace=workspace, at=at, limit=limit)]


def inhabited(db: Connection, workspaces: Collection[int]) -> set[int]:
    """The workspaces in which anybody has been seen."""
    return {one for (one,) in rows(db, SQL["inhabited"], workspaces=array(sorted(workspaces)))}


def consent(db: Connection, workspace: Workspace, key: UUID | str, masked: bool) -> dict[str, Any]:
    """What a person agreed to, as the read API shows it: {"now": […], "history": […]}."""
    serial, _public = resolve(db, workspace.pk, key)
    said = consents.points(db, workspace.pk, serial)
    by = consents.said_by(
        db, workspace.pk, {(one.at, one.event) for ordered in said.values() for one in ordered}
    )
    found = consents.shown(said, by, channel_slugs(db, workspace.pk))
    return access.scrub(found) if masked else found


def consent_now(db: Connection, workspace: int, serial: int, masked: bool) -> list[dict[str, Any]]:
    """In short what holds of it now: [{"purpose", "channel", "given", "since"}]."""
    found = consents.brief(consents.points(db, workspace, serial))
    shown: list[dict[str, Any]] = access.scrub(found) if masked else found
    return shown


def consents_of(
    db: Connection, workspace: int, profiles: Collection[int], purpose: str, channel: str = ""
) -> dict[int, bool]:
    """Whether consent holds for a purpose on a channel, of those of the profiles (serial ids) who ever said.

    Set-based over all profiles: the view profiles_consents (workspace_id, profile_id, purpose, channel, given, at).
    """
    return consents.given(db, workspace, profiles, purpose, channel)


def sightings(db: Connection, workspace: int, profile: int) -> list[int]:
    """The sightings a profile owns: what its rows in other tables point to."""
    return [s for (s,) in rows(db, SQL["sightings"], workspace=workspace, profile=profile)]


def decode_data(data: Any) -> dict[str, Any]:
    """An event's stored JSON."""
    return data if isinstance(data, dict) else msgspec.json.decode(data)
