"""What is known of people as conditions: on a row `s` of profiles_summary, for a statement that others put together.

Each gives a text that is ours alone, and what is bound in it. `place` tells the values of one condition from those of
another. A trait is compared by the value that survives (golden.py); contact data lies encrypted, so of a contact trait
each value that was ever said counts. Not here: events and orders (metrics), the filters of lists (queries.py).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import periods
from kernel import values as saying
from kernel.db import Connection, array, rows
from kernel.errors import BadRequest
from kernel.models import Workspace
from kernel.web.access import CONTACT_NAMES
from profiles import golden, traits
from profiles.privacy import consents

BASE: Final = "profiles_summary s"
TRAIT: Final = (
    "profiles_trait t join profiles_owner o on o.workspace_id = t.workspace_id and o.sighting_id = t.sighting_id"
    " where t.workspace_id = %(workspace)s::int and t.name = %({place}_name)s::text"
)
# A value in which a part may be hidden holds a sign that is no letter, digit or space, or an x.
MAY_BE_MASKED: Final = (
    "select distinct t.hash, t.value from profiles_trait t where t.workspace_id = %(workspace)s::int"
    ' and t.name = %(name)s::text and t.value ~ \'^".*[^a-wyzA-WYZ0-9 \\u4e00-\\u9fff"].*"$\''
)
NUMBER: Final = r"^-?[0-9]{{1,30}}(\.[0-9]{{1,30}})?$"
TIME: Final = r"^\d{{4}}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{{1,9}})?)?(Z|[+-]\d\d:?\d\d)?)?$"
OFFSET: Final = r"(Z|\d[+-]\d\d:?\d\d)$"
AS_TIME: Final = (
    f"case when x.v ~ '{TIME}' and pg_input_is_valid(x.v, 'timestamptz') then"
    f" case when length(x.v) > 10 and x.v ~ '{OFFSET}' then x.v::timestamptz"
    " else x.v::timestamp at time zone %({place}_zone)s::text end end"
)
AS_NUMBER: Final = f"case when x.v ~ '{NUMBER}' then x.v::numeric end"
SIGNS: Final[Mapping[str, str]] = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
OF_CONTACTS: Final = ("is", "is_not", "in", "exists")


class Part(NamedTuple):
    """A condition and what is bound in it."""

    sql: str
    values: dict[str, Any]


def consented(purpose: str, channel: str, place: str) -> Part:
    """Agreed to a purpose on a channel, and did not take it back since; "": on all channels (privacy/consents.py)."""
    text = (
        "s.profile_id in (select w.profile_id from (select distinct on (c.profile_id) c.profile_id, c.given"
        " from profiles_consents c where c.workspace_id = %(workspace)s::int"
        f" and c.purpose = %({place}_purpose)s::text and c.channel = any(%({place}_channels)s::text[])"
        " order by c.profile_id, c.at desc, c.given) w where w.given)"
    )
    channels = array(sorted({"", consents.folded(channel)}))
    return Part(text, {f"{place}_purpose": consents.folded(purpose), f"{place}_channels": channels})


def has(kind: str, place: str) -> Part:
    """An identifier of a kind."""
    text = (
        "exists (select from profiles_identifier i where i.workspace_id = s.workspace_id"
        f" and i.profile_id = s.profile_id and i.kind = %({place})s::text)"
    )
    return Part(text, {place: kind})


def seen_on(channels: Sequence[int], place: str) -> Part:
    """An event of any kind on one of these channels."""
    return Part(f"s.channels && %({place})s::int[]", {place: array(channels)})


def among(profiles: str, place: str) -> Part:
    """People by their serial ids, as an array's literal; those that were joined since count as who they are now."""
    text = (
        "s.profile_id in (select i.profile_id from profiles_identifier i where i.workspace_id = %(workspace)s::int"
        f" and i.id = any(%({place})s::bigint[]))"
    )
    return Part(text, {place: profiles})


class Asking(NamedTuple):
    """Who asks, and when."""

    db: Connection
    workspace: Workspace
    now: datetime


def trait(asking: Asking, name: str, tests: Sequence[tuple[str, Any]], place: str) -> Part:
    """All tests hold of a trait. Raises BadRequest where it cannot be compared so."""
    if name.lower() in CONTACT_NAMES:
        made = [_of_contact(name, test, given, f"{place}_{n}") for n, (test, given) in enumerate(tests)]
    else:
        made = [_test(asking, name, test, given, f"{place}_{n}") for n, (test, given) in enumerate(tests)]
    return Part(
        "(" + " and ".join(part.sql for part in made) + ")",
        {key: value for part in made for key, value in part.values.items()},
    )


def surviving(asking: Asking, name: str, place: str, more: str = "") -> Part:
    """A select of everybody with the trait: profile_id, and its surviving value `v` as text, `value` as JSON."""
    rule = golden.rule_of(asking.workspace.settings, name)
    values: dict[str, Any] = {f"{place}_name": name}
    order = {
        "first": "t.first_at, t.first_event",
        "most_frequent": "t.said desc, t.last_at desc, t.last_event desc",
        "most_trusted": f"array_position(%({place}_trust)s::int[], t.channel_id) nulls last, t.last_at desc,"
        " t.last_event desc",
    }.get(rule.name, "t.last_at desc, t.last_event desc")
    if rule.name == "most_trusted":
        values[f"{place}_trust"] = array(rule.channels)
    hidden = _hidden(asking, name)
    whole = f"t.hash = any(%({place}_hidden)s::uuid[]), " if hidden else ""
    if hidden:
        values[f"{place}_hidden"] = array(hidden)
    said = "sum(t.n) over (partition by o.profile_id, t.hash)" if rule.name == "most_frequent" else "0"
    text = (
        "select distinct on (t.profile_id) t.profile_id, t.value::json as value, t.value::json #>> '{{}}' as v from ("
        f"select o.profile_id, t.*, {said} as said from {TRAIT}{more}) t order by t.profile_id, {whole}{order}"
    )
    return Part(text.format(place=place), values)


def _hidden(asking: Asking, name: str) -> list[UUID]:
    """The values in which something is masked: any other stands before them."""
    found = rows(asking.db, MAY_BE_MASKED, workspace=asking.workspace.pk, name=name)
    return [
        hashed
        for hashed, text in found
        if not saying.whole(name, traits.unseal(asking.workspace.pk, name, text))
    ]


def _test(asking: Asking, name: str, test: str, given: Any, place: str) -> Part:
    if test == "exists":
        found = f"s.profile_id in (select o.profile_id from {TRAIT.format(place=place)})"
        return Part(found if given else f"not {found}", {f"{place}_name": name})
    if test == "is_not":
        opposite = _test(asking, name, "is", given, place)
        return Part(f"not {opposite.sql}", opposite.values)
    wanted = {"is": (given,), "in": given}.get(test)
    more, values = "", dict[str, Any]()
    if wanted is not None and all(isinstance(one, str) for one in wanted):  # by the index: most have another
        more = f" and o.profile_id in (select o.profile_id from {TRAIT} and t.hash = any(%({{place}}_hashes)s::uuid[]))"
        values[f"{place}_hashes"] = array(sorted({one for text in wanted for one in traits.meant(text)}))
    people = surviving(asking, name, place, more)
    held = (
        _equal(wanted, place, values) if wanted is not None else _compared(asking, test, given, place, values)
    )
    text = f"s.profile_id in (select x.profile_id from ({people.sql}) x where {held})"
    return Part(text, people.values | values)


def _equal(wanted: Sequence[Any], place: str, values: dict[str, Any]) -> str:
    """One of some values; a number is one however it is written."""
    values[f"{place}_texts"] = array([_text(one) for one in wanted])
    found = f"x.v = any(%({place}_texts)s::text[])"
    numbers = [one for one in wanted if isinstance(one, Decimal)]
    if not numbers:
        return found
    values[f"{place}_numbers"] = array(numbers)
    return f"({found} or {AS_NUMBER.format()} = any(%({place}_numbers)s::numeric[]))"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _compared(asking: Asking, test: str, given: Any, place: str, values: dict[str, Any]) -> str:
    bound = f"%({place}_value)s"
    if test == "contains":
        values[f"{place}_value"] = given
        return (
            "case json_typeof(x.value) when 'array' then exists (select from json_array_elements_text("
            f"case json_typeof(x.value) when 'array' then x.value else '[]' end) e(v) where e.v = {bound}::text)"
            f" else strpos(x.v, {bound}::text) > 0 end"
        )
    if test in SIGNS:
        values[f"{place}_value"] = given
        return f"{AS_NUMBER.format()} {SIGNS[test]} {bound}::numeric"
    zone = asking.workspace.timezone
    values[f"{place}_zone"] = zone if periods.is_zone(zone) else "UTC"
    at = AS_TIME.format(place=place)
    if test == "within_last":
        values |= {f"{place}_value": asking.now - given, f"{place}_now": asking.now}
        return f"{at} between {bound}::timestamptz and %({place}_now)s::timestamptz"
    sign, values[f"{place}_value"] = _edge(asking.workspace, test, given)
    return f"{at} {sign} {bound}::timestamptz"


def _edge(workspace: Workspace, test: str, given: date | datetime) -> tuple[str, datetime]:
    """Before a day is before it begins, after a day is when it is over."""
    if isinstance(given, datetime):
        return ("<" if test == "before" else ">"), given
    where = periods.zone(workspace.timezone)
    return ("<", periods.begins(given, where)) if test == "before" else (">=", periods.ends(given, where))


def _of_contact(name: str, test: str, given: Any, place: str) -> Part:
    if test not in OF_CONTACTS:
        raise BadRequest(
            _("“%(name)s” is contact data and lies encrypted: it can be compared by %(words)s alone.")
            % {"name": name[:60], "words": ", ".join(OF_CONTACTS)},
            "bad_rule",
        )
    values: dict[str, Any] = {f"{place}_name": name}
    text = f"s.profile_id in (select o.profile_id from {TRAIT.format(place=place)}"
    if test != "exists":
        wanted = given if test == "in" else (given,)
        values[f"{place}_hashes"] = array(
            sorted({one for each in wanted for one in traits.meant(_text(each))})
        )
        text += f" and t.hash = any(%({place}_hashes)s::uuid[])"
    opposite = test == "is_not" or (test == "exists" and not given)
    return Part(f"{'not ' if opposite else ''}{text})", values)
