"""Who are they? Find one, or a kind. Not here: how they are found (profiles/queries.py)."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, TypedDict

from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.models import Channel
from channels.queries import channels_of
from console.customer import customer_columns, saved
from console.event import event_labels
from console.metric import export
from kernel import cursor
from kernel.errors import BadRequest
from kernel.models import Workspace
from kernel.web import access, format, looks, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from profiles import queries

PER_PAGE = 50
PER_READ = 500  # rows of an export read at once
KEPT_SECONDS = 60  # of counting very many
DATE_LENGTH = len("2026-11-24")
DATES = ("first_seen_after", "first_seen_before", "last_seen_after", "last_seen_before")
NUMBERS = ("orders_min", "revenue_min")
FILTERS = ("search", "identifier", "kind", "segment", *DATES, *NUMBERS)
MANY = ("channel", "trait")


@dataclass(frozen=True, slots=True)
class Person:
    """Who a row is of."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """A customer, column by column."""

    item: Person
    cells: list[customer_columns.Cell]


Head = TypedDict("Head", {"head": str, "sort": str, "class": str})  # of a column
Foot = TypedDict("Foot", {"text": str, "class": str})  # below it


@dataclass(frozen=True, slots=True)
class Named:
    """A kind of identifier, or a trait, to choose from."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, with the address without it."""

    words: str
    shown: str
    without: str


@dataclass(frozen=True, slots=True)
class Widest:
    """The filter whose removal brings most back."""

    count: str
    filter: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The list."""

    rows: list[Row]
    columns: list[Head]
    choices: list[customer_columns.Choice]
    totals: list[Foot]
    page: cursor.Page
    given: dict[str, Any]  # the filters by name: a text, or a list of them
    problem: str
    channels: list[Channel]
    kinds: list[Named]
    traits: list[Named]
    chips: list[Chip]
    views: list[saved.View]
    question: str
    kept: list[tuple[str, str]]
    kept_filters: list[tuple[str, str]]
    ordering: str
    count: str
    every: str
    finding: str
    search_text: str
    widest: Widest | None
    nobody: bool


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The list: what the address asks for, a page of it."""
    workspace, masked = request.workspace, request.access.masked
    channels = channels_of(workspace.pk)
    given, problem = _given(request), ""
    asked = _asked(workspace, given)
    ordering, at = request.GET.get("ordering", ""), request.GET.get("cursor") or None
    try:
        page = queries.find(connection, workspace, asked, at, PER_PAGE, ordering, masked=masked)
        totals = queries.totals(connection, workspace, asked, masked=masked)
    except BadRequest as wrong:
        given, ordering, problem = {}, "", str(wrong)
        page = queries.find(connection, workspace, {}, None, PER_PAGE, masked=masked)
        totals = queries.totals(connection, workspace, {})
    every = _everybody(workspace) if given or totals.people > queries.COUNT_CAP else totals.people
    columns = customer_columns.chosen(request)
    items = customer_columns.filled(request, page.items, columns)
    shown = Page(
        rows=[
            Row(
                Person(item["id"], item["called"]),
                [customer_columns.cell(one, item, channels) for one in columns],
            )
            for item in items
        ],
        columns=[
            {"head": customer_columns.head(one), "sort": one.sort, "class": _class(one)} for one in columns
        ],
        choices=customer_columns.choices(request),
        totals=_totals(workspace, columns, totals),
        page=page,
        given=given,
        problem=problem,
        channels=list(channels.values()),
        kinds=[Named(name, event_labels.kind(name)) for name in event_labels.KINDS],
        traits=[Named(name, event_labels.trait(name)) for name in TRAIT_CHOICES],
        chips=_chips(request, given, channels),
        views=saved.listed(request, "customers"),
        question=saved.question(request),
        kept=_kept(request, ("columns", "cursor")),
        kept_filters=_kept(request, ("cursor", *FILTERS, *MANY, "trait_name", "trait_value")),
        ordering=ordering or queries.DEFAULT_ORDERING,
        count=capped(totals.people) if given else format.number(every),
        every=format.number(every),
        finding=_finding(given, totals.people, every, len(channels), items),
        search_text=given.get("search", ""),
        widest=_widest(request, given, channels) if given and not items else None,
        nobody=not every,
    )
    looks.listed(request, "customers", len(items))
    return render(request, "customer/customers.html", shown)


@access.require_role("viewer")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """The whole list as CSV: filters, order and columns of the address, masked by role."""
    workspace, masked = request.workspace, request.access.masked
    given, ordering = _given(request), request.GET.get("ordering", "")
    columns = customer_columns.chosen(request)
    find = functools.partial(queries.find, connection, workspace, _asked(workspace, given), masked=masked)
    first = find(None, PER_READ, ordering)  # wrong filters are said now

    def rows() -> Iterator[list[Any]]:
        page = first
        while True:
            for item in customer_columns.filled(request, page.items, columns):
                yield [item["id"], item["called"], *(customer_columns.raw(one, item) for one in columns)]
            if page.next is None:
                return
            page = find(page.next, PER_READ, ordering)

    head = [_("Id"), _("Full name"), *(customer_columns.head(one) for one in columns)]
    total = functools.partial(
        queries.count, connection, workspace, _asked(workspace, given), masked=masked, cap=None
    )
    return export.answer(request, f"customers-{shell.today(workspace)}", head, rows(), total)


TRAIT_CHOICES = ("city", "province", "gender", "birthday", "tier", "language", "age")


def _class(column: customer_columns.Column) -> str:
    return " ".join(name for name, on in (("n", column.number), ("opt", column.wide)) if on)


def _kept(request: WorkspaceRequest, without: tuple[str, ...]) -> list[tuple[str, str]]:
    """The rest of the address, for a form that changes only a part of it."""
    return [
        (name, value)
        for name, values in request.GET.lists()
        if name not in without
        for value in values
        if value
    ]


def _totals(
    workspace: Workspace, columns: list[customer_columns.Column], totals: queries.Totals
) -> list[Foot]:
    """The cells below the list: of everything that passes, where that can be said."""
    said = {
        "orders": format.number(totals.orders),
        "revenue": format.money(totals.revenue, workspace.currency),
        "events": format.number(totals.events),
    }
    return [{"text": said.get(one.name, ""), "class": _class(one)} for one in columns]


def _everybody(workspace: Workspace) -> int:
    """How many customers there are; of very many the count is kept for a moment."""
    key = f"customers:{workspace.pk}"
    kept: int | None = cache.get(key)
    if kept is not None:
        return kept
    found = queries.count(connection, workspace, {}, cap=None)
    if found > queries.COUNT_CAP:
        cache.set(key, found, KEPT_SECONDS)
    return found


def capped(count: int) -> str:
    """A count, honest about where counting stopped."""
    return f"{queries.COUNT_CAP:,}+" if count > queries.COUNT_CAP else f"{count:,}"


def _given(request: WorkspaceRequest) -> dict[str, Any]:
    """The filters of the address that are not empty. A trait comes whole, or as name and value of the form."""
    given: dict[str, Any] = {name: text for name in FILTERS if (text := request.GET.get(name, "").strip())}
    for name in MANY:
        if values := [text for text in request.GET.getlist(name) if text.strip()]:
            given[name] = list(dict.fromkeys(values))
    trait, value = (request.GET.get(name, "").strip() for name in ("trait_name", "trait_value"))
    if trait and value:
        given["trait"] = [*given.get("trait", []), f"{trait}:{value}"]
    return given


def _asked(workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
    """The filters as the list takes them: a date is a day of the workspace, not of Greenwich."""
    days = {name: format.as_date(given[name]) for name in DATES if len(given.get(name, "")) == DATE_LENGTH}
    at = {
        name: datetime.combine(day, time.min, shell.zone(workspace)).isoformat()
        for name, day in days.items()
        if day is not None
    }
    return given | at


def _phrase(name: str, value: Any, channels: dict[str, Channel]) -> tuple[str, str]:
    """A filter as the two halves of a sentence."""
    if name == "channel":
        return _("Seen on"), _(" or ").join(shell.channel_name(channels.get(slug, slug)) for slug in value)
    if name == "kind":
        return _("Has an identifier of kind"), event_labels.kind(value)
    said = {
        "search": _("Found by"),
        "identifier": _("Has the identifier"),
        "segment": _("In the segment"),
        "first_seen_after": _("First seen since"),
        "first_seen_before": _("First seen before"),
        "last_seen_after": _("Last seen since"),
        "last_seen_before": _("Last seen before"),
        "orders_min": _("Orders at least"),
        "revenue_min": _("Spent at least"),
    }
    return said[name], format.day(value, year=True) if name in DATES and format.as_date(value) else str(value)


def _trait_phrase(text: str) -> tuple[str, str]:
    name, _colon, value = text.partition(":")
    return event_labels.trait(name.strip()), value.strip()


def _chips(request: WorkspaceRequest, given: dict[str, Any], channels: dict[str, Channel]) -> list[Chip]:
    """The active filters, each with the address without it."""
    found = []
    for name, value in given.items():
        if name == "trait":
            found += _trait_chips(request, value)
            continue
        phrase, shown = _phrase(name, value, channels)
        found.append(Chip(phrase, shown, shell.address(request, **{name: ""})))
    return found


def _trait_chips(request: WorkspaceRequest, every: list[str]) -> list[Chip]:
    found = []
    for text in every:
        phrase, shown = _trait_phrase(text)
        rest = [other for other in every if other != text]
        without = shell.address(request, trait=rest, trait_name="", trait_value="")
        found.append(Chip(phrase, shown, without))
    return found


def _widest(request: WorkspaceRequest, given: dict[str, Any], channels: dict[str, Channel]) -> Widest:
    workspace, masked = request.workspace, request.access.masked
    tried = [
        (
            queries.count(
                connection,
                workspace,
                _asked(workspace, {k: v for k, v in given.items() if k != name}),
                masked=masked,
            ),
            name,
        )
        for name in given
    ]
    count, name = max(tried)
    phrase, shown = _trait_phrase(given[name][0]) if name == "trait" else _phrase(name, given[name], channels)
    gone = {name: "", **({"trait_name": "", "trait_value": ""} if name == "trait" else {})}
    address = shell.address(request, **gone) if len(given) > 1 else request.path
    return Widest(capped(count), f"{phrase} {shown}", address)


def _finding(
    given: dict[str, Any], count: int, every: int, channels: int, rows: list[customer_columns.Row]
) -> str:
    """The sentence under the title."""
    if not every:
        return _("No customers yet.")
    if given:
        return ngettext("%(n)s customer of %(all)s matches.", "%(n)s customers of %(all)s match.", count) % {
            "n": capped(count),
            "all": format.number(every),
        }
    newest = max((row["last_seen"] for row in rows if row["last_seen"]), default=None)
    return _("%(n)s customers on %(channels)s channels, the last one seen %(time)s.") % {
        "n": format.number(every),
        "channels": channels,
        "time": format.ago(newest, timezone.localtime()),
    }
