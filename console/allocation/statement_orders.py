"""The orders behind a share or a correction: what each gave, and why. Not here: the statement itself (statement.py)."""

from dataclasses import dataclass

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from channels.models import Channel
from console.allocation import asked
from console.allocation.asked import Asked
from kernel import cursor
from kernel.errors import BadRequest
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.allocation import statements, store
from metrics.allocation.store import OrderLine, Statement
from metrics.allocation.workbook import REASON_WORDS

PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An order."""

    one: OrderLine
    order_id: str
    linked: bool
    channel: Channel | None
    reason: str
    days: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The list."""

    one: Statement
    days: str
    channel: Channel | None
    channels: list[Channel]
    corrections: str
    rows: list[Row]
    page: cursor.Page
    problem: str


@access.require_role("viewer", of_channel=True)
def show(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The largest credit first."""
    given = asked.of(request)
    found = statements.one(given.settings, number, given.actor)
    own = [given.by_id[one] for one in given.actor.channels if one in given.by_id]
    channels = own or [
        given.by_id[one.channel] for one in statements.shares_of(found, given.actor) if one.channel
    ]
    channel = next((one for one in channels if one.slug == request.GET.get("channel")), None)
    if channel is None and own:
        channel = own[0]
    which = request.GET.get("corrections", "")
    wanted = {"1": True, "0": False}.get(which)
    problem = ""
    number_of = channel.pk if channel else None
    try:
        page = store.orders(connection, found.id, number_of, wanted, request.GET.get("cursor"), PER_PAGE)
    except BadRequest as wrong:
        problem, page = str(wrong), store.orders(connection, found.id, number_of, wanted, None, PER_PAGE)
    shown = Page(
        one=found,
        days=format.days(found.first, found.last),
        channel=channel,
        channels=channels,
        corrections=which if which in {"0", "1"} else "",
        rows=[_row(one, given) for one in page.items],
        page=page,
        problem=problem,
    )
    return render(request, "allocation/statement_orders.html", shown)


def _row(one: OrderLine, given: Asked) -> Row:
    shown = str(access.scrub(one.order_id)) if given.access.masked else one.order_id
    return Row(
        one=one,
        order_id=shown,
        linked=shown == one.order_id and not given.actor.channels,
        channel=given.by_id.get(one.channel),
        reason=str(REASON_WORDS[one.reason]) if one.reason else _("of this period"),
        days=format.days(one.first, one.last),
    )
