"""Statements of periods: the list, and a draft of another one. Not here: one of them (statement.py)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from console.allocation import asked, base, words
from console.allocation.asked import Asked
from console.allocation.words import State
from kernel import cursor
from kernel.errors import BadRequest, Conflict
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.allocation import statements, store, versions
from metrics.allocation.store import Share, Statement
from metrics.scope import Days

PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A statement of the list."""

    one: Statement
    days: str
    state: State
    agreed: int
    shares: int
    to_pay: Decimal  # to all, or to the channels of who looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The list, and the form for a draft."""

    tabs: list[base.ShownTab]
    finding: str
    problem: str
    rows: list[Row]
    page: cursor.Page
    has_rules: bool
    may_make: bool
    first: date
    last: date
    of_channel: bool


@access.require_role("viewer", of_channel=True)
def show(request: WorkspaceRequest) -> HttpResponse:
    """The newest first."""
    return _page(request, asked.of(request))


def _page(
    request: WorkspaceRequest, given: Asked, problem: str = "", typed: Days | None = None
) -> HttpResponse:
    workspace, actor = given.settings.workspace, given.actor
    try:
        page = store.listed(connection, workspace, actor.channels, request.GET.get("cursor"), PER_PAGE)
    except BadRequest as wrong:
        problem, page = str(wrong), store.listed(connection, workspace, actor.channels, None, PER_PAGE)
    shares = store.shares(connection, [one.id for one in page.items])
    rows = [_row(one, shares[one.id], given) for one in page.items]
    newest = store.newest(connection, workspace)
    first, last = typed or _next(newest, given.today)
    shown = Page(
        tabs=base.tabs(request),
        finding=_finding(rows),
        problem=problem,
        rows=rows,
        page=page,
        has_rules=versions.in_force(connection, workspace) is not None,
        may_make=actor.admin and not actor.channels and (newest is None or newest.state == "closed"),
        first=first,
        last=last,
        of_channel=bool(actor.channels),
    )
    return render(request, "allocation/statements.html", shown, 422 if problem and typed else 200)


@require_POST
@access.require_role("admin")
def make(request: WorkspaceRequest) -> HttpResponse:
    """A draft of the days of the form."""
    given = asked.of(request)
    typed = _next(None, given.today)
    try:
        days = [date.fromisoformat(request.POST.get(name, "")[:10]) for name in ("from", "to")]
        typed = Days(*days)
        made = statements.make(given.settings, typed, given.today, given.actor, timezone.now())
    except ValueError:
        return _page(request, given, _("A period has two days: the first and the last."), typed)
    except (BadRequest, Conflict) as wrong:
        return _page(request, given, str(wrong), typed)
    return redirect("statement", number=made.number)


def _next(newest: Statement | None, today: date) -> Days:
    """The month after the last statement, else the last month that is over; as much of it as is over."""
    yesterday = today - timedelta(days=1)
    if newest is None:
        last = today.replace(day=1) - timedelta(days=1)
        return Days(last.replace(day=1), last)
    first = newest.last + timedelta(days=1)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return Days(first, max(first, min(yesterday, following - timedelta(days=1))))


def _row(one: Statement, shares: list[Share], given: Asked) -> Row:
    own = [share for share in shares if not given.actor.channels or share.channel in given.actor.channels]
    return Row(
        one=one,
        days=format.days(one.first, one.last),
        state=words.state(one.state),
        agreed=sum(share.state == "agreed" for share in own),
        shares=len(own),
        to_pay=sum((share.to_pay for share in own), Decimal(0)),
    )


def _finding(rows: list[Row]) -> str:
    """What waits for an answer."""
    if not rows:
        return _("Nothing was settled yet.")
    newest = rows[0]
    if newest.one.state == "closed":
        return _("%(days)s is closed.") % {"days": newest.days}
    if newest.one.state == "draft":
        return _("%(days)s is a draft: nobody was sent it yet.") % {"days": newest.days}
    left = newest.shares - newest.agreed
    if not left:
        return _("%(days)s: every channel has agreed.") % {"days": newest.days}
    said = ngettext("%(days)s waits for %(n)s channel.", "%(days)s waits for %(n)s channels.", left)
    return said % {"days": newest.days, "n": left}
