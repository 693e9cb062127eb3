"""Refused edges: seen together and yet in two profiles, with the reason. Not here: shared values (shared.py)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from kernel import cursor
from kernel.db import Connection, Statements, array, rows
from profiles.identity import evidence, kinds, later, standing
from profiles.identity.join import Clusters, Sort
from profiles.identity.kinds import Rules
from profiles.identity.listing import Named, named

sql = Statements(__file__)

ORDER = cursor.Order("c.first_t", "timestamptz", "c.key", "text")
# Nobody has said of the two profiles that they are two people, and nobody left the edge for later.
UNDECIDED = """(c.p, c.q) not in (
    select least(x.profile_id, y.profile_id), greatest(x.profile_id, y.profile_id)
    from profiles_cannot n
    join profiles_identifier x on x.workspace_id = n.workspace_id and x.id = n.a
    join profiles_identifier y on y.workspace_id = n.workspace_id and y.id = n.b
    where n.workspace_id = %(workspace)s::int
) and (c.a, c.b) not in (select l.a, l.b from unnest(%(left_a)s::bigint[], %(left_b)s::bigint[]) as l(a, b))"""


class Refused(NamedTuple):
    """An edge that joined nobody. `reason` is what step 5's test says of the two profiles as they stand."""

    a: Named
    b: Named
    rank: int  # the edge's class; 0: an alias
    message_id: str
    event: UUID | None
    at: datetime
    reason: str  # limit, forbidden (a person split them)
    kind: str  # of a limit
    namespace: str
    most: int | None


class Around(NamedTuple):
    """Seen together with a profile, and yet not of it. `reason`: shared, limit, forbidden."""

    inside: Named
    outside: Named
    message_id: str
    event: UUID
    at: datetime
    reason: str
    kind: str
    namespace: str
    most: int | None
    n: int  # of a shared value: the centres it stands with


def around(db: Connection, workspace: int, profile: int, limit: int = cursor.LIMIT) -> list[Around]:
    """What did not join one profile, newest evidence first."""
    found = rows(db, sql["around"], workspace=workspace, profile=profile, limit=limit)
    rules = kinds.of(db, workspace)
    names = named(db, workspace, {end for row in found for end in row[1:3]})
    told = evidence.messages(db, workspace, [(at, event) for at, _, _, event, _ in found])
    profiles = standing.clusters(db, workspace, rules, {one.profile for one in names.values()})
    shared = array(sorted({row[2] for row in found if row[4]}))
    counts = dict(rows(db, sql["stands_with"], workspace=workspace, ids=shared))
    made = []
    for at, x, y, event, is_shared in found:
        inside, outside = names[x], names[y]
        if is_shared:
            why: tuple[str, Sort, int | None] = ("shared", (outside.kind, outside.namespace), None)
        else:
            why = _reason(rules, profiles, inside.profile, outside.profile)
        reason, sort, most = why
        made.append(
            Around(inside, outside, told.get(event, ""), event, at, reason, *sort, most, counts.get(y, 0))
        )
    return made


def page(db: Connection, workspace: int, after: str | None = None, limit: int = cursor.LIMIT) -> cursor.Page:
    """A page of the conflicts, newest evidence first."""
    found = cursor.page(db, sql["conflicts"], ["true"], {"workspace": workspace}, ORDER, after, limit, tuple)
    return found._replace(items=_explained(db, workspace, found.items))


def undecided(
    db: Connection, workspace: int, now: datetime, after: str | None = None, limit: int = cursor.LIMIT
) -> cursor.Page:
    """The same of those that wait for a person's word."""
    values = _left(db, workspace, now)
    found = cursor.page(db, sql["conflicts"], [UNDECIDED], values, ORDER, after, limit, tuple)
    return found._replace(items=_explained(db, workspace, found.items))


def count(db: Connection, workspace: int) -> int:
    """How many there are."""
    return int(rows(db, sql["count"], workspace=workspace)[0][0])


def count_undecided(db: Connection, workspace: int, now: datetime) -> int:
    """How many wait for a person's word."""
    text = f"select count(*) from ({sql['conflicts']} where {UNDECIDED}) waiting"  # noqa: S608 (our own texts)
    return int(rows(db, text, **_left(db, workspace, now))[0][0])


def _left(db: Connection, workspace: int, now: datetime) -> dict[str, Any]:
    """What `UNDECIDED` is asked with."""
    left = later.of(db, workspace, now)
    return {
        "workspace": workspace,
        "left_a": array([one.a for one in left]),
        "left_b": array([one.b for one in left]),
    }


def _explained(db: Connection, workspace: int, items: Sequence[tuple[Any, ...]]) -> list[Refused]:
    """The edges with their ends and the reason."""
    rules = kinds.of(db, workspace)
    names = named(db, workspace, {end for item in items for end in item[2:4]})
    profiles = standing.clusters(db, workspace, rules, {one.profile for one in names.values()})
    told = evidence.messages(db, workspace, [(item[0], item[5]) for item in items if not item[6]])
    explained = []
    for at, _, a, b, message, event, manual in items:
        left, right = names[a], names[b]
        reason, sort, most = _reason(rules, profiles, left.profile, right.profile)
        rank = 0 if manual else rules[right.kind].rank
        said = told.get(event, message)
        explained.append(Refused(left, right, rank, said, event, at, reason, *sort, most))
    return explained


def _reason(rules: Rules, profiles: Clusters, x: int, y: int) -> tuple[str, Sort, int | None]:
    """Why two profiles cannot be one."""
    if profiles.apart(x, y):
        return "forbidden", ("", ""), None
    sort = profiles.over(x, y)
    return ("limit", sort, rules[sort[0]].most) if sort else ("limit", ("", ""), None)
