"""What stands behind a figure of attribution: the orders, each with its part of it.

Not here: how parts are found (metrics/attribution/orders.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from channels.models import Channel
from channels.queries import channels_of
from console.allocation import asking, base
from console.journey import base as journey
from kernel import cursor
from kernel.cursor import Page as CursorPage
from kernel.errors import BadRequest
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import query
from metrics.attribution import orders
from metrics.attribution.orders import Behind
from metrics.attribution.question import Question
from metrics.attribution.rounding import rounded
from metrics.drill_mirror import place
from metrics.journeys.base import Asked
from metrics.journeys.values import NONE

PER_PAGE: Final = 50
PLACES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An order."""

    order_id: str
    address: str
    channel: Channel | None
    at: datetime
    share: str
    figure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """The page."""

    kept: list[tuple[str, str]]
    problem: str
    what: str
    count: int
    total: str
    measure: str
    rows: list[Row]
    page: CursorPage
    back: str


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The orders of a row under a model, the newest first."""
    here = journey.Here.of(request)
    settings = query.reporting_settings(connection, request.workspace)
    wanted, problem = _wanted(here.given, settings.channels)
    key = None if here.given.get("key", NONE) in ("", NONE) else here.given["key"]

    def find(asked: Asked, _given: Mapping[str, str]) -> list[Behind]:
        return orders.behind(connection, asked, wanted, key)

    found, wrong = journey.read(here, find)
    every = found or []
    try:
        begin = place(request.GET.get("cursor") or None)
    except BadRequest as bad:
        begin, wrong = 0, str(bad)
    channels = channels_of(request.workspace.pk)
    by_slug = {one.slug: one for one in channels.values()}
    by_id = {one.pk: one for one in channels.values()}
    currency = settings.currency
    said = {
        "model": asking.model_name(wanted.model),
        "key": access.scrub(asking.key_name(key, wanted.by, by_slug))
        if request.access.masked
        else asking.key_name(key, wanted.by, by_slug),
    }
    total = sum((getattr(one, wanted.measure) for one in every), Fraction(0))
    question = asking.in_address(wanted, here.given)
    return render(
        request,
        "allocation/orders.html",
        Page(
            period=here.period,
            presets=shell.presets(request, here.period),
            neighbours=shell.neighbours(request, here.period),
            kept=base.kept(request),
            problem=problem or wrong,
            what=_("%(key)s under %(model)s") % said,
            count=len(every),
            total=asking.figure(_decimal(total), wanted.measure, currency),
            measure=str(asking.MEASURES[wanted.measure]),
            rows=[
                _row(here, one, by_id.get(one.channel), wanted, currency)
                for one in every[begin : begin + PER_PAGE]
            ],
            page=_page(len(every), begin),
            back=here.address("attribution", **question),
        ),
    )


def _wanted(given: Mapping[str, str], channels: Mapping[int, str]) -> tuple[Question, str]:
    """The question of the page that led here; of orders alone."""
    found, problem = asking.wanted(given, channels)
    return found._replace(conversion=None), problem


def _row(here: journey.Here, one: Behind, channel: Channel | None, wanted: Question, currency: str) -> Row:
    masked = here.request.access.masked
    slug = channel.slug if channel else ""
    shown = str(access.scrub(one.order_id)) if masked else one.order_id
    address = (
        here.address("attribution-order", channel=slug, number=one.order_id) if shown == one.order_id else ""
    )
    return Row(
        order_id=shown,
        address=address,
        channel=channel,
        at=one.occurred_at.replace(tzinfo=UTC),
        share=format.percent(_decimal(one.share)),
        figure=asking.figure(_decimal(getattr(one, wanted.measure)), wanted.measure, currency),
    )


def _page(count: int, begin: int) -> CursorPage:
    return CursorPage(
        [],
        cursor.encode(False, "", begin + PER_PAGE) if count > begin + PER_PAGE else None,
        cursor.encode(True, "", max(begin - PER_PAGE, 0)) if begin else None,
    )


def _decimal(value: Fraction) -> Decimal:
    return rounded(value, PLACES)
