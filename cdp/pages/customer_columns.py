"""The columns a list of customers can have, and a cell of each, on the page and in a file.

Not here: which customers (customers.py), reading identifiers and traits (profiles/columns.py).
"""

from typing import Any, NamedTuple

from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cdp.kernel import access, speech
from cdp.pages import words
from profiles import columns as details


class Column(NamedTuple):
    """A column: its name in the address, its head, how it is said, what it is sorted by."""

    name: str
    head: str
    say: str = "text"
    sort: str = ""
    number: bool = False
    wide: bool = True  # left out on small screens


OWN = (
    Column("channels", gettext_noop("Channels"), "channels"),
    Column("orders", gettext_noop("Orders"), "number", "orders", number=True, wide=False),
    Column("revenue", gettext_noop("Spent"), "money", "revenue", number=True, wide=False),
    Column("average", gettext_noop("Per order"), "money", number=True),
    Column("events", gettext_noop("Events"), "number", "events", number=True),
    Column("first_seen", gettext_noop("First seen"), "day", "first_seen"),
    Column("last_seen", gettext_noop("Last seen"), "moment", "last_seen", wide=False),
)
KINDS = ("phone", "email", "member_no")
TRAITS = ("city", "province", "gender", "birthday", "tier")
EVERY = {
    column.name: column
    for column in (
        *OWN,
        *(Column(kind, "", "list") for kind in KINDS),
        *(Column(trait, "", "trait") for trait in TRAITS),
    )
}
USUAL = ("channels", "orders", "revenue", "events", "first_seen", "last_seen")


def head(column: Column) -> str:
    """What stands above it."""
    if column.name in KINDS:
        said = words.kind(column.name)
        return said[:1].upper() + said[1:]
    return words.trait(column.name) if column.name in TRAITS else _(column.head)


def chosen(request: HttpRequest) -> list[Column]:
    """The columns of the address in their fixed order; the usual ones where it names none.

    Who chose them sees them on small screens too.
    """
    asked = set(request.GET.getlist("columns")) & EVERY.keys()
    if asked:
        return [column._replace(wide=False) for column in EVERY.values() if column.name in asked]
    return [column for column in EVERY.values() if column.name in USUAL]


def choices(request: HttpRequest) -> list[dict[str, Any]]:
    """All of them, those on the page marked."""
    names = {column.name for column in chosen(request)}
    return [{"name": one.name, "head": head(one), "on": one.name in names} for one in EVERY.values()]


def filled(request: HttpRequest, items: list[dict[str, Any]], columns: list[Column]) -> list[dict[str, Any]]:
    """The rows with all that the columns need, as this person may see it."""
    names = {column.name for column in columns}
    more = details.details(
        connection,
        request.workspace,  # type: ignore[attr-defined]
        [item["id"] for item in items],
        [kind for kind in KINDS if kind in names],
        [trait for trait in TRAITS if trait in names],
        access.Place(request.workspace, request.role or "").masked,  # type: ignore[attr-defined]
    )
    return [item | {"average": _average(item)} | more[item["id"]] for item in items]


def cell(column: Column, row: dict[str, Any]) -> dict[str, Any]:
    """A cell as the page says it."""
    value = row.get(column.name)
    found: dict[str, Any] = {"number": column.number, "wide": column.wide}
    if column.say == "channels":
        return found | {"channels": value}
    return found | {"text": _text(column, value, row)}


def raw(column: Column, row: dict[str, Any]) -> Any:
    """A cell as a file says it: raw numbers, ISO dates."""
    value = row.get(column.name)
    return words.plain(value) if column.say == "trait" and value is not None else value


def _text(column: Column, value: Any, row: dict[str, Any]) -> str:
    if value is None or value == []:
        return speech.NOTHING
    if column.say == "list":
        rest = f" +{len(value) - 1}" if len(value) > 1 else ""
        return f"{value[0]}{rest}"
    if column.say == "money":
        return speech.money(value, row["currency"])
    say = {"number": speech.number, "day": speech.near_day, "moment": speech.moment}.get(
        column.say, words.plain
    )
    return say(value)


def _average(item: dict[str, Any]) -> Any:
    revenue = speech.decimal(item["revenue"])
    return str(round(revenue / item["orders"], 2)) if revenue is not None and item["orders"] else None
