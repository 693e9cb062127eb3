"""The columns a list of customers can have, and a cell of each, on the page and in a file.

Not here: which customers (customers.py), reading identifiers and traits (profiles/columns.py).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels.models import Channel
from console.event import event_labels
from kernel.web import format
from kernel.web.access import WorkspaceRequest
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
        said = event_labels.kind(column.name)
        return said[:1].upper() + said[1:]
    return event_labels.trait(column.name) if column.name in TRAITS else _(column.head)


def chosen(request: WorkspaceRequest) -> list[Column]:
    """The columns of the address in their fixed order; the usual ones where it names none.

    Who chose them sees them on small screens too.
    """
    asked = set(request.GET.getlist("columns")) & EVERY.keys()
    if asked:
        return [column._replace(wide=False) for column in EVERY.values() if column.name in asked]
    return [column for column in EVERY.values() if column.name in USUAL]


@dataclass(frozen=True, slots=True)
class Choice:
    """A column one may have."""

    name: str
    head: str
    on: bool


def choices(request: WorkspaceRequest) -> list[Choice]:
    """All of them, those on the page marked."""
    names = {column.name for column in chosen(request)}
    return [Choice(one.name, head(one), one.name in names) for one in EVERY.values()]


Row = dict[str, Any]  # a customer of the list as profiles hands it over, and the columns' values by name


def filled(request: WorkspaceRequest, items: list[Row], columns: list[Column]) -> list[Row]:
    """The rows with all that the columns need, as this person may see it."""
    names = {column.name for column in columns}
    more = details.details(
        connection,
        request.workspace,
        [item["id"] for item in items],
        [kind for kind in KINDS if kind in names],
        [trait for trait in TRAITS if trait in names],
        request.access.masked,
    )
    return [item | {"average": _average(item)} | more[item["id"]] for item in items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell as the page says it: text, or channels."""

    text: str = ""
    channels: list[Channel] | None = None
    number: bool
    wide: bool


def cell(column: Column, row: Row, channels: dict[str, Channel]) -> Cell:
    """What a column says of a customer."""
    value = row.get(column.name)
    if column.say == "channels":
        on = [channels[slug] for slug in value or () if slug in channels]
        return Cell(channels=on, number=column.number, wide=column.wide)
    return Cell(text=_text(column, value, row), number=column.number, wide=column.wide)


def raw(column: Column, row: Row) -> Any:
    """A cell as a file says it: raw numbers, ISO dates."""
    value = row.get(column.name)
    return event_labels.plain(value) if column.say == "trait" and value is not None else value


def _text(column: Column, value: Any, row: Row) -> str:
    if value is None or value == []:
        return format.NOTHING
    if column.say == "list":
        rest = f" +{len(value) - 1}" if len(value) > 1 else ""
        return f"{value[0]}{rest}"
    if column.say == "money":
        return format.money(value, row["currency"])
    say = {"number": format.number, "day": format.near_day, "moment": format.moment}.get(
        column.say, event_labels.plain
    )
    return say(value)


def _average(item: Row) -> Any:
    revenue = format.decimal(item["revenue"])
    return str(round(revenue / item["orders"], 2)) if revenue is not None and item["orders"] else None
