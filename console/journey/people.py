"""Who stands behind a bar, a loss, a node or a flow: the customers, page by page.

Not here: how they are found (metrics/journeys), all customers (console/customer/customers.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from channels.models import Channel
from channels.queries import channels_of
from console.customer import saved
from console.journey import base
from kernel import cursor
from kernel.errors import BadRequest
from kernel.web import format, looks, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.journeys.base import Asked
from profiles import queries

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Person:
    """A row."""

    id: str
    called: str
    channels: list[Channel]
    last_seen: Any
    orders: int
    revenue: str


@dataclass(frozen=True, slots=True)
class Keeping:
    """The list, to be kept. `days`: kept along if wanted; "" where the question says its days itself."""

    page: str
    query: str
    days: str
    views: list[saved.View]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(base.JourneyPage):
    """The list."""

    home: str  # the family of pages that led here
    what: str  # who they are, in a sentence
    count: int
    rows: list[Person]
    page: cursor.Page
    ordering: str
    back: str
    keeping: Keeping


Who = tuple[list[int], str]  # their serial ids, and who they are


def show(
    request: WorkspaceRequest, back: str, find: Callable[[Asked, Mapping[str, str]], Who], home: str = ""
) -> HttpResponse:
    """The page; `back`: the route of the page that led here, `home`: what it is called, if not a journey."""
    period = shell.period_of(request)
    found, problem = base.read(base.Here.of(request), find)
    ids, what = found or ([], "")
    at, ordering = request.GET.get("cursor") or None, request.GET.get("ordering", "")
    masked = request.access.masked
    try:
        page = queries.of_profiles(connection, request.workspace, ids, at, PER_PAGE, ordering, masked)
    except BadRequest as wrong:
        problem, ordering = str(wrong), ""
        page = queries.of_profiles(connection, request.workspace, ids, None, PER_PAGE, masked=masked)
    by_slug = {one.slug: one for one in channels_of(request.workspace.pk).values()}
    rows = [
        Person(
            item["id"],
            item["called"],
            [by_slug[slug] for slug in item["channels"] if slug in by_slug],
            item["last_seen"],
            item["orders"],
            format.money(item["revenue"], item["currency"]),
        )
        for item in page.items
    ]
    asked = ("step", "outcome", "value", "node", "link", "path", "cursor", "ordering")
    shown = Page(
        **base.around(request, period, problem),
        home=home or _("Journeys"),
        what=what,
        count=len(ids),
        rows=rows,
        page=page,
        ordering=ordering or queries.DEFAULT_ORDERING,
        back=shell.in_period(
            request, back, **{name: value for name, value in request.GET.items() if name not in asked}
        ),
        keeping=_keeping(request, period),
    )
    looks.listed(request, shown.keeping.page, len(rows))
    return render(request, "journey/people.html", shown)


def _keeping(request: WorkspaceRequest, period: shell.Period) -> Keeping:
    page = request.resolver_match.view_name if request.resolver_match else ""
    said = {"from", "to", "cohort"} & request.GET.keys()  # a cohort is of days of its own
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return Keeping(
        page, saved.question(request), "" if said else urlencode(days), saved.listed(request, page)
    )
