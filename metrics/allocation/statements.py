"""What is done with a statement: made, sent, agreed or disputed by each channel's own, closed for good.

draft -> sent -> agreed | disputed -> (draft again) … agreed -> closed. One statement is open at a time: what changes of
a closed one stands in the next. Each deed holds the statement until it is done, so that of two at once one is told.
Not here: computing (settlement.py), keeping (store.py), the chain of digests (chain.py).
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kernel import audit
from kernel.db import Statements, array, rows, run
from kernel.errors import BadRequest, Conflict, NotAllowed, NotFound
from kernel.models import Role
from kernel.web import format
from kernel.web.access import AccessContext
from metrics.allocation import chain, notes, settlement, store, versions
from metrics.allocation.notes import Attached
from metrics.allocation.sharing import HOUSE
from metrics.allocation.store import Share, Statement
from metrics.query import ReportingSettings
from metrics.scope import Days

SQL = Statements(__file__)
STATES: Final = ("draft", "sent", "disputed", "agreed", "closed")
SHARE_STATES: Final = ("waiting", "agreed", "disputed")
LONGEST: Final = 366  # days of a period


class Actor(NamedTuple):
    """Who does something. `channels`: whose people they are; none: no channel's."""

    name: str
    admin: bool
    channels: tuple[int, ...] = ()

    @classmethod
    def of(cls, access: AccessContext, name: str) -> "Actor":
        """Whoever sent a request."""
        return cls(name, access.reaches(Role.ADMIN), access.channels)


# ---- reading -------------------------------------------------------------------------------------------


def one(settings: ReportingSettings, number: int, actor: Actor) -> Statement:
    """A statement; a channel's own people know of those that were sent to them."""
    found = store.one(connection, settings.workspace, number)
    if found is None or (actor.channels and (found.state == "draft" or not shares_of(found, actor))):
        raise NotFound(_("There is no statement %(number)s.") % {"number": number})
    return found


def shares_of(statement: Statement, actor: Actor) -> list[Share]:
    """The shares this person may see: a channel's own people theirs alone."""
    found = store.shares(connection, [statement.id])[statement.id]
    return [one for one in found if not actor.channels or one.channel in actor.channels]


def channel_of(settings: ReportingSettings, slug: str, actor: Actor) -> int:
    """A channel by its slug. NotAllowed for one whose people they are not."""
    found = next((channel for channel, name in settings.channels.items() if name == slug), None)
    if actor.channels and found not in actor.channels:
        raise NotAllowed(_("You see and answer for your own channels alone."))
    if found is None:
        raise BadRequest(_("There is no channel “%(slug)s”.") % {"slug": slug[:60]}, "unknown_channel")
    return found


# ---- making ----------------------------------------------------------------------------------------------


def make(settings: ReportingSettings, period: Days, today: date, actor: Actor, now: datetime) -> Statement:
    """A draft of a period that is over. Conflict where it, or an earlier one, is not yet or already settled."""
    may(actor)
    _whole(period, today)
    with transaction.atomic():
        newest = store.newest(connection, settings.workspace)
        if newest and newest.state != "closed":
            raise Conflict(
                _(
                    "The statement of %(days)s is open: close it first, then what changed of it stands in this one."
                )
                % {"days": format.days(newest.first, newest.last)}
            )
        there = store.overlapping(connection, settings.workspace, *period)
        if there is not None:
            raise Conflict(
                _("Days of this period are settled by statement %(number)s already.") % {"number": there}
            )
        if newest and period.first < newest.first:
            raise Conflict(_("A later period is settled already: statements follow each other in time."))
        number = newest.number + 1 if newest else 1
        _compute(settings, period, number, None, actor, now)
        audit.note(settings.workspace, actor.name, "statement.make", str(number), days=_days(period))
    return one(settings, number, actor)


def refresh(settings: ReportingSettings, number: int, actor: Actor, now: datetime) -> Statement:
    """A draft computed anew, by the rules that are in force now."""
    may(actor)
    with transaction.atomic():
        found = _held(settings, number, actor, ("draft",))
        _compute(settings, Days(found.first, found.last), number, found.id, actor, now)
        audit.note(settings.workspace, actor.name, "statement.refresh", str(number))
    return one(settings, number, actor)


def drop(settings: ReportingSettings, number: int, actor: Actor) -> None:
    """A draft that nobody was sent."""
    may(actor)
    with transaction.atomic():
        found = _held(settings, number, actor, ("draft",))
        run(connection, store.SQL["drop"], id=found.id)
        audit.note(settings.workspace, actor.name, "statement.drop", str(number))


def _whole(period: Days, today: date) -> None:
    if period.first > period.last:
        raise BadRequest(_("A period ends on or after the day it begins."), "bad_period")
    if period.last >= today:
        raise BadRequest(_("A period is settled once all its days are over."), "bad_period")
    if period.length > LONGEST:
        raise BadRequest(_("A statement is of at most %(most)s days.") % {"most": LONGEST}, "bad_period")


def _compute(
    settings: ReportingSettings, period: Days, number: int, id_: int | None, actor: Actor, now: datetime
) -> None:
    version = versions.in_force(connection, settings.workspace)
    if version is None:
        raise Conflict(_("No rules are in force: agree on some first."))
    found = settlement.of(connection, settings, version.rules, period)
    changed, sums = settlement.changes(connection, settings, period, number)
    values = {
        "version": version.version,
        "base": found.base,
        "pot": found.sheet.pot,
        "corrected": sum(sums.values(), Decimal(0)),
        "said": json.dumps(found.said),
        "at": now,
        "by": actor.name,
    }
    if id_ is None:
        added = {"workspace": settings.workspace, "number": number, "currency": settings.currency}
        first, last = period
        made = rows(connection, store.SQL["add"], first=first, last=last, **added, **values)
        if not made:
            raise Conflict(_("Somebody else made this statement meanwhile."))
        id_ = int(made[0][0])
    else:
        run(connection, store.SQL["compute"], id=id_, **values)
    store.put_shares(connection, id_, found.sheet.lines, sums, settings.currency)
    store.put_orders(connection, id_, found.booked, changed, settings.currency)


# ---- answering -----------------------------------------------------------------------------------------


def send(settings: ReportingSettings, number: int, actor: Actor, now: datetime, text: str = "") -> Statement:
    """To the channels: from here on it is not computed anew."""
    may(actor)
    return _act(settings, number, actor, now, "sent", ("draft",), text)


def reopen(settings: ReportingSettings, number: int, actor: Actor, now: datetime, text: str) -> Statement:
    """Back to a draft; who had agreed is asked again."""
    may(actor)
    return _act(settings, number, actor, now, "draft", ("sent", "disputed", "agreed"), text)


def _act(  # noqa: PLR0913 (one deed, whole)
    settings: ReportingSettings,
    number: int,
    actor: Actor,
    now: datetime,
    state: str,
    before: Sequence[str],
    text: str,
) -> Statement:
    said = notes.text_of(text, needed=False)
    with transaction.atomic():
        found = _held(settings, number, actor, before)
        values = {"state": state, "from": array(list(before)), "at": now, "by": actor.name}
        run(connection, SQL["move"], id=found.id, **values)
        run(connection, SQL["undecide"], id=found.id)
        act = "reopened" if state == "draft" else state
        notes.add(connection, found.id, act, actor.name, now, said)
        if state == "sent":
            run(connection, SQL["settle"], id=found.id)
        audit.note(settings.workspace, actor.name, f"statement.{act}", str(number))
    return one(settings, number, actor)


def agree(
    settings: ReportingSettings, number: int, channel: int, actor: Actor, now: datetime, text: str = ""
) -> Statement:
    """A channel's yes, by one of its people or an admin. Conflict for who comes second."""
    return _decide(settings, number, channel, actor, now, "agreed", notes.text_of(text, needed=False), None)


def dispute(  # noqa: PLR0913 (one answer, whole)
    settings: ReportingSettings,
    number: int,
    channel: int,
    actor: Actor,
    now: datetime,
    text: str,
    file: Attached | None = None,
) -> Statement:
    """A channel's no, with what is wrong, and a file that shows it."""
    return _decide(settings, number, channel, actor, now, "disputed", notes.text_of(text, needed=True), file)


def _decide(  # noqa: PLR0913 (one answer, whole)
    settings: ReportingSettings,
    number: int,
    channel: int,
    actor: Actor,
    now: datetime,
    state: str,
    text: str,
    file: Attached | None,
) -> Statement:
    if not actor.admin and channel not in actor.channels:
        raise NotAllowed(_("A channel's own people answer for it, or an admin."))
    with transaction.atomic():
        found = _held(settings, number, actor, ("sent", "disputed", "agreed"))
        share = next((one for one in shares_of(found, actor) if one.channel == channel), None)
        if share is None:
            raise NotFound(_("This channel has no share in the statement."))
        values = {"channel": channel, "state": state, "at": now, "by": actor.name}
        if not run(connection, SQL["decide"], id=found.id, **values):
            raise Conflict(_decided(share))
        notes.add(connection, found.id, state, actor.name, now, text, channel, file)
        run(connection, SQL["settle"], id=found.id)
        slug = settings.channels.get(channel, "")
        audit.note(settings.workspace, actor.name, f"statement.{state}", str(number), channel=slug)
    return one(settings, number, actor)


def _decided(share: Share) -> str:
    said = (
        _("%(name)s has agreed to this share already.")
        if share.state == "agreed"
        else _("%(name)s has disputed this share already.")
    )
    return said % {"name": share.decided_by or ""}


# ---- closing ---------------------------------------------------------------------------------------------


def close(settings: ReportingSettings, number: int, actor: Actor, now: datetime) -> Statement:
    """For good. Conflict unless every channel has agreed."""
    may(actor)
    with transaction.atomic():
        found = _held(settings, number, actor, ("agreed",))
        notes.add(connection, found.id, "closed", actor.name, now)
        run(connection, SQL["sign"], id=found.id, at=now, by=actor.name)
        previous = chain.last_digest(connection, settings.workspace, number)
        digest = chain.digest(connection, found.id, previous)
        run(connection, SQL["close"], id=found.id, previous=previous, digest=digest)
        audit.note(settings.workspace, actor.name, chain.CLOSED, str(number), digest=digest)
    return one(settings, number, actor)


def _held(settings: ReportingSettings, number: int, actor: Actor, states: Sequence[str]) -> Statement:
    """A statement in one of these states, nobody else's until the transaction ends."""
    found = one(settings, number, actor)
    state = store.held_state(connection, found.id)
    if state not in states:
        raise Conflict(_why_not(found._replace(state=state or found.state), states))
    return found._replace(state=state or found.state)


def _why_not(found: Statement, wanted: Sequence[str]) -> str:
    if found.state == "closed":
        return _("Statement %(number)s is closed: what changed since stands in the next one.") % {
            "number": found.number
        }
    if tuple(wanted) == ("agreed",):
        return _("It can be closed once every channel has agreed.")
    if found.state == "draft":
        return _("The statement was not sent yet.")
    return _("The statement was sent: take it back to a draft first.")


def may(actor: Actor) -> None:
    """NotAllowed for who makes, sends and closes none."""
    if not actor.admin or actor.channels:
        raise NotAllowed(_("Statements are made, sent and closed by admins."))


def _days(period: Days) -> str:
    return f"{period.first} {period.last}"


def open_for(shares: Sequence[Share], actor: Actor) -> list[Share]:
    """The shares somebody may still answer for."""
    return [
        one
        for one in shares
        if one.channel != HOUSE
        and one.state != "agreed"
        and (one.channel in actor.channels or (actor.admin and not actor.channels))
    ]
