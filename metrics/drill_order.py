"""By what a list of rows can be ordered: the columns of its page, and what a row counts. SQL expressions over `x`.

What is missing comes last where the list falls. Amounts are compared in the workspace's currency, at the rate they
count by. Not here: reading the rows (drill.py), the statements (catalogue/rows.sql).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from kernel.cursor import Order
from kernel.errors import BadRequest
from metrics.catalogue.base import Difference
from metrics.catalogue.parts import Part
from metrics.catalogue.rows import Column

COUNTS = "counts"
# The rate a row's amounts are converted by; rates hold from their day on, so the newest that is not later.
RATE = """(select r.rate from metrics_rate r where r.workspace_id = %(workspace)s::int and r.currency = x.money
and r.day <= x.rate_day order by r.at desc limit 1)"""
WORTH = f"case when x.money in ('', %(home)s::text) then {{0}} else {{0}} * {RATE} end"
LEAST = {  # of each type: what stands for a missing value, below every other
    "text": "''",
    "numeric": "'-Infinity'::numeric",
    "timestamptz": "'-infinity'::timestamptz",
    "date": "'-infinity'::date",
    "int": "-1",
}


class Sort(NamedTuple):
    """What a list can be ordered by: an expression and its type, of LEAST."""

    value: str
    cast: str


# By a column's form; {0} is the column. What a customer is called is no column, and lists of prices have no order.
FORMS: Mapping[str, Sort] = MappingProxyType(
    {
        "text": Sort('{0} collate "C"', "text"),
        "named": Sort('{0} collate "C"', "text"),
        "order": Sort('{0} collate "C"', "text"),
        "word": Sort('{0} collate "C"', "text"),
        "yes": Sort("{0}::int", "int"),
        "number": Sort("{0}::numeric", "numeric"),
        "money": Sort(WORTH, "numeric"),
        "cost": Sort(WORTH, "numeric"),
        "score": Sort("{0} / nullif(x.scale, 0)", "numeric"),
        "moment": Sort("{0}", "timestamptz"),
        "day": Sort("{0}", "date"),
        "channel": Sort("array_position(%(shown)s::int[], {0})", "int"),
        "channels": Sort("cardinality({0})", "int"),
    }
)


def sorts(part: Part) -> dict[str, Sort]:
    """What the rows of a part can be ordered by, by the name it has in an answer."""
    found = {one.field: _sort(one) for one in part.rows.columns if one.form in FORMS}
    varies = part.unit == "money" or isinstance(part.term, Difference)
    if varies and not part.rows.spread:
        found[COUNTS] = Sort(WORTH.format("x.amount") if part.unit == "money" else "x.amount", "numeric")
    return found


def _sort(column: Column) -> Sort:
    form = FORMS[column.form]
    name = f"{column.field}_id" if column.form == "channel" else column.field
    return Sort(form.value.format(f"x.{name}"), form.cast)


def order(part: Part, ordering: str) -> Order:
    """The order asked for, `-` for falling; the list's own where none is. A BadRequest says which there are."""
    of = part.rows
    if not ordering:
        return Order("x.at", of.at_cast, "x.key", of.key_cast)
    known, name = sorts(part), ordering.removeprefix("-")
    if name not in known:
        raise unknown(known)
    sort = known[name]
    value = f"coalesce({sort.value}, {LEAST[sort.cast]})"
    return Order(value, sort.cast, "x.key", of.key_cast, ordering.startswith("-"))


def unknown(known: Mapping[str, object]) -> BadRequest:
    """What is said of an order that the list does not have."""
    if not known:
        return BadRequest("These rows have no `ordering` of their own.", "bad_ordering")
    return BadRequest(f"`ordering` is one of {', '.join(known)}, with - for falling.", "bad_ordering")
