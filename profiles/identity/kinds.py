"""The kinds of identifiers, how much each may join, and what is no identifier at all. Not here: the join (join.py).

A new kind with rules of its own is a row in DEFAULTS; any other kind that is met gets OTHER's.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kernel import values
from kernel.db import Connection, Statements, array, rows, run
from kernel.errors import BadRequest
from kernel.secrets import decrypt, encrypt

sql = Statements(__file__)


class Kind(NamedTuple):
    """`rank`: 1 is the strongest. `most`: values (per namespace) in one profile. `exclusive`: counts for fan-out."""

    rank: int
    most: int
    fan_out: int | None
    exclusive: bool = False


DEFAULTS: Mapping[str, Kind] = {
    "user_id": Kind(1, 1, None, exclusive=True),
    "member_no": Kind(2, 1, None, exclusive=True),
    "unionid": Kind(3, 1, None, exclusive=True),
    "marketplace_uid": Kind(4, 1, 2, exclusive=True),
    "openid": Kind(5, 1, 2, exclusive=True),
    "phone": Kind(6, 3, 3),
    "email": Kind(7, 5, 3),
    "device_id": Kind(8, 100, 3),
    "anonymous_id": Kind(9, 1000, 3),
}
OTHER = Kind(10, 5, 3)
MOST_LISTED = 500  # kinds of a workspace
ENCRYPTED = frozenset({"phone", "email"})


class Rules(dict[str, Kind]):
    """The kinds of one workspace; a kind never met answers as OTHER."""

    blocked: tuple[tuple[str, str], ...] = ()

    def __missing__(self, kind: str) -> Kind:
        return OTHER

    def blocks(self, kind: str, value: str) -> bool:
        """Whether the workspace says that a normalised value is no identifier (what never is one: values.py)."""
        return values.blocks(self.blocked, kind, value)


def of(db: Connection, workspace: int) -> Rules:
    """The rules as they stand in the database: a few rows, read anew for every batch."""
    rules, blocked = Rules(DEFAULTS), []
    for kind, rank, most, fan_out, exclusive, pattern in rows(db, sql["rules"], workspace=workspace):
        if pattern is None:
            rules[kind] = Kind(rank, most, fan_out, exclusive)
        else:
            blocked.append((kind, pattern))
    rules.blocked = tuple(sorted(blocked))
    return rules


def meet(db: Connection, workspace: int, rules: Rules, met: Iterable[str]) -> None:
    """Kinds met for the first time are listed from now on, up to a number: a sender that makes up kinds without
    end must not make every batch read them. Unlisted ones answer as OTHER too. Nothing changes the others' ranks."""
    unknown = sorted({kind for kind in met if kind not in rules})[: max(0, MOST_LISTED - len(rules))]
    if unknown:
        run(db, sql["meet"], workspace=workspace, kinds=array(unknown), **OTHER._asdict())
        rules.update(dict.fromkeys(unknown, OTHER))


def write(db: Connection, workspace: int, name: str, kind: Kind) -> None:
    """Give a kind other rules. Profiles follow by `recompute.workspace`, in the same transaction."""
    run(db, sql["write"], workspace=workspace, kind=name, **kind._asdict())


def block(db: Connection, workspace: int, kind: str, pattern: str) -> None:
    """From now on what matches is no identifier; kind '' means every kind. What lies there: `recompute.workspace`."""
    if values.pattern(pattern) is None:
        raise BadRequest(f"{pattern[:60]!r} is no regular expression: it would block nothing.", "bad_pattern")
    run(db, sql["block"], workspace=workspace, kind=kind, pattern=pattern)


def sealed(workspace: int, kind: str, value: str) -> str:
    """A value as it is stored: contact data encrypted."""
    return encrypt(value, f"{workspace}/{kind}") if kind in ENCRYPTED else value


def opened(workspace: int, kind: str, stored: str) -> str:
    """The normalised value of what is stored."""
    return decrypt(stored, f"{workspace}/{kind}") if kind in ENCRYPTED else stored
