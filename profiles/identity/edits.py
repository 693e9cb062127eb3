"""What a person decides about two profiles: merge, split, keep apart, each with its reason, and the log a rebuild folds
again.

What reaches too far for one go is logged all the same: a split separates at once, what joins waits (waiting.py).
Not here: what follows of it for the other profiles (replay.py), summaries and spans (the caller, with the answer).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from kernel import audit
from kernel.db import Connection, Statements, array, rows, run
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.event import Owners
from profiles.identity import kinds, locks, recompute
from profiles.identity.join import Edge
from profiles.identity.kinds import Rules
from profiles.identity.locks import Held
from profiles.identity.replay import Reach, redo

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
    return _merge(locks.hold(db, workspace, locks.LONGEST), (a, b), edit)


def split(db: Connection, workspace: int, a: UUID, b: UUID, edit: Edit) -> Owners:
    """Two identifiers of one profile (by key) are not one person: they never share a profile again."""
    _check(edit)
    if a == b:
        raise BadRequest(_("A split names two different identifiers of the profile."), "same_identifier")
    return _split(locks.hold(db, workspace, locks.LONGEST), (a, b), edit)


def keep_apart(db: Connection, workspace: int, a: UUID, b: UUID, edit: Edit) -> None:
    """Two identifiers of two profiles (by key) are two people: they never share a profile. Until a person merges them.

    Nobody moves: where two ends came out apart, a pair that forbids them to meet refuses only what was refused.
    """
    _check(edit)
    held = locks.hold(db, workspace, locks.LONGEST)
    one, other = (_end(db, workspace, key) for key in (a, b))
    if one.profile == other.profile:
        raise Conflict(_("They are one customer by now: undo the join on the customer's page."))
    if one.shared or other.shared:
        raise Conflict(_("A shared identifier joins nobody: there is nothing to keep apart."))
    _forbid(db, workspace, one.id, other.id)
    _log(held, "apart", (one, other), [], edit)


def _merge(held: Held, keys: tuple[UUID, UUID], edit: Edit) -> Owners:
    """With the workspace held: free the pairs between them, add the edge, replay the two with their ring."""
    rules = kinds.of(held.db, held.workspace)
    a, b = (_leader(held.db, held.workspace, key) for key in keys)
    if a.profile == b.profile:
        raise Conflict(_("Both ids belong to one profile already."))
    if a.shared or b.shared:
        raise Conflict(_("A shared identifier joins no one: merge customer profiles instead."))
    values = {"workspace": held.workspace, "p": a.profile, "q": b.profile}
    lifted = rows(held.db, sql["lift"], **values)
    strong, weak = _strong_first(held.workspace, rules, (a, b))
    _connect(held.db, held.workspace, strong, weak, edit)
    _log(held, "merge", (a, b), [[str(x), str(y)] for x, y in lifted], edit)
    joined = Edge(strong, weak, (edit.at, edit.reason, None), manual=True)
    return redo(held, rules, {a.profile, b.profile}, [joined], Reach.PERSON)


def _split(held: Held, keys: tuple[UUID, UUID], edit: Edit) -> Owners:
    """With the workspace held: forbid the pair, take away their own merge, replay the profile with its ring."""
    a, b = (_end(held.db, held.workspace, key) for key in keys)
    if a.profile != b.profile:
        raise Conflict(_("The two identifiers are in different profiles already."))
    _forbid(held.db, held.workspace, a.id, b.id)
    _log(held, "split", (a, b), [], edit)
    return redo(held, kinds.of(held.db, held.workspace), {a.profile}, [], Reach.PERSON)


def fold(db: Connection, workspace: int) -> Owners:
    """After a rebuild: the log's merges and splits once more, in their order, then the whole workspace by them.

    An end that no event names any more is passed over: it holds nothing.
    """
    run(db, sql["forget_pairs"], workspace=workspace)
    run(db, sql["forget_merges"], workspace=workspace)
    rules = kinds.of(db, workspace)
    for what, a, b, lifted, reason, actor, at in rows(db, sql["log"], workspace=workspace):
        ends = [End(*row) for row in rows(db, sql["by_keys"], workspace=workspace, keys=array([a, b]))]
        if len(ends) < 2:
            continue
        strong, weak = _strong_first(workspace, rules, ends)
        if what in ("split", "apart"):
            _forbid(db, workspace, strong, weak)
            continue
        pairs = [UUID(key) for pair in msgspec.json.decode(lifted) for key in pair]
        run(db, sql["free"], workspace=workspace, a=array(pairs[::2]), b=array(pairs[1::2]))
        _connect(db, workspace, strong, weak, Edit(reason, actor, at))
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


def _strong_first(workspace: int, rules: Rules, ends: Iterable[End]) -> list[int]:
    """The ids of two ends as edges keep them, however they were named: the same after a rebuild as before."""
    return [
        end.id
        for end in sorted(
            ends,
            key=lambda end: (
                rules[end.kind].rank,
                end.kind,
                end.namespace,
                kinds.opened(workspace, end.kind, end.value),
            ),
        )
    ]


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
    audit.note(held.workspace, edit.actor, f"profile.{what}", str(a.key), **detail)


def _named(end: End) -> str:
    """An end for the log: what it is, not what number it has."""
    named = {"kind": end.kind, "namespace": end.namespace, "key": str(end.key), "value": end.value}
    return msgspec.json.encode(named).decode()


def _check(edit: Edit) -> None:
    """A person's decision has a reason, for those who look at it later."""
    if not edit.reason.strip():
        raise BadRequest(_("Give a reason: it is kept with the change."), "no_reason")
    if len(edit.reason) > REASON_LENGTH:
        raise BadRequest(_("The reason is too long."), "reason_too_long")
