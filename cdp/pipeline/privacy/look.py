"""What is there of a person who was erased: by keyed hashes alone, or for her values where they are said again.

Values are held for the time of the look and kept nowhere; what is kept is what was found, by table.
Not here: the erasure (erasure.py).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cdp.pipeline.erasure import Erasure
from cdp.pipeline.privacy import certificate, inventory
from channels import erase as bodies
from kernel import sweep
from kernel.db import Connection, Statements, rows
from kernel.erased import Known, Person, writings
from metrics import erase as facts
from profiles import erase as people

SQL = Statements(__file__)


def at(
    db: Connection, workspace: int, erasure: Erasure, given: Mapping[UUID, tuple[str, str]]
) -> dict[str, Any]:
    """`given`: identifiers that are said again, by key: kind and value, in the forms that are looked for.

    -> {"clean", "signature", "found": {table: rows}, "suppressed", "values", "at"}.
    """
    found = {"profiles_identifier": len(people.of_keys(db, workspace, erasure.keys))}
    if given:
        found |= _values(db, workspace, given)
    found = {table: n for table, n in sorted(found.items()) if n}
    suppressed = people.are_suppressed(db, workspace, erasure.keys) == set(erasure.keys)
    signed = certificate.good(erasure.certificate)
    return {
        "clean": not found and signed and suppressed in (erasure.suppress, True),
        "signature": "good" if signed else "bad",
        "found": found,
        "suppressed": suppressed,
        "values": len(given),
        "at": datetime.now(UTC).isoformat(),
    }


def _values(db: Connection, workspace: int, given: Mapping[UUID, tuple[str, str]]) -> dict[str, int]:
    """Every table with texts, decoded where it is encoded, every file, and the planner's statistics."""
    person = Person([Known(0, key, kind, "", value, "") for key, (kind, value) in given.items()])
    for one in person.known:
        person.learn(one.value, one)
        if one.kind == "phone":
            person.learn(one.value.removeprefix("+").removeprefix(people.HOME[1:]), one)
    forms = person.needles()
    found = {table: sweep.holding(db, workspace, table, forms) for table in inventory.TABLES}
    found["channels_inbox"] += bodies.encoded_holding(db, workspace, forms)
    found["profiles_trait"] += people.sealed_holding(db, workspace, forms)
    bare = [written for form, _ in person.telling for written in writings(form)]
    if bare:
        found["mirror"] = facts.holding(workspace, bare)
        found["pg_stats"] = len(rows(db, SQL["statistics"], patterns=sweep.inside(bare)))
    return found


def forms_of(identifiers: Sequence[tuple[UUID, str, str]]) -> dict[UUID, tuple[str, str]]:
    """Identifiers as `at` takes them: (key, kind, value)."""
    return {key: (kind, value) for key, kind, value in identifiers}
