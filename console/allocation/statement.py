"""One statement: its stages, the sheet, corrections, why a share is what it is, who said what; on paper too.

Not here: what is done with it (deeds.py), its orders (statement_orders.py), all of them (statements.py).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.models import Channel
from console.allocation import asked, reasons, words
from console.allocation.asked import Asked
from console.allocation.reasons import Why
from console.allocation.words import State
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.allocation import notes, statements, store, versions
from metrics.allocation.notes import Note
from metrics.allocation.rules import MODEL_WORDS
from metrics.allocation.sharing import HOUSE
from metrics.allocation.store import CorrectionSum, Share, Statement
from metrics.allocation.workbook import REASON_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A step on the way to closing. `tone`: done, now, or none."""

    words: str
    tone: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A channel's share as the sheet has it. `models`: each model's share of the pot, in the sheet's order."""

    one: Share
    channel: Channel | None
    models: list[Decimal | None]
    share: str
    bound: str
    state: State
    open: bool  # this person may answer
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Corrections alike."""

    one: CorrectionSum
    channel: Channel | None
    days: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was done or said."""

    one: Note
    channel: Channel | None
    act: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page."""

    one: Statement
    title: str
    days: str
    finding: str
    problem: str
    stages: list[Stage]
    state: State
    models: list[str]
    rows: list[Row]
    amount: Decimal
    corrected: Decimal
    to_pay: Decimal
    corrections: list[Correction]
    rules: list[str]
    beside: list[str]
    why: Why | None
    notes: list[Said]
    admin: bool
    of_channel: bool
    answering: list[Row]


@access.require_role("viewer", of_channel=True)
def show(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The statement as this person may see it."""
    given = asked.of(request)
    return page(request, given, statements.one(given.settings, number, given.actor))


@access.require_role("viewer", of_channel=True)
def printed(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The same to be printed and signed."""
    given = asked.of(request)
    found = statements.one(given.settings, number, given.actor)
    return render(request, "allocation/print.html", _made(request, given, found, ""))


def page(request: WorkspaceRequest, given: Asked, found: Statement, problem: str = "") -> HttpResponse:
    """The page, with what went wrong."""
    shown = _made(request, given, found, problem)
    return render(request, "allocation/statement.html", shown, 422 if problem else 200)


def _made(request: WorkspaceRequest, given: Asked, found: Statement, problem: str) -> Page:
    shares = statements.shares_of(found, given.actor)
    models = list(dict.fromkeys(name for one in shares for name in one.steps.get("models", {})))
    answering = {one.channel for one in statements.open_for(shares, given.actor)}
    if found.state not in {"sent", "disputed"}:
        answering = set()
    wanted = given.channels.get(request.GET.get("channel", ""))
    largest = max(shares, key=lambda one: one.amount, default=None)
    chosen = next((one for one in shares if wanted and one.channel == wanted.pk), largest)
    rows = [_row(one, found, given, models, answering, chosen) for one in shares]
    rows.sort(key=lambda row: (-row.one.to_pay, row.one.channel))
    version = versions.one(connection, given.settings.workspace, found.version)
    zero = Decimal(0)
    return Page(
        one=found,
        title=_("Settlement %(days)s") % {"days": format.days(found.first, found.last)},
        days=format.days(found.first, found.last),
        finding=_finding(found, shares),
        problem=problem,
        stages=_stages(found, shares),
        state=words.state(found.state),
        models=[str(MODEL_WORDS[name]) for name in models],
        rows=rows,
        amount=sum((one.amount for one in shares), zero),
        corrected=sum((one.corrected for one in shares), zero),
        to_pay=sum((one.to_pay for one in shares), zero),
        corrections=_corrections(found, given),
        rules=words.sentences(version.rules, given.channels, found.currency),
        beside=reasons.beside(found, given) if not given.actor.channels else [],
        why=reasons.why(chosen, found, version.rules, given) if chosen else None,
        notes=_notes(found, given),
        admin=given.actor.admin and not given.actor.channels,
        of_channel=bool(given.actor.channels),
        answering=[row for row in rows if row.open],
    )


def _row(
    one: Share, of: Statement, given: Asked, models: list[str], answering: set[int], chosen: Share | None
) -> Row:
    steps = one.steps.get("models", {})
    bound = one.steps.get("bound", "")
    return Row(
        one=one,
        channel=given.by_id.get(one.channel),
        models=[Decimal(steps[name]) if name in steps else None for name in models],
        share=words.share(one.amount / of.pot) if of.pot > 0 else format.NOTHING,
        bound={"least": _("floor"), "cap": _("cap")}.get(bound, ""),
        state=words.state("draft" if of.state == "draft" else one.state),  # nobody was asked yet
        open=one.channel in answering,
        current=one == chosen,
    )


def _corrections(found: Statement, given: Asked) -> list[Correction]:
    own = given.actor.channels
    return [
        Correction(
            one=one,
            channel=given.by_id.get(one.channel),
            days=format.days(one.first, one.last),
            reason=str(REASON_WORDS[one.reason]),
        )
        for one in store.corrections(connection, found.id)
        if not own or one.channel in own
    ]


def _notes(found: Statement, given: Asked) -> list[Said]:
    own = given.actor.channels
    return [
        Said(
            one=one,
            channel=given.by_id.get(one.channel or HOUSE),
            act=str(words.ACT_WORDS[one.act]),
            at=one.at,
        )
        for one in notes.of(connection, found.id)
        if not own or one.channel in {None, *own}
    ]


def _stages(found: Statement, shares: list[Share]) -> list[Stage]:
    """Computed, sent, agreed, closed: which are done, which one is at hand."""
    agreed = sum(one.state == "agreed" for one in shares)
    done = {"draft": 1, "sent": 2, "disputed": 2, "agreed": 3, "closed": 4}[found.state]
    said = [
        _("Computed %(day)s by %(name)s") % {"day": format.day(found.made_at), "name": found.made_by},
        _("Sent %(day)s by %(name)s") % {"day": format.day(found.sent_at), "name": found.sent_by}
        if found.sent_at
        else _("Sent to the channels"),
        _("Agreed by %(n)s of %(of)s") % {"n": agreed, "of": len(shares)},
        _("Closed %(day)s by %(name)s") % {"day": format.day(found.closed_at), "name": found.closed_by}
        if found.closed_at
        else _("Closed"),
    ]
    return [
        Stage(words=text, tone="done" if place < done else "now" if place == done else "", number=place + 1)
        for place, text in enumerate(said)
    ]


def _finding(found: Statement, shares: list[Share]) -> str:
    total = format.money(sum((one.to_pay for one in shares), Decimal(0)), found.currency)
    n = len(shares)
    said = ngettext("%(amount)s for %(n)s channel", "%(amount)s for %(n)s channels", n) % {
        "amount": total,
        "n": n,
    }
    against = sum(one.state == "disputed" for one in shares)
    if against:
        told = ngettext("%(n)s disputes its share", "%(n)s dispute their shares", against)
        return f"{said}: {told % {'n': against}}"
    waiting = sum(one.state == "waiting" for one in shares)
    if found.state == "sent" and waiting:
        told = ngettext("%(n)s has not answered yet", "%(n)s have not answered yet", waiting)
        return f"{said}: {told % {'n': waiting}}"
    return said
