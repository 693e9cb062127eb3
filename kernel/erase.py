"""What of a person lies in the kernel's tables, and how it goes: files that were made, views that were kept, reasons.

Not here: the order of an erasure (cdp/pipeline/erasure.py).
"""

from collections.abc import Iterable
from uuid import UUID

from kernel import sweep
from kernel.db import Connection, Statements, array, run
from kernel.erased import Person

SQL = Statements(__file__)
SWEPT = {"kernel_job": ("detail",), "kernel_audit": ("target", "detail")}


def erase(db: Connection, workspace: int, person: Person, keys: Iterable[UUID]) -> dict[str, int]:
    """Files of exports, all of them: they are made again in a moment. Views whose question names the person go too."""
    run(db, SQL["may_change_audit"])
    counts = {
        "kernel_filepart": run(db, SQL["files"], workspace=workspace),
        "kernel_savedview": run(
            db, SQL["views"], workspace=workspace, patterns=sweep.inside([form for form, _ in person.telling])
        ),
        "kernel_audit": run(
            db, SQL["reasons"], workspace=workspace, targets=array([str(key) for key in keys])
        ),
    }
    for table, n in sweep.away(db, workspace, SWEPT, person).items():
        counts[table] = counts.get(table, 0) + n
    run(db, SQL["may_not_change_audit"])
    return counts
