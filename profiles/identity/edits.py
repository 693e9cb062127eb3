"""What a person decides about two profiles: merge and split, each with its reason, and the log a rebuild folds again.

Not here: what follows of it for the other profiles (replay.py), summaries and spans (the caller, with the answer).
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from cdp.kernel.db import Connection, Statements, array, rows, run
from cdp.kernel.errors import BadRequest, Conflict, NotFound
from cdp.kernel.event import Owners
from cdp.kernel.models import Audit
from profiles.identity import kinds, recompute
from profiles.identity.locks import Held, holding
from profiles.identity.replay import Change
from profiles.identity.resolve import touched

sql = Statements(__file__)

REASON_LENGTH = 500  # characters


class End(NamedTuple):
    """An identifier that an edit names, as it stands now."""

    id: int
    key: UUID
    kind: str
    namespace: str
    value: str  # as stored
    profile: int
    shared: bool


class Edit(NamedTuple):
    """Who says so, why and when."""

    reason: str
    actor: str
    at: datetime


def merge(db: Connection, workspace: int, a: UUID, b: UUID, edit: Edit) -> Owners:
    """Join the profiles of two ids (any identifier's key) for good: an edge of class 0 between their leaders."""
    _check(edit)
    ends = [_leader(db, workspace, key) for key in (a, b)]
    return holding(db, workspace, {end.profile for end in ends}, partial(_merge, keys=(a, b), edit=edit))


def split(db: Connection, workspace: int, a: UUID, b: UUID, edit: Edit) -> Owners:
    """Two identifiers of one profile (by key) are not one person: they never share a profile again."""
    _check(edit)
    if a == b:
        raise BadRequest(_("A split names two different identifiers of the profile."), "same_identifier")
    ends = [_end(db, workspace, key) for key in (a, b)]
    return holding(db, workspace, {end.profile for end in ends}, partial(_split, keys=(a, b), edit=edit))


def _merge(held: Held, keys: tuple[UUID, UUID], edit: Edit) -> Owners:
    """With both profiles held: free the pairs between them, add the edge, replay the two with their ring."""
    rules = kinds.of(held.db, held.workspace)
    a, b = (_leader(held.db, held.workspace, key) for key in keys)
    held.need((a.profile, b.profile))
    if a.profile == b.profile:
        raise Conflict(_("Both ids belong to one profile already."))
    if a.shared or b.shared:
        raise Conflict(_("A shared identifier joins nobody: merge profiles of persons."))
    values = {"workspace": held.workspace, "p": a.profile, "q": b.profile}
    lifted = rows(held.db, sql["lift"], **values)
    strong, weak = sorted(
        (a, b), key=lambda end: (rules[end.kind].rank, end.kind, end.namespace, _plain(held, end))
    )
    _connect(held.db, held.workspace, strong.id, weak.id, edit)
    _log(held, "merge", (a, b), [[str(x), str(y)] for x, y in lifted], edit)
    return _replay(held, {a.profile, b.profile})


def _split(held: Held, keys: tuple[UUID, UUID], edit: Edit) -> Owners:
    """With the profile held: forbid the pair, take away their own merge, replay the profile with its ring."""
    a, b = (_end(held.db, held.workspace, key) for key in keys)
    held.need((a.profile, b.profile))
    if a.profile != b.profile:
        raise Conflict(_("The two identifiers are in different profiles already."))
    _forbid(held.db, held.workspace, a.id, b.id)
    _log(held, "split", (a, b), [], edit)
    return _replay(held, {a.profile})


def _replay(held: Held, middle: set[int]) -> Owners:
    """Fact 4, and the answer for summaries and spans."""
    change = Change(held, kinds.of(held.db, held.workspace))
    change.settle([], middle, {}, {})
    change.write(set())
    moved = change.moved(set())
    return Owners(
        set(), {move.sighting: move.after for move in moved}, moved, set(), touched(middle, moved, change)
    )


def fold(db: Connection, workspace: int) -> Owners:
    """After a rebuild: the log's merges and splits once more, in their order, then the whole workspace by them.

    An end that no event names any more is passed over: it holds nothing.
    """
    run(db, sql["forget_pairs"], workspace=workspace)
    run(db, sql["forget_merges"], workspace=workspace)
    for what, a, b, lifted, reason, actor, at in rows(db, sql["log"], workspace=workspace):
        found = dict(rows(db, sql["by_keys"], workspace=workspace, keys=array([a, b])))
        ends = [found[key] for key in (a, b) if key in found]
        if len(ends) < 2:
            continue
        if what == "split":
            _forbid(db, workspace, ends[0], ends[1])
            continue
        pairs = [UUID(key) for pair in msgspec.json.decode(lifted) for key in pair]
        run(db, sql["free"], workspace=workspace, a=array(pairs[::2]), b=array(pairs[1::2]))
        _connect(db, workspace, ends[0], ends[1], Edit(reason, actor, at))
    return recompute.workspace(db, workspace)


def _connect(db: Connection, workspace: int, strong: int, weak: int, edit: Edit) -> None:
    """An edge of class 0 by hand."""
    run(db, sql["connect"], workspace=workspace, a=strong, b=weak, at=edit.at, reason=edit.reason)


def _forbid(db: Connection, workspace: int, a: int, b: int) -> None:
    """A cannot-link pair; a merge of just these two ends goes."""
    run(db, sql["forbid"], workspace=workspace, a=min(a, b), b=max(a, b))
    run(db, sql["disconnect"], workspace=workspace, a=a, b=b)


def _end(db: Connection, workspace: int, key: UUID) -> End:
    """An identifier by its key."""
    found = rows(db, sql["end"], workspace=workspace, key=key)
    if not found:
        raise NotFound(_("There is no such identifier in this workspace."))
    return End(*found[0])


def _leader(db: Connection, workspace: int, key: UUID) -> End:
    """The leader of the profile that an id belongs to."""
    found = rows(db, sql["leader"], workspace=workspace, key=key)
    if not found:
        raise NotFound(_("There is no such profile in this workspace."))
    return End(*found[0])


def _plain(held: Held, end: End) -> str:
    """The normalised value."""
    return kinds.opened(held.workspace, end.kind, end.value)


def _log(held: Held, what: str, ends: Iterable[End], lifted: list[list[str]], edit: Edit) -> None:
    """Into the log that rebuild folds, and into the audit."""
    a, b = ends
    run(
        held.db,
        sql["write_log"],
        workspace=held.workspace,
        at=edit.at,
        what=what,
        a=_named(a),
        b=_named(b),
        lifted=msgspec.json.encode(lifted).decode(),
        reason=edit.reason,
        actor=edit.actor,
    )
    detail: dict[str, Any] = {"other": str(b.key), "reason": edit.reason, "lifted": len(lifted)}
    Audit.objects.create(
        workspace_id=held.workspace,
        actor=edit.actor,
        action=f"profile.{what}",
        target=str(a.key),
        detail=detail,
    )


def _named(end: End) -> str:
    """An end for the log: what it is, not what number it has."""
    named = {"kind": end.kind, "namespace": end.namespace, "key": str(end.key), "value": end.value}
    return msgspec.json.encode(named).decode()


def _check(edit: Edit) -> None:
    """A person's decision has a reason, for those who look at it later."""
    if not edit.reason.strip():
        raise BadRequest(_("Say why: the reason is kept with the change."), "no_reason")
    if len(edit.reason) > REASON_LENGTH:
        raise BadRequest(_("The reason is too long."), "reason_too_long")
