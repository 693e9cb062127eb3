"""The suggestions that are kept, and what people said of them. They name profiles by their leaders' keys.

A profile that joins another takes its suggestions along; where nothing is left to decide they go. What is accepted or
refused stays, and so does what follows of it in identity's own log (profiles/identity/edits.py).
Not here: how pairs are found (linking.py), how they are shown (listing.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from kernel.db import Connection, Statements, array, rows, run
from kernel.errors import Conflict, NotFound
from profiles.identity import kinds, standing
from profiles.suggestions import model
from profiles.suggestions.wire import Pair

SQL = Statements(__file__)

WAITS: Final = ("open", "later")
STATES: Final = ("open", "later", "accepted", "refused")
REST: Final = timedelta(days=30)  # of what is left for later
AT_ONCE: Final = 2_000  # pairs of a step
WAIT_SECONDS: Final = 20  # for who writes a workspace's suggestions


class Standing(NamedTuple):
    """A suggestion that waits: its two profiles as they are now, by serial and by key."""

    id: UUID
    state: str
    one: int
    one_key: UUID
    other: int
    other_key: UUID


def hold(db: Connection, workspace: int) -> None:
    """Nobody else writes a workspace's suggestions until the transaction ends. Before identity's own lock."""
    rows(db, SQL["hold"], workspace=workspace, wait=f"{WAIT_SECONDS}s")


def replace(db: Connection, workspace: int, found: Iterable[Pair], at: datetime) -> int:
    """What a run found in the place of what waited; how many pairs. In a transaction, `at` later than the run before.

    No pair that the rules or a person keep apart.
    """
    hold(db, workspace)
    settle(db, workspace)
    count, pairs = 0, iter(found)
    while some := list(islice(pairs, AT_ONCE)):
        allowed = list(_allowed(db, workspace, some))
        count += len(allowed)
        run(
            db,
            SQL["propose"],
            workspace=workspace,
            at=at,
            ones=array([pair.a for pair in allowed]),
            others=array([pair.b for pair in allowed]),
            scores=array([pair.score for pair in allowed]),
            weights=array([pair.weight for pair in allowed]),
            evidence=array([_evidence(pair) for pair in allowed]),
        )
    run(db, SQL["outdated"], workspace=workspace, at=at)
    run(db, SQL["awake"], workspace=workspace, at=at)
    return count


def _allowed(db: Connection, workspace: int, pairs: Sequence[Pair]) -> Iterator[Pair]:
    profiles = {one for pair in pairs for one in (pair.a, pair.b)}
    clusters = standing.clusters(db, workspace, kinds.of(db, workspace), profiles)
    return (pair for pair in pairs if clusters.fits(pair.a, pair.b))


def _evidence(pair: Pair) -> str:
    """Field, degree and bits of each that was compared; the values stay where they are."""
    told = zip(model.COMPARISONS, pair.levels, pair.weights, strict=True)
    return msgspec.json.encode([[one.field, model.degree(one, n), bits] for one, n, bits in told]).decode()


def settle(db: Connection, workspace: int) -> None:
    """What waits follows the profiles: re-pointed where one joined another, gone where nothing is left to decide."""
    run(db, SQL["close"], workspace=workspace)
    run(db, SQL["repoint"], workspace=workspace)


def waiting(db: Connection, workspace: int, number: UUID) -> Standing:
    """One that waits for a decision and still can be decided; else NotFound or Conflict."""
    found = rows(db, SQL["one"], workspace=workspace, id=number)
    if not found:
        raise NotFound(_("There is no such suggestion in this workspace."))
    one = Standing(number, *found[0])
    if one.state not in WAITS:
        raise Conflict(_("This suggestion is decided already."))
    if one.one == one.other:
        raise Conflict(_("The two are one customer by now."))
    return one


def check(db: Connection, workspace: int, one: Standing) -> None:
    """A Conflict where the rules as they stand, or a person, keep the two apart."""
    both = standing.clusters(db, workspace, kinds.of(db, workspace), {one.one, one.other})
    if not both.fits(one.one, one.other):
        raise Conflict(_("The identity rules keep these two customers apart by now."))


def decide(db: Connection, workspace: int, number: UUID, state: str, actor: str, at: datetime) -> None:
    """Accepted, refused, or left for later: then it waits again after a month."""
    until = at + REST if state == "later" else None
    run(db, SQL["decide"], workspace=workspace, id=number, state=state, until=until, at=at, actor=actor)
    settle(db, workspace)


def drop(db: Connection, workspace: int, number: UUID) -> None:
    """One that cannot be followed any more."""
    run(db, SQL["drop"], workspace=workspace, id=number)


def above(db: Connection, workspace: int, score: float, limit: int) -> list[UUID]:
    """The likeliest that wait and reach a score."""
    return [one for (one,) in rows(db, SQL["above"], workspace=workspace, score=score, limit=limit)]


def count_above(db: Connection, workspace: int, score: float) -> int:
    """How many wait and reach a score."""
    return int(rows(db, SQL["count_above"], workspace=workspace, score=score)[0][0])
