"""What was done, read back: who, what, when, on what. Not here: writing it (kernel/audit.py)."""

import json
from typing import Any, Final

from kernel import cursor
from kernel.cursor import Order, Page
from kernel.db import Connection
from kernel.periods import utc_text

SELECT: Final = """
select a.at, a.id, a.actor, a.action, a.target, a.detail
from kernel_audit a"""
ORDER: Final = Order("a.at", "timestamptz", "a.id", "bigint")
# Each filter with the condition that it is.
FILTERS: Final = {
    "actor": "a.actor = %(actor)s::text",
    "action": "(a.action = %(action)s::text or a.action like %(action)s::text || '.%%')",
    "target": "a.target = %(target)s::text",
    "after": "a.at >= %(after)s::timestamptz",
    "before": "a.at < %(before)s::timestamptz",
}


def page(db: Connection, workspace: int, given: dict[str, Any], at: str | None, limit: int) -> Page:
    """A cursor page, newest first. `given`: of FILTERS; an action's first word takes all of its kind."""
    wanted = {name: value for name, value in given.items() if name in FILTERS}
    wheres = ["a.workspace_id = %(workspace)s::bigint", *(FILTERS[name] for name in wanted)]
    return cursor.page(db, SELECT, wheres, {"workspace": workspace, **wanted}, ORDER, at, limit, _line)


def _line(row: Any) -> dict[str, Any]:
    at, number, actor, action, target, detail = row
    return {
        "id": number,
        "at": utc_text(at),
        "actor": actor,
        "action": action,
        "target": target,
        "detail": json.loads(detail) if isinstance(detail, str) else detail,
    }
