"""The rows behind a figure of service: returns, refunds, tickets, payments; each leads to its order and its customer.

Not here: which rows there are (metrics/service).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel
from channels.queries import channels_of
from console import addresses, names
from console.journey import base as journey
from console.service import base
from console.service.base import Cell, Head, named
from kernel import cursor
from kernel.web import access, format, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.journeys import asking
from metrics.journeys.base import Asked
from metrics.service import listing, payments, payments_api, return_rows, ticket_rows
from metrics.service.asking import NULL, cell
from metrics.service.listing import Listing, Slice

PER_PAGE = 50
Row = dict[str, Any]
STATES = {
    "succeeded": gettext_lazy("succeeded"),
    "failed": gettext_lazy("failed"),
    "started": gettext_lazy("open"),
}
OUTCOMES = {
    "started": gettext_lazy("Payments"),
    "succeeded": gettext_lazy("Payments that succeeded"),
    "failed": gettext_lazy("Payments that failed"),
    "open": gettext_lazy("Payments that are open"),
    "retried": gettext_lazy("Failed, and tried again elsewhere"),
    "won": gettext_lazy("Failed, and won elsewhere"),
}
WHICH = {
    "opened": gettext_lazy("Tickets"),
    "resolved": gettext_lazy("Tickets that were resolved"),
    "open": gettext_lazy("Tickets that are open"),
    "reopened": gettext_lazy("Tickets opened again"),
}


class Kind(NamedTuple):
    """A kind of rows: its title, its columns, and how a row is shown."""

    title: str
    heads: list[Head]
    row: Callable[["Shown", Row], list[Cell]]


class Shown(NamedTuple):
    """Who looks at rows, of which channels."""

    channels: Mapping[str, Channel]
    masked: bool

    def order(self, row: Row, channel: str | None) -> Cell:
        """The order's number, which leads to its page."""
        number = row["order_id"] or ""
        return Cell(
            number or format.NOTHING, href=addresses.of_order(channel, number, masked=self.masked), own=True
        )

    def who(self, row: Row) -> Cell:
        """The customer."""
        href = reverse("customer", args=[row["profile"]]) if row["profile"] else ""
        return Cell(row["customer"] or format.NOTHING, href=href, own=True)

    def where(self, slug: str | None) -> Cell:
        """A channel."""
        return Cell(format.NOTHING if slug is None else slug, channel=self.channels.get(slug or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(base.ServicePage):
    """The list."""

    there: bool
    title: str
    lead: str
    heads: list[Head]
    rows: list[list[tuple[Cell, Head]]]
    page: cursor.Page
    back: str
    back_words: str
    csv: str  # the address of all of them as a file; "" where the address asks for what cannot be


Found = tuple[Listing, dict[str, Any], Kind]


@access.require_role("viewer")
def aftersales(request: WorkspaceRequest) -> HttpResponse:
    """Returns, refunds or tickets of a cell."""
    return _show(request, of_aftersales, "aftersales", _("After-sales"))


@access.require_role("viewer")
def paying(request: WorkspaceRequest) -> HttpResponse:
    """Payments of a group."""
    return _show(request, of_payments, "payments", _("Payments"))


def of_aftersales(asked: Asked, given: Mapping[str, str]) -> Found:
    """The list that an address asks for, what its select asks for, and how it is shown."""
    kinds = (*return_rows.WHAT, "tickets")
    what = asking.one_of("rows", given.get("rows", kinds[0]), kinds)
    if what != "tickets":
        of_cell = cell(asked.settings.channels, given, "bought", "returned")
        return return_rows.LISTS[what], of_cell, _returns() if what == "returns" else _refunds()
    which = asking.one_of("which", given.get("which", "opened"), ticket_rows.WHICH)
    of_cell = cell(asked.settings.channels, given, "bought", "served")
    return ticket_rows.tickets(which), of_cell, _tickets(which)


def of_payments(asked: Asked, given: Mapping[str, str]) -> Found:
    """The same of payments."""
    by = payments_api.of_what(given)
    outcome = asking.one_of("outcome", given.get("outcome", "started"), payments.OUTCOMES)
    key = payments_api.key_of(asked, by, given.get("key", ""))
    return payments.rows(by, outcome, keyed="key" in given), {"key": key}, _payments(outcome)


def _show(
    request: WorkspaceRequest,
    find: Callable[[Asked, Mapping[str, str]], Found],
    back: str,
    back_words: str,
) -> HttpResponse:
    here = journey.Here.of(request)

    def read(asked: Asked, given: Mapping[str, str]) -> tuple[cursor.Page, Kind]:
        of, values, kind = find(asked, given)
        wanted = Slice(given.get("cursor") or None, PER_PAGE, request.access.masked)
        return listing.page(connection, asked, of, wanted, **values), kind

    found, problem = journey.read(here, read)
    page, kind = found or (cursor.Page([], None, None), Kind("", [], lambda _shown, _row: []))
    channels = channels_of(request.workspace.pk)
    shown = Shown(channels, request.access.masked)
    looks.listed(request, f"{back}-rows", len([one for one in page.items if one["profile"]]))
    return render(
        request,
        "service/rows.html",
        Page(
            **base.around(request, here.period, problem),
            there=found is not None,
            title=kind.title,
            lead="" if problem else _lead(here.given, channels),
            heads=kind.heads,
            rows=[list(zip(kind.row(shown, row), kind.heads, strict=True)) for row in page.items],
            page=page,
            back=here.address(back),
            back_words=back_words,
            csv="" if problem else _file(here, f"{back}-rows-export"),
        ),
    )


def _file(here: journey.Here, route: str) -> str:
    """The same question as a file."""
    names = ("rows", "bought", "returned", "served", "which", "by", "key", "outcome")
    return here.address(route, **{name: here.given[name] for name in names if here.given.get(name)})


def _lead(given: Mapping[str, str], channels: Mapping[str, Channel]) -> str:
    """What of the rows was asked for."""
    words = {
        "bought": _("bought in %(name)s"),
        "returned": _("returned in %(name)s"),
        "served": _("served in %(name)s"),
    }
    none = {"bought": _("about no order that is known"), "returned": _("without goods")}
    parts = [
        none.get(name, "") if given[name] == NULL else said % {"name": named(channels, given[name])}
        for name, said in words.items()
        if given.get(name)
    ]
    if given.get("key"):
        key = given["key"]
        parts.append(_("not said") if key == NULL else named(channels, key))
    return " · ".join(part for part in parts if part)


# ---- the kinds ------------------------------------------------------------------------------------------


def _returns() -> Kind:
    heads = [
        *(Head(_("Order")), Head(_("Customer")), Head(_("Bought in"), opt=True), Head(_("Returned in"))),
        *(Head(_("Asked for"), opt=True), Head(_("Received"), opt=True)),
        *(Head(_("Time to refund"), number=True), Head(_("Refunded"), number=True)),
    ]

    def row(shown: Shown, one: Row) -> list[Cell]:
        return [
            shown.order(one, one["bought"]),
            shown.who(one),
            shown.where(one["bought"]),
            shown.where(one["returned"])._replace(sub=one["store"] or ""),
            Cell(format.moment(one["requested_at"])),
            Cell(format.moment(one["received_at"])),
            Cell(_lasting(one["hours"])),
            Cell(_money(one["refunded"], one["currency"])),
        ]

    return Kind(_("Returns received"), heads, row)


def _refunds() -> Kind:
    heads = [
        *(Head(_("Order")), Head(_("Customer")), Head(_("Bought in"), opt=True), Head(_("Returned in"))),
        *(Head(_("Kind"), opt=True), Head(_("Refunded at"), opt=True), Head(_("Amount"), number=True)),
    ]
    kinds = {"refund": _("refund"), "cancel": _("by cancellation")}

    def row(shown: Shown, one: Row) -> list[Cell]:
        return [
            shown.order(one, one["bought"]),
            shown.who(one),
            shown.where(one["bought"]),
            shown.where(one["returned"]),
            Cell(kinds[one["kind"]]),
            Cell(format.moment(one["refunded_at"])),
            Cell(_money(one["amount"], one["currency"])),
        ]

    return Kind(_("Refunds"), heads, row)


def _tickets(which: str) -> Kind:
    heads = [
        *(Head(_("Ticket")), Head(_("Customer")), Head(_("Served in"))),
        *(Head(_("Order"), opt=True), Head(_("Opened"), opt=True)),
        *(Head(_("First response"), number=True), Head(_("Resolution"), number=True)),
        Head(_("Opened again"), number=True, opt=True),
    ]

    def row(shown: Shown, one: Row) -> list[Cell]:
        return [
            Cell(one["ticket_id"], sub=one["topic"] or "", own=True),
            shown.who(one),
            shown.where(one["served"]),
            shown.order(one, one["bought"]),
            Cell(format.moment(one["opened_at"])),
            Cell(_lasting(one["response_hours"])),
            Cell(_lasting(one["resolution_hours"]), sub="" if one["closed_at"] else _("open")),
            Cell(format.number(one["reopened"])),
        ]

    return Kind(str(WHICH[which]), heads, row)


def _payments(outcome: str) -> Kind:
    heads = [
        *(Head(_("Order")), Head(_("Customer"), opt=True), Head(_("Channel")), Head(_("Method"))),
        *(Head(_("State")), Head(_("Time"), opt=True), Head(_("Elsewhere"), opt=True)),
        Head(_("Amount"), number=True),
    ]

    def row(shown: Shown, one: Row) -> list[Cell]:
        elsewhere = (
            _("won") if one["won"] else _("tried again") if one["retried_elsewhere"] else format.NOTHING
        )
        return [
            shown.order(one, one["channel"]),
            shown.who(one),
            shown.where(one["channel"]),
            _method(one["method"]),
            Cell(str(STATES[one["state"]]), sub=names.reason(one["reason"] or "")),
            Cell(format.moment(one["at"])),
            Cell(elsewhere),
            Cell(_money(one["amount"], one["currency"])),
        ]

    return Kind(str(OUTCOMES[outcome]), heads, row)


def _method(word: str | None) -> Cell:
    return Cell(names.method(word or "") or format.NOTHING, own=word not in names.METHODS)


def _lasting(hours: str | None) -> str:
    return base.lasting(None if hours is None else format.decimal(hours))


def _money(amount: str | None, currency: str | None) -> str:
    return format.NOTHING if amount is None else format.money(amount, currency or "")
