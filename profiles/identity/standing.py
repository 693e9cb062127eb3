"""Profiles as they stand, as the join sees them: what each holds, which may never meet, the edges inside.

Asked when profiles might join (replay.py), and when a person asks why they did (listing.py) or did not
(conflicts.py). Not here: the join (join.py).
"""

from collections.abc import Callable, Collection
from uuid import UUID

from kernel.db import Connection, Statements, array, rows
from profiles.identity.evidence import EventKey
from profiles.identity.join import Clusters, Edge, Sort
from profiles.identity.kinds import Rules

sql = Statements(__file__)

Ask = Callable[[Connection, int, Collection[EventKey]], dict[UUID, str]]


def clusters(db: Connection, workspace: int, rules: Rules, profiles: Collection[int]) -> Clusters:
    """Each profile by itself, with its counts and the pairs that keep them apart."""
    found = Clusters(rules)
    if not profiles:
        return found
    values = {"workspace": workspace, "profiles": array(sorted(profiles))}
    counts: dict[int, dict[Sort, int]] = {profile: {} for profile in profiles}
    for profile, kind, namespace, n in rows(db, sql["counts"], **values):
        counts[profile][kind, namespace] = n
    for profile, count in counts.items():
        found.add(profile, count)
    for x, y in rows(db, sql["apart"], **values):
        found.forbid(x, y)
    return found


def edges(db: Connection, workspace: int, profiles: Collection[int], ask: Ask) -> list[Edge]:
    """The unvoided edges, by hand too, with both ends in these profiles. `ask`: how message ids are looked up, for all
    (`evidence.messages`) or to tell events of one time apart (`evidence.tied`)."""
    found = rows(db, sql["edges"], workspace=workspace, profiles=array(sorted(profiles)))
    told = ask(db, workspace, [(at, event) for _, _, at, _, event, manual in found if not manual])
    return [
        Edge(a, b, (at, told.get(event, message), event), manual)
        for a, b, at, message, event, manual in found
    ]
