"""Messages that could not be used: kept as they were received, listed, fixed, sent again.

Not here: the reasons and their words (channels/reasons.py), the new request (resend.py), what a fix can say (fixes.py),
what is kept of who did what (repairs.py), what a fix would do (previews.py).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypedDict, Unpack
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext

from channels import reasons
from channels.inbox import fixes, log, repairs, reread, resend, worth
from channels.inbox.fixes import Fix
from channels.inbox.repairs import Repair
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
    amounts = [worth.of(bad.raw) for bad in firsts]
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
        money=array(amount for amount, _ in amounts),
        currencies=array(currency for _, currency in amounts),
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


NARROWING = {
    "reason": "r.reason = %(reason)s::text",
    "field": "r.field = %(field)s::text",
    "connector": "r.connector_id = %(connector)s::bigint",
    "channel": "c.channel_id = %(channel)s::bigint",
}


class Narrowed(TypedDict, total=False):
    """Which rejects; None is the same as not said. `connector` and `channel` are serial ids."""

    reason: str | None
    field: str | None
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
    names = ("reason", "field", "connector", "channel", "state")
    values: dict[str, Any] = {name: narrowed.get(name) for name in names} | {"field": _sound(narrowed)}
    _must_be_known(values["reason"], values["state"])
    wheres = ["r.workspace_id = %(workspace)s::bigint"]
    wheres += [NARROWING[name] for name in NARROWING if values[name] is not None]
    if values["state"] is not None:
        wheres.append(IN_STATE[values["state"]])
    values["workspace"] = workspace
    found = cursor.page(db, sql["listed"], wheres, values, NEWEST_FIRST, at, limit, _Kept._make)
    return found._replace(items=_all_shown(db, workspace, found.items, words, masked=masked))


def one(
    db: Connection, workspace: int, reject: UUID, *, masked: bool, words: Wording = reasons.english
) -> dict[str, Any]:
    """One reject, as in the list."""
    where = " where r.workspace_id = %(workspace)s::bigint and r.id = %(reject)s::uuid"
    found = rows(db, sql["listed"] + where, workspace=workspace, reject=str(reject))
    if not found:
        raise NotFound(gettext("There is no such reject."))
    (shown,) = _all_shown(db, workspace, [_Kept(*found[0])], words, masked=masked)
    return shown


def _must_be_known(reason: str | None, state: str | None) -> None:
    if state is not None and state not in STATES:
        raise BadRequest(gettext("The state is one of %(all)s.") % {"all": ", ".join(STATES)}, "bad_state")
    if reason is not None and reason not in reasons.REASONS:
        names = ", ".join(reasons.REASONS)
        raise BadRequest(gettext("The reason is one of %(all)s.") % {"all": names}, "bad_reason")


class _Kept(NamedTuple):
    """A reject as `listed` gives it."""

    received_at: datetime
    id: UUID
    reason: str
    field: str
    code: str | None
    params: str | None
    hint: str
    message_id: str
    connector: UUID
    state: str
    raw: str
    copies: int
    updated_at: datetime


def _all_shown(
    db: Connection, workspace: int, kept: Sequence[_Kept], words: Wording, *, masked: bool
) -> list[dict[str, Any]]:
    done = repairs.of(db, workspace, [one.id for one in kept])
    return [_shown(one, done.get(one.id, []), words, masked=masked) for one in kept]


def _shown(kept: _Kept, done: Sequence[Repair], words: Wording, *, masked: bool) -> dict[str, Any]:
    """`raw` as received, `fixed` as it stands now where somebody changed it, `repairs` what was done."""
    now = repairs.latest(kept.raw, done)
    went = kept.state != "open" and bool(done) and done[-1].request is not None
    judged = repairs.latest(kept.raw, done[:-1]) if went else now  # the text that the reason is about
    name, said = kept.field.rpartition(".")[2], fixes.value(judged, kept.field)
    value = reasons.quoted_whole(access.scrub({name: said})[name] if masked and name else said)
    params = json.loads(kept.params) if kept.params else {}
    hint = words(reasons.Why(kept.reason, kept.field, kept.code, params, kept.hint, value))
    fixed = now if any(one.raw is not None for one in done) else None
    return {
        "id": str(kept.id),
        "reason": kept.reason,
        "field": kept.field,
        "hint": access.scrub(hint) if masked else hint,
        "message_id": access.scrub(kept.message_id) if masked else kept.message_id,
        "connector": str(kept.connector),
        "received_at": utc_text(kept.received_at),
        "state": kept.state,
        "raw": scrubbed(kept.raw) if masked else kept.raw,
        "fixed": scrubbed(fixed) if masked and fixed is not None else fixed,
        "repairs": repairs.shown(kept.raw, done, masked=masked),
        "copies": kept.copies,
        "updated_at": utc_text(kept.updated_at),
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
NONE = {"replayed": 0, "still_bad": 0}


class Which(TypedDict, total=False):
    """The open rejects that a replay takes up: all, unless narrowed. `connector` is a serial id."""

    ids: Sequence[str] | None
    reason: str | None
    field: str | None
    connector: int | None


def _sound(which: Mapping[str, Any]) -> str | None:
    """The field that is asked for, without what no column holds."""
    field = which.get("field")
    return None if field is None else str(field).replace("\x00", "")


class Act(NamedTuple):
    """What somebody does to rejects: replays them as they stand, gives one a text of its own, or applies a fix."""

    actor: str
    fix: Fix = ()
    text: str | None = None

    def changed(self, now: str) -> str | None:
        """The text that is to be read; None: this act has nothing to do here."""
        if self.fix:
            return fixes.apply(now, self.fix)
        return now if self.text is None else self.text

    @property
    def data(self) -> list[dict[str, Any]] | None:
        """Its fix, as it is kept."""
        return [change.data() for change in self.fix] or None


def asked(workspace: int, which: Which) -> dict[str, Any]:
    """The same, as the statements want it."""
    ids = which.get("ids")
    return {
        "workspace": workspace,
        "ids": None if ids is None else array(ids),
        "reason": which.get("reason"),
        "field": _sound(which),
        "connector": which.get("connector"),
    }


def replay(
    db: Connection,
    workspace: int,
    act: Act,
    *,
    blocked: Sequence[tuple[str, str]] = (),
    **which: Unpack[Which],
) -> dict[str, int]:
    """Open rejects are read by today's settings; the good ones go into the inbox once more.

    Twice changes nothing: a reject is taken up only while it is open, and it is locked meanwhile.
    """
    done = dict(NONE)
    for done in steps(db, workspace, act, blocked=blocked, **which):  # noqa: B007
        pass
    return done


def waiting(db: Connection, workspace: int, **which: Unpack[Which]) -> int:
    """How many open rejects a replay would take up."""
    return int(rows(db, sql["waiting"], **asked(workspace, which))[0][0])


def steps(
    db: Connection,
    workspace: int,
    act: Act,
    *,
    blocked: Sequence[tuple[str, str]] = (),
    **which: Unpack[Which],
) -> Iterator[dict[str, int]]:
    """A replay in transactions of STEP rejects; the counts so far after each.

    `still_bad` are those it leaves: what a fix has nothing to do for, or does not bring in, stays as it was.
    """
    done, after = dict(NONE), BEFORE_ALL
    while True:
        with transaction.atomic():
            picked = rows(db, sql["pick"], after=str(after), step=STEP, **asked(workspace, which))
            if not picked:
                return
            kept = [resend.Kept(*row) for row in picked]
            after = kept[-1].id
            snapshot = apply.snapshot(db, workspace, blocked)
            good = _send_good(db, workspace, kept, snapshot, act)
            done["replayed"] += good
            done["still_bad"] += len(kept) - good
        yield dict(done)


def _send_good(db: Connection, workspace: int, kept: list[resend.Kept], snapshot: Snapshot, act: Act) -> int:
    """Appends what is good now; the others get the reason they have now, unless a fix left them. How many went."""
    before = {one.id: one.raw for one in kept}
    again = reread.now(db, workspace, kept, snapshot, act.changed)
    entries: list[log.Entry] = []
    sent: dict[UUID, tuple[str, UUID]] = {}
    for one in again.good:
        row = one.row
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
        sent |= {member.id: (member.raw, row.request) for member in one.kept}
    run(db, sql["replayed"], workspace=workspace, ids=array(sorted(sent)))
    done = [
        repairs.Done(key, raw if raw != before[key] else None, request)
        for key, (raw, request) in sent.items()
    ]
    if not act.fix:
        _say_why(db, workspace, again.bads)
        left = [] if act.text is None else [key for key, _ in again.bads]
        done += [repairs.Done(key, act.text, None) for key in left]
    repairs.note(db, workspace, act.actor, act.data, done)
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
    db: Connection,
    workspace: int,
    reject: UUID,
    raw: str,
    actor: str,
    blocked: Sequence[tuple[str, str]] = (),
) -> dict[str, int]:
    """A person's own version of a message is replayed in its place; what was received stays beside it."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as wrong:
        raise BadRequest(
            gettext("This is not valid JSON yet: check commas, quotes and brackets."), "bad_json"
        ) from wrong
    if not isinstance(found, dict):
        raise BadRequest(gettext('A message is an object: {"type": "track", …}.'), "not_an_object")
    with transaction.atomic():
        if not rows(db, sql["hold"], workspace=workspace, reject=str(reject)):
            raise NotFound(gettext("There is no open reject with this id."))
        act = Act(actor, text=raw.replace("\x00", ""))
        return replay(db, workspace, act, ids=[str(reject)], blocked=blocked)
