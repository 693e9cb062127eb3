"""Messages that could not be used: kept whole, listed, mended, sent again.

Not here: the reasons and their words (channels/reasons.py), the new request (resend.py).
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext

from channels import reasons
from channels.inbox import log, resend
from channels.mapping import apply
from channels.reasons import Wording
from channels.snapshot import Snapshot
from kernel import cursor
from kernel.cursor import Order, Page
from kernel.db import Connection, Statements, array, rows, run
from kernel.errors import BadRequest, NotFound
from kernel.event import RejectedMessage
from kernel.periods import utc_text
from kernel.web import access

sql = Statements(__file__)

STATES = ("open", "replayed", "closed")
JSON = msgspec.json.Encoder()


# ---- in ---------------------------------------------------------------------------------------


def add(db: Connection, workspace: int, bads: Sequence[RejectedMessage]) -> int:
    """Keeps bad messages; how many are new. A copy of one that is there, or of a stored one, is a repeat."""
    if not bads:
        return 0
    copies: dict[UUID, list[RejectedMessage]] = {}
    for bad in sorted(bads, key=lambda bad: (bad.received_at, bad.request, bad.position)):
        copies.setdefault(bad.id, []).append(bad)
    firsts = [copies[key][0] for key in sorted(copies)]
    found = rows(
        db,
        sql["add"],
        workspace=workspace,
        ids=array(bad.id for bad in firsts),
        connectors=array(bad.connector for bad in firsts),
        **_why(firsts),
        message_ids=array(bad.message_id for bad in firsts),
        requests=array(bad.request for bad in firsts),
        positions=array(bad.position for bad in firsts),
        times=array(bad.received_at for bad in firsts),
        raws=array(bad.raw.replace("\x00", "") for bad in firsts),
        copies=array(len(copies[bad.id]) for bad in firsts),
    )
    return sum(new for (new,) in found)


def _why(bads: Sequence[RejectedMessage]) -> dict[str, str]:
    """Why each cannot be used, as the statements want it; no parameters are null."""
    return {
        "reasons": array(bad.reason for bad in bads),
        "codes": array(bad.code for bad in bads),
        "fields": array(bad.field for bad in bads),
        "params": array(JSON.encode(bad.params).decode() if bad.params else None for bad in bads),
    }


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
    words: Wording = reasons.english,
    **narrowed: Unpack[Narrowed],
) -> Page:
    """Rejects, newest first, as the read API shows them. `at` is a cursor, `words` say what is wrong."""
    reason, connector, channel, state = (
        narrowed.get(name) for name in ("reason", "connector", "channel", "state")
    )
    if state is not None and state not in STATES:
        raise BadRequest(gettext("The state is one of %(all)s.") % {"all": ", ".join(STATES)}, "bad_state")
    if reason is not None and reason not in reasons.REASONS:
        names = ", ".join(reasons.REASONS)
        raise BadRequest(gettext("The reason is one of %(all)s.") % {"all": names}, "bad_reason")
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

    def shown(row: Sequence[Any]) -> dict[str, Any]:
        return _shown(row, words, masked=masked)

    return cursor.page(db, sql["listed"], wheres, values, NEWEST_FIRST, at, limit, shown)


def one(
    db: Connection, workspace: int, reject: UUID, *, masked: bool, words: Wording = reasons.english
) -> dict[str, Any]:
    """One reject, as in the list."""
    where = " where r.workspace_id = %(workspace)s::bigint and r.id = %(reject)s::uuid"
    found = rows(db, sql["listed"] + where, workspace=workspace, reject=str(reject))
    if not found:
        raise NotFound(gettext("There is no such reject."))
    return _shown(found[0], words, masked=masked)


def _shown(row: Sequence[Any], words: Wording, *, masked: bool) -> dict[str, Any]:
    received_at, reject, reason, field, code, params, said, message_id, connector, *rest = row
    state, raw, copies, updated_at = rest
    hint = words(reasons.Why(reason, field, code, json.loads(params) if params else {}, said))
    return {
        "id": str(reject),
        "reason": reason,
        "field": field,
        "hint": access.scrub(hint) if masked else hint,
        "message_id": access.scrub(message_id) if masked else message_id,
        "connector": str(connector),
        "received_at": utc_text(received_at),
        "state": state,
        "raw": scrubbed(raw) if masked else raw,
        "copies": copies,
        "updated_at": utc_text(updated_at),
    }


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
        request: resend.First(door, body, said)
        for request, door, body, said in rows(
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
                    workspace=workspace,
                    received_at=row.received_at,
                    request=row.request,
                    connector=row.connector_id,
                    door=row.door,
                    n=row.n,
                    body=row.body,
                    sender=row.sender,
                )
            )
            sent += [one.id for one in resent.kept]
    run(db, sql["replayed"], workspace=workspace, ids=array(sorted(sent)))
    _say_why(db, workspace, bads)
    log.append(db, entries)
    return len(sent)


def _say_why(db: Connection, workspace: int, bads: list[tuple[UUID, RejectedMessage]]) -> None:
    if bads:
        run(
            db,
            sql["still_bad"],
            workspace=workspace,
            ids=array(key for key, _ in bads),
            **_why([bad for _, bad in bads]),
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
