"""How members of a segment differ from a base: what share of each has a trait's value, was seen somewhere, bought so.

An index of 100 is like the base, 200 twice as often. Contact data is no dimension. Traits and channels are read from
PostgreSQL, what people bought and met from the mirror. Not here: who is in a segment (members.py).
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel import periods
from kernel.db import Connection, Statements, rows
from kernel.models import Workspace
from kernel.web.access import CONTACT_NAMES
from metrics.mirror import reading
from metrics.models import Segment
from metrics.query import ReportingSettings, text
from profiles.queries import choosing

SQL: Final = Statements(__file__)
MOST_VALUES: Final = 20  # of a dimension, by members
MOST_TRAITS: Final = 30  # the ones that most people have
LONGEST_VALUE: Final = 80  # characters: what is longer is a text, no value
SHARE, INDEX = Decimal("0.000001"), Decimal("0.1")
PLACE: Final = "/* surviving */ select null::bigint as profile_id, null::text as v"
# What the mirror says of people: DuckDB's rows of (profile, value).
OF_MIRROR: Final = {
    "category": "select c.profile, l.category from order_lines l join orders o on o.order_id = l.order_id"
    " and o.channel = l.channel join customers c on c.sighting = o.sighting",
    "brand": "select c.profile, l.brand from order_lines l join orders o on o.order_id = l.order_id"
    " and o.channel = l.channel join customers c on c.sighting = o.sighting",
    "store": "select profile, store from purchases",
    "order_channel": "select profile, channel::varchar from purchases",
    "payment_method": "select profile, method from attempts where state = 'succeeded'",
    "member_tier": "select profile, arg_max(tier, (occurred_at, tie)) from tiers where tier is not null"
    " group by profile",
    "campaign": "select profile, campaign from contacts",
    "source": "select profile, source from contacts",
    "touchpoint": "select profile, touchpoint from contacts",
}
IN_MIRROR: Final = """with people as (
    select unnest($people::bigint[]) as profile, unnest($inside::boolean[]) as inside, unnest($base::boolean[]) as base
)
select d.value, count(distinct p.profile) filter (where p.inside), count(distinct p.profile) filter (where p.base)
from ({rows}) d(profile, value) join people p on p.profile = d.profile
where d.value is not null and d.value <> ''
group by d.value order by 2 desc, 3 desc, 1 limit {most}"""


class Value(NamedTuple):
    """A value of a dimension: how many members have it, and how many of the base."""

    value: str
    members: int
    base: int


class Insight(NamedTuple):
    """The answer."""

    members: int
    base: int
    dimensions: list[tuple[str, list[Value]]]
    as_of: datetime | None

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "members": self.members,
            "base": self.base,
            "dimensions": [
                {"dimension": name, "values": [self._value(one) for one in values]}
                for name, values in self.dimensions
            ],
            "as_of": periods.utc_text(self.as_of),
        }

    def _value(self, one: Value) -> dict[str, Any]:
        share, base = _share(one.members, self.members), _share(one.base, self.base)
        index = None
        if share is not None and one.base:
            index = text((100 * share * self.base / one.base).quantize(INDEX))
        return {
            "value": one.value,
            "members": one.members,
            "share": None if share is None else text(share.quantize(SHARE)),
            "base_members": one.base,
            "base_share": None if base is None else text(base.quantize(SHARE)),
            "index": index,
        }


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None


def of(
    db: Connection,
    workspace: Workspace,
    settings: ReportingSettings,
    pair: tuple[Segment, Segment | None],
    now: datetime,
) -> Insight:
    """A segment against another one, else against everybody."""
    segment, against = pair
    given = {"workspace": workspace.pk, "segment": segment.pk, "against": against.pk if against else None}
    people = rows(db, SQL["people"], **given)
    inside, base = sum(one[1] for one in people), sum(one[2] for one in people)
    dimensions = [
        ("channel", [Value(*row) for row in rows(db, SQL["channels"], **given)]),
        ("identifier", [Value(*row) for row in rows(db, SQL["identifiers"], **given)]),
        ("orders", [Value(*row) for row in rows(db, SQL["orders"], **given)]),
    ]
    with reading.open_mirror(workspace.pk) as mirror:
        as_of = mirror.as_of
        bound = {
            "people": [one[0] for one in people],
            "inside": [one[1] for one in people],
            "base": [one[2] for one in people],
        }
        for name, text_ in OF_MIRROR.items():
            found = mirror.rows(IN_MIRROR.format(rows=text_, most=MOST_VALUES), **bound)
            dimensions.append((name, _named(name, found, settings)))
    asking = choosing.Asking(db, workspace, now)
    for (name,) in rows(db, SQL["traits"], workspace=workspace.pk, most=MOST_TRAITS):
        if name.lower() not in CONTACT_NAMES:
            dimensions.append((f"trait:{name}", _of_trait(asking, name, given)))
    return Insight(inside, base, [(name, values) for name, values in dimensions if values], as_of)


def _named(name: str, found: Iterable[tuple[Any, ...]], settings: ReportingSettings) -> list[Value]:
    """A channel by its slug."""
    values = [Value(*row) for row in found]
    if name != "order_channel":
        return values
    return [one._replace(value=settings.channels.get(int(one.value), one.value)) for one in values]


def _of_trait(asking: choosing.Asking, name: str, given: dict[str, Any]) -> list[Value]:
    people = choosing.surviving(asking, name, "t")
    statement = SQL["of_trait"].replace(PLACE, people.sql)
    found = rows(asking.db, statement, **given, **people.values, most=MOST_VALUES, longest=LONGEST_VALUE)
    return [Value(*row) for row in found]
