"""Messages that could not be used: kept whole, listed, mended, sent again. Not here: the new request (resend.py).

A new reason: a line in REASONS, and an Unfit with it in channels/mapping.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cdp.kernel import access, cursor
from cdp.kernel.cursor import Order, Page
from cdp.kernel.db import Connection, Statements, array, rows, run
from cdp.kernel.errors import BadRequest, NotFound
from cdp.kernel.event import Bad
from channels.inbox import log, resend
from channels.mapping import apply
from channels.snapshot import Snapshot

sql = Statements(__file__)

STATES = ("open", "replayed", "closed")


class Reason(NamedTuple):
    """What is shown of a reason: its name, and what a person can do."""

    label: Promise
    cure: Promise


REASONS: dict[str, Reason] = {
    "not_an_object": Reason(
        _("Not an object"), _("Each item of a batch is a JSON object: mend what the sender builds.")
    ),
    "no_type": Reason(
        _("No type"), _("Say what the message is: track, identify, page, screen, group or alias.")
    ),
    "unknown_type": Reason(
        _("Unknown type"), _("Use one of the types that exist; a misspelt one can be mended here.")
    ),
    "no_identity": Reason(
        _("Nobody named"),
        _(
            "Send a userId, an anonymousId or another identifier that is no placeholder such as 0, null or guest."
        ),
    ),
    "no_event_name": Reason(_("Event without a name"), _("A track call needs its event's name.")),
    "bad_properties": Reason(
        _("Properties of the wrong form"), _("properties and traits are objects, products a list of objects.")
    ),
    "bad_time": Reason(
        _("Time not readable"), _("Send ISO 8601 or epoch seconds or milliseconds, from 1970 on.")
    ),
    "too_large": Reason(_("Too large"), _("A message has at most 512 KB: send less with it.")),
    "missing_field": Reason(_("Field missing"), _("Add the field that the hint names, then replay.")),
    "bad_amount": Reason(_("Amount not usable"), _("Amounts are numbers from 0 to 10^15, such as 1234.50.")),
    "bad_currency": Reason(_("Currency not known"), _("Use a code of ISO 4217, such as CNY or EUR.")),
    "unknown_channel": Reason(
        _("Channel not known"), _("Make the channel, or use the short name of one there is.")
    ),
    "stops_worker": Reason(
        _("Stops the worker"),
        _("This message ended the process that worked on it. Report it; its neighbours are in."),
    ),
}


# ---- in ---------------------------------------------------------------------------------------


def add(db: Connection, workspace: int, bads: Sequence[Bad]) -> int:
    """Keeps bad messages; how many are new. A copy of one that is there, or of a stored one, is a repeat."""
    if not bads:
        return 0
    copies: dict[UUID, list[Bad]] = {}
    for bad in sorted(bads, key=lambda bad: (bad.received_at, bad.request, bad.position)):
        copies.setdefault(bad.id, []).append(bad)
    firsts = [copies[key][0] for key in sorted(copies)]
    found = rows(
        db,
        sql["add"],
        workspace=workspace,
        ids=array(bad.id for bad in firsts),
        connectors=array(bad.connector for bad in firsts),
        reasons=array(bad.reason for bad in firsts),
        fields=array(bad.field for bad in firsts),
        hints=array(bad.hint for bad in firsts),
        message_ids=array(bad.message_id for bad in firsts),
        requests=array(bad.request for bad in firsts),
        positions=array(bad.position for bad in firsts),
        times=array(bad.received_at for bad in firsts),
        raws=array(bad.raw.replace("\x00", "") for bad in firsts),
        copies=array(len(copies[bad.id]) for bad in firsts),
    )
    return sum(new for (new,) in found)


# ---- lists ------------------------------------------------------------------------------------

NEWEST_FIRST = Order("r.received_at", "timestamptz", "r.id")


# As `listed` shows it. Open ones are asked about one by one, newest first, until the page is full: an anti-join would
# read all messages ever seen, and the planner takes this for half of them.
IN_STATE = {
    "open": "r.state = 'open' and not coalesce((select true from channels_seen n"
    " where n.workspace_id = r.workspace_id and n.id = r.id), false)",
    "replayed": "r.state = 'replayed'",
    "closed": "r.state <> 'replayed' and s.state = 'closed'",
}


class Narrowed(TypedDict, total=False):
    """Which rejects; None is the same as not said. `connector` and `channel` are serial ids."""

    reason: str | None
    connector: int | None
    channel: int | None
    state: str | None


def page(
    db: Connection,
    workspace: int,
    *,
    masked: bool,
    at: str | None = None,
    limit: int = cursor.LIMIT,
    **narrowed: Unpack[Narrowed],
) -> Page:
    """Rejects, newest first, as contracts 1 shows them. `at` is a cursor."""
    reason, connector, channel, state = (
        narrowed.get(name) for name in ("reason", "connector", "channel", "state")
    )
    if state is not None and state not in STATES:
        raise BadRequest(gettext("The state is one of %(all)s.") % {"all": ", ".join(STATES)}, "bad_state")
    if reason is not None and reason not in REASONS:
        raise BadRequest(gettext("The reason is one of %(all)s.") % {"all": ", ".join(REASONS)}, "bad_reason")
    wheres = ["r.workspace_id = %(workspace)s::bigint"]
    if reason is not None:
        wheres.append("r.reason = %(reason)s::text")
    if connector is not None:
        wheres.append("r.connector_id = %(connector)s::bigint")
    if channel is not None:
        wheres.append("c.channel_id = %(channel)s::bigint")
    if state is not None:
        wheres.append(IN_STATE[state])
    values = {
        "workspace": workspace,
        "reason": reason,
        "connector": connector,
        "channel": channel,
        "state": state,
    }
    return cursor.page(
        db, sql["listed"], wheres, values, NEWEST_FIRST, at, limit, lambda row: _shown(row, masked=masked)
    )


def one(db: Connection, workspace: int, reject: UUID, *, masked: bool) -> dict[str, Any]:
    """One reject, as in the list."""
    where = " where r.workspace_id = %(workspace)s::bigint and r.id = %(reject)s::uuid"
    found = rows(db, sql["listed"] + where, workspace=workspace, reject=str(reject))
    if not found:
        raise NotFound(gettext("There is no such reject."))
    return _shown(found[0], masked=masked)


def _shown(row: Sequence[Any], *, masked: bool) -> dict[str, Any]:
    received_at, reject, reason, field, hint, message_id, connector, state, raw, copies, updated_at = row
    return {
        "id": str(reject),
        "reason": reason,
        "field": field,
        "hint": access.scrub(hint) if masked else hint,
        "message_id": access.scrub(message_id) if masked else message_id,
        "connector": str(connector),
        "received_at": _time(received_at),
        "state": state,
        "raw": scrubbed(raw) if masked else raw,
        "copies": copies,
        "updated_at": _time(updated_at),
    }


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def scrubbed(raw: str) -> str:
    """The message with contact data masked: by field where it can be read, else by look."""
    try:
        return json.dumps(access.scrub(json.loads(raw)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return str(access.scrub(raw))


# ---- out again --------------------------------------------------------------------------------

STEP = 500  # rejects taken up in one transaction
BEFORE_ALL = UUID(int=0)


class Which(TypedDict, total=False):
    """The open rejects that a replay takes up: all, unless narrowed. `connector` is a serial id."""

    ids: Sequence[str] | None
    reason: str | None
    connector: int | None


def _asked(workspace: int, which: Which) -> dict[str, Any]:
    """The same, as the statements want it."""
    ids = which.get("ids")
    return {
        "workspace": workspace,
        "ids": None if ids is None else array(ids),
        "reason": which.get("reason"),
        "connector": which.get("connector"),
    }


def replay(
    db: Connection, workspace: int, *, blocked: Sequence[tuple[str, str]] = (), **which: Unpack[Which]
) -> dict[str, int]:
    """Open rejects are read by today's settings; the good ones go into the inbox once more.

    Twice changes nothing: a reject is taken up only while it is open, and it is locked meanwhile.
    """
    done = {"replayed": 0, "still_bad": 0}
    for done in steps(db, workspace, blocked=blocked, **which):  # noqa: B007
        pass
    return done


def waiting(db: Connection, workspace: int, **which: Unpack[Which]) -> int:
    """How many open rejects a replay would take up."""
    return int(rows(db, sql["waiting"], **_asked(workspace, which))[0][0])


def steps(
    db: Connection, workspace: int, *, blocked: Sequence[tuple[str, str]] = (), **which: Unpack[Which]
) -> Iterator[dict[str, int]]:
    """A replay in transactions of STEP rejects; the counts so far after each."""
    done = {"replayed": 0, "still_bad": 0}
    after = BEFORE_ALL
    while True:
        with transaction.atomic():
            picked = rows(db, sql["pick"], after=str(after), step=STEP, **_asked(workspace, which))
            if not picked:
                return
            kept = [resend.Kept(*row) for row in picked]
            after = kept[-1].id
            snapshot = apply.snapshot(db, workspace, blocked)
            good = _send_good(db, workspace, kept, snapshot)
            done["replayed"] += good
            done["still_bad"] += len(kept) - good
        yield dict(done)


def _send_good(db: Connection, workspace: int, kept: list[resend.Kept], snapshot: Snapshot) -> int:
    """Appends what is good now; the others get the reason they have now. How many went."""
    first = {
        request: (door, body)
        for request, door, body in rows(
            db,
            sql["first_requests"],
            workspace=workspace,
            times=array(one.received_at for one in kept),
            requests=array(one.request for one in kept),
        )
    }
    entries, sent, bads = [], [], []
    for again in resend.requests(kept, first, snapshot, datetime.now(UTC)):
        prepared = apply.prepare([again.row], snapshot)
        bads += [(again.kept[bad.position].id, bad) for bad in prepared.bads]
        good = sorted(
            [clean.position for clean in prepared.cleans] + [one.position for one in prepared.records]
        )
        if good:
            resent = resend.only(again, good)
            row = resent.row
            entries.append(
                log.Entry(
                    workspace, row.received_at, row.request, row.connector_id, row.door, row.n, row.body
                )
            )
            sent += [one.id for one in resent.kept]
    run(db, sql["replayed"], workspace=workspace, ids=array(sorted(sent)))
    _say_why(db, workspace, bads)
    log.append(db, entries)
    return len(sent)


def _say_why(db: Connection, workspace: int, bads: list[tuple[UUID, Bad]]) -> None:
    if bads:
        run(
            db,
            sql["still_bad"],
            workspace=workspace,
            ids=array(key for key, _ in bads),
            reasons=array(bad.reason for _, bad in bads),
            fields=array(bad.field for _, bad in bads),
            hints=array(bad.hint for _, bad in bads),
        )


def mend(
    db: Connection, workspace: int, reject: UUID, raw: str, blocked: Sequence[tuple[str, str]] = ()
) -> dict[str, int]:
    """A person's own version of a message takes its place and is replayed."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as wrong:
        raise BadRequest(
            gettext("This is no JSON yet: check commas, quotes and brackets."), "bad_json"
        ) from wrong
    if not isinstance(found, dict):
        raise BadRequest(gettext('A message is an object: {"type": "track", …}.'), "not_an_object")
    if not run(db, sql["mend"], workspace=workspace, reject=str(reject), raw=raw.replace("\x00", "")):
        raise NotFound(gettext("There is no open reject with this id."))
    return replay(db, workspace, ids=[str(reject)], blocked=blocked)
