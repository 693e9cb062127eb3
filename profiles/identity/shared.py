"""Violations: shared values and whom they would have joined, limits that held, values with many conflicts.

Not here: how a value becomes shared (join.py), single refused edges (conflicts.py).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from kernel import cursor
from kernel.db import Connection, Statements, array, rows
from profiles.identity import kinds
from profiles.identity.listing import Named, named

sql = Statements(__file__)

MANY_CONFLICTS = 20  # a value with more of them is listed: the strongest kinds are never shared
SAMPLES = 5  # of whom a shared value would have joined

ORDER = cursor.Order("v.at", "timestamptz", "v.key", "text")


class Violation(NamedTuple):
    """`what`: shared, limit, conflicts. `name`: the value; of a limit, the profile's leader."""

    what: str
    name: Named
    at: datetime
    kind: str  # of a limit: the kind there is too much of, and its namespace
    namespace: str
    n: int  # shared: centres it stands with; limit: values held; conflicts: refused edges
    most: int | None
    would_join: tuple[Named, ...]  # shared: some of its centres


def page(db: Connection, workspace: int, after: str | None = None, limit: int = cursor.LIMIT) -> cursor.Page:
    """A page of the violations, the latest value first."""
    rules = kinds.of(db, workspace)
    values = {
        "workspace": workspace,
        "many": MANY_CONFLICTS,
        "other": kinds.OTHER.most,
        "mosts": msgspec.json.encode({name: kind.most for name, kind in rules.items()}).decode(),
        "exclusive": array([name for name, kind in rules.items() if kind.exclusive]),
    }
    found = cursor.page(db, sql["violations"], ["true"], values, ORDER, after, limit, tuple)
    return found._replace(items=_shown(db, workspace, found.items))


def _shown(db: Connection, workspace: int, items: Sequence[tuple[Any, ...]]) -> list[Violation]:
    """The violations with names."""
    centres: dict[int, list[int]] = defaultdict(list)
    shared = array(sorted(item[3] for item in items if item[2] == "shared"))
    for value, centre in rows(db, sql["centres"], workspace=workspace, ids=shared, samples=SAMPLES):
        centres[value].append(centre)
    names = named(
        db, workspace, {item[3] for item in items} | {one for found in centres.values() for one in found}
    )
    return [
        Violation(what, names[id_], at, kind, namespace, n, most, tuple(names[one] for one in centres[id_]))
        for at, _, what, id_, kind, namespace, n, most in items
    ]
